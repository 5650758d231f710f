"""The fee of an application: fixed with its submission, by the row of the fee table that is in force that day (PY-09).

It is written into the submission's own row, in the transaction that accepts it: from the receipt on there is one, and a
later table changes nothing. Who is counted beside the principal, the frozen answers say. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from foundation.calendar.days import day_of
from quota.programmes import FeeCount, FeeRow, Programme
from submission.forms.evaluation import Evaluation
from submission.forms.values import YES
from submission.signing.frozen import FrozenAnswers


class FeePerson(StrEnum):
    """Whom a line of the fee is for; the names are those of the fee table."""

    PRINCIPAL = "principal"
    """Who applies: always one."""
    SPOUSE = "spouse"
    """The spouse who comes along."""
    DEPENDANT = "dependant"
    """Each child who comes along."""


PERSONS = {
    FeePerson.PRINCIPAL: "Requérante ou requérant principal",
    FeePerson.SPOUSE: "Époux ou conjoint",
    FeePerson.DEPENDANT: "Enfant à charge",
}
"""Person -> what is read of them."""


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """How many persons of a kind, and what each of them costs in cents."""

    person: FeePerson
    count: int
    each: int

    @property
    def cents(self) -> int:
        return self.count * self.each


class FixedFee(msgspec.Struct, frozen=True, kw_only=True):
    """A fee that was fixed: its lines, and the row of the fee table (`since`) that it was taken from."""

    since: date
    lines: tuple[FeeLine, ...]
    sample: bool = False

    @property
    def cents(self) -> int:
        """The whole fee."""
        return sum(line.cents for line in self.lines)


def row_on(rows: Sequence[FeeRow], day: date) -> FeeRow | None:
    """The row of a fee table that is in force on a day; None before the first one. Rows are in the order of days."""
    return next((row for row in reversed(rows) if row.since <= day), None)


def fixed(
    programme: Programme | None, persons: Mapping[FeePerson, int], submitted_at: int
) -> FixedFee | None:
    """The fee of an application that is submitted at this instant for so many persons; None where the table has no row
    for it. The day is that of the submission in Montréal, so that nobody pays what was not known then (PY-09)."""
    row = None if programme is None else row_on(programme.fees, day_of(submitted_at))
    if row is None:
        return None
    each = {FeePerson(kind): getattr(row, kind) for kind in FeePerson}
    lines = (
        FeeLine(person=kind, count=persons[kind], each=each[kind])
        for kind in FeePerson
        if persons.get(kind) and each[kind] is not None
    )
    return FixedFee(since=row.since, lines=tuple(lines), sample=row.sample)


def for_more(
    programme: Programme | None, before: Mapping[FeePerson, int], after: Mapping[FeePerson, int], at: int
) -> FixedFee | None:
    """The fee of the persons who are more `after` than `before`, by the row for the day of this instant (PY-09). None
    where nobody is, or they cost nothing; fewer persons give nothing back."""
    more = {kind: max(0, after.get(kind, 0) - before.get(kind, 0)) for kind in FeePerson}
    fee = fixed(programme, more, at)
    return None if fee is None or not fee.cents else fee


def of_draft(programme: Programme | None, found: Evaluation, submitted_at: int) -> FixedFee | None:
    """The fee of a form that is submitted as it is filled in. None as for `fixed`."""
    if programme is None:
        return None
    return fixed(programme, persons_filled_in(programme.fee_count, found.visible), submitted_at)


def of_signed(programme: Programme | None, answers: FrozenAnswers, submitted_at: int) -> FixedFee | None:
    """The same, of what was signed then: another process finds the same fee."""
    if programme is None:
        return None
    return fixed(programme, persons_signed(programme.fee_count, answers), submitted_at)


def persons_of(count: FeeCount, answers: Iterable[tuple[str, str]]) -> dict[FeePerson, int]:
    """How many persons of each kind, of the path (`children.comes`, whichever child it is) and value of each answer."""
    asked = {FeePerson.SPOUSE: count.spouse, FeePerson.DEPENDANT: count.dependant}
    yes = [path for path, value in answers if value == YES]
    return {FeePerson.PRINCIPAL: 1} | {kind: yes.count(path) for kind, path in asked.items() if path in yes}


def persons_filled_in(count: FeeCount, visible: Mapping[str, str]) -> dict[FeePerson, int]:
    """The same, of what is seen of a form that is filled in: `children.k2.comes` is one of the children's."""
    yes = (path.split(".") for path, value in visible.items() if value == YES)  # few of a long form
    return persons_of(count, ((f"{names[0]}.{names[-1]}", YES) for names in yes))


def persons_signed(count: FeeCount, answers: FrozenAnswers) -> dict[FeePerson, int]:
    """The same, of what was signed."""
    return persons_of(
        count,
        (
            (f"{section.id}.{answer.field}", answer.value)
            for section in answers.sections
            for member in section.members
            for answer in member.answers
        ),
    )


def written(fee: FixedFee | None) -> str | None:
    """The text of the column."""
    return None if fee is None else msgspec.json.encode(fee).decode()


def read(text: str | None) -> FixedFee | None:
    """The fee of the column; None where none was fixed."""
    return None if text is None else msgspec.json.decode(text, type=FixedFee)
