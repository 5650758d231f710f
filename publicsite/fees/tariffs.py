"""What the page of fees shows of each programme: the rows of its fee table by day, made for people (PY-08, PY-09).
Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from quota.programmes import FeeRow, PaymentRules, Programme
from submission.fees import PERSONS, FeePerson, row_on


class ShownTariff(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table: from which day of submission on, and what each person costs in cents, in the order of the
    columns. `in_force`: what a submission of today costs."""

    since: date
    cents: Sequence[int]
    in_force: bool


class ProgrammeTariffs(msgspec.Struct, frozen=True, kw_only=True):
    """A programme with its fees: the persons who are counted, as columns, and its rows, the newest first. `sample`:
    some amount is an example."""

    name: str
    columns: Sequence[str]
    rows: Sequence[ShownTariff]
    payment: PaymentRules
    sample: bool


def tariffs_of(programme: Programme, today: date) -> ProgrammeTariffs | None:
    """What is shown of a programme; None where it asks for nothing."""
    if not programme.fees:
        return None
    counted = [person for person in FeePerson if _is_counted(programme, person)]
    now = row_on(programme.fees, today)
    rows = [
        ShownTariff(since=row.since, cents=[_cents(row, person) for person in counted], in_force=row == now)
        for row in reversed(programme.fees)
    ]
    return ProgrammeTariffs(
        name=programme.name, columns=[PERSONS[person] for person in counted], rows=rows,
        payment=programme.payment, sample=any(row.sample for row in programme.fees),
    )  # fmt: skip


def all_tariffs(programmes: Iterable[Programme], today: date) -> list[ProgrammeTariffs]:
    """The same of every programme that asks for something, in their order."""
    found = [tariffs_of(programme, today) for programme in programmes]
    return [one for one in found if one is not None]


def without_fees(programmes: Iterable[Programme]) -> list[str]:
    """The names of the programmes whose rules say that they ask for nothing (PY-10)."""
    return [one.name for one in programmes if not one.payment.asks_fees]


def missing_row(programme: Programme, today: date) -> date | None:
    """The next 1 January, where the fee table has no row for that year (PY-09); None where it has, or asks for
    nothing."""
    following = date(today.year + 1, 1, 1)
    if not programme.fees or any(row.since >= following for row in programme.fees):
        return None
    return following


def _is_counted(programme: Programme, person: FeePerson) -> bool:
    return person is FeePerson.PRINCIPAL or getattr(programme.fee_count, person) is not None


def _cents(row: FeeRow, person: FeePerson) -> int:
    cents: int | None = getattr(row, person)
    return cents or 0
