"""Conditions of a form as data: a closed tree of typed terms, and what each of them asks.

A term names a field by its path `section.field`, or by its own name alone within one section; in a repeated section
that is the field of the same member. What is hidden counts as empty, and every term but `not` is false of what is
empty: so an answer that nobody sees decides nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, TypeAlias, Union

import msgspec
from msgspec import Meta

from submission.forms.answers import SectionAnswers

Reference = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=100)]

Years = Annotated[int, Meta(ge=0, le=150)]


class ConditionTerm(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", forbid_unknown_fields=True):
    """One node of the tree; `is` says which."""


class AllOf(ConditionTerm, frozen=True, kw_only=True, tag="all"):
    """Every one of these."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1)]


class AnyOf(ConditionTerm, frozen=True, kw_only=True, tag="any"):
    """At least one of these."""

    of: Annotated[tuple["Condition", ...], Meta(min_length=1)]


class NotTerm(ConditionTerm, frozen=True, kw_only=True, tag="not"):
    """The contrary. True also of what is empty."""

    of: "Condition"


class EqualsTerm(ConditionTerm, frozen=True, kw_only=True, tag="equals"):
    """The field is this."""

    field: Reference
    value: str


class OneOfTerm(ConditionTerm, frozen=True, kw_only=True, tag="one_of"):
    """The field is one of these."""

    field: Reference
    values: Annotated[tuple[str, ...], Meta(min_length=1)]


class IncludesTerm(ConditionTerm, frozen=True, kw_only=True, tag="includes"):
    """Among the options that were chosen is this one."""

    field: Reference
    value: str


class FilledTerm(ConditionTerm, frozen=True, kw_only=True, tag="filled"):
    """Something stands in the field."""

    field: Reference


class GreaterTerm(ConditionTerm, frozen=True, kw_only=True, tag="greater"):
    """The number, or the year, is above this one."""

    field: Reference
    than: float


class LessTerm(ConditionTerm, frozen=True, kw_only=True, tag="less"):
    """The number, or the year, is below this one."""

    field: Reference
    than: float


class BeforeTerm(ConditionTerm, frozen=True, kw_only=True, tag="before"):
    """The date is before this day, or that of another field, or today where neither is named."""

    field: Reference
    day: date | None = None
    other: Reference | None = None


class AfterTerm(ConditionTerm, frozen=True, kw_only=True, tag="after"):
    """The date is after this day, or that of another field, or today where neither is named."""

    field: Reference
    day: date | None = None
    other: Reference | None = None


class AgeTerm(ConditionTerm, frozen=True, kw_only=True, tag="age"):
    """So many whole years lie between the date and today: `at_least` from that day on, `at_most` up to that day."""

    field: Reference
    at_least: Years | None = None
    at_most: Years | None = None


class CountTerm(ConditionTerm, frozen=True, kw_only=True, tag="count"):
    """A repeated section has so many members."""

    section: Reference
    at_least: Annotated[int, Meta(ge=0)] | None = None
    at_most: Annotated[int, Meta(ge=0)] | None = None


class SomeTerm(ConditionTerm, frozen=True, kw_only=True, tag="some"):
    """Of at least one member of a repeated section this is true; its fields are named by their own name alone."""

    section: Reference
    where: "Condition"


class DatesTerm(ConditionTerm, frozen=True, kw_only=True, tag="dates"):
    """Today is in this span of days, both ends included."""

    since: date | None = None
    until: date | None = None


Condition: TypeAlias = Union[  # noqa: UP007 - msgspec resolves the forward references of a Union
    AllOf, AnyOf, NotTerm, EqualsTerm, OneOfTerm, IncludesTerm, FilledTerm, GreaterTerm, LessTerm, BeforeTerm,
    AfterTerm, AgeTerm, CountTerm, SomeTerm, DatesTerm,
]  # fmt: skip


class ConditionState:
    """What conditions are asked about: values by path of what is seen, members by section, the day, and the member."""

    __slots__ = ("here", "members", "shown", "today", "today_iso", "values")

    def __init__(self, today: date) -> None:
        self.today = today
        self.today_iso = today.isoformat()
        self.values: dict[str, str] = {}
        self.shown: dict[str, SectionAnswers] = {}
        """The sections that are seen and not repeated, with what was filled in."""
        self.members: dict[str, list[str]] = {}
        """The prefixes of the members that are seen, such as `children.k1.`."""
        self.here = ""
        """The prefix of the member that is looked at."""


Test: TypeAlias = Callable[[ConditionState], bool]

Read: TypeAlias = Callable[[ConditionState], str]


def walk(condition: Condition) -> Iterator[Condition]:
    """This term and all below it, but not what `some` asks of members."""
    yield condition
    if isinstance(condition, AllOf | AnyOf):
        for term in condition.of:
            yield from walk(term)
    elif isinstance(condition, NotTerm):
        yield from walk(condition.of)


def add_years(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the first of March, where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1) if day.year + years <= date.max.year else date.max


def day_in(text: str) -> date | None:
    """An ISO date, or None."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def compiled(condition: Condition, section: str, is_repeated: bool) -> Test:
    """The condition as a function, as it is asked within this section."""
    return _Compiler(section, is_repeated).test(condition)


class _Compiler:
    """Turns terms into closures. `section` is where names without a section are looked for."""

    def __init__(self, section: str, is_repeated: bool) -> None:
        self._section, self._is_repeated = section, is_repeated
        self._by_type: Mapping[type, Callable[..., Test]] = {
            AllOf: self._all, AnyOf: self._any, NotTerm: self._not, EqualsTerm: self._equals, OneOfTerm: self._one_of,
            IncludesTerm: self._includes, FilledTerm: self._filled, GreaterTerm: self._greater, LessTerm: self._less,
            BeforeTerm: self._before, AfterTerm: self._after, AgeTerm: self._age, CountTerm: self._count,
            SomeTerm: self._some, DatesTerm: self._dates,
        }  # fmt: skip

    def test(self, condition: Condition) -> Test:
        return self._by_type[type(condition)](condition)

    def _read(self, field: str) -> Read:
        if "." in field:
            return lambda state: state.values.get(field, "")
        if self._is_repeated:
            return lambda state: state.values.get(state.here + field, "")
        path = f"{self._section}.{field}"
        return lambda state: state.values.get(path, "")

    def _all(self, term: AllOf) -> Test:
        tests = [self.test(one) for one in term.of]
        return lambda state: all(test(state) for test in tests)

    def _any(self, term: AnyOf) -> Test:
        tests = [self.test(one) for one in term.of]
        return lambda state: any(test(state) for test in tests)

    def _not(self, term: NotTerm) -> Test:
        test = self.test(term.of)
        return lambda state: not test(state)

    def _equals(self, term: EqualsTerm) -> Test:
        read, value = self._read(term.field), term.value
        return lambda state: read(state) == value

    def _one_of(self, term: OneOfTerm) -> Test:
        read, values = self._read(term.field), frozenset(term.values)
        return lambda state: read(state) in values

    def _includes(self, term: IncludesTerm) -> Test:
        read, value = self._read(term.field), term.value
        return lambda state: value in read(state).split(" ")

    def _filled(self, term: FilledTerm) -> Test:
        read = self._read(term.field)
        return lambda state: bool(read(state))

    def _greater(self, term: GreaterTerm) -> Test:
        read, than = self._read(term.field), term.than
        return lambda state: (found := _number(read(state))) is not None and found > than

    def _less(self, term: LessTerm) -> Test:
        read, than = self._read(term.field), term.than
        return lambda state: (found := _number(read(state))) is not None and found < than

    def _day(self, term: BeforeTerm | AfterTerm) -> Read:
        """The day that is compared with, as ISO: such texts compare as the days do."""
        if term.other is not None:
            return self._read(term.other)
        if isinstance(term.day, date):
            iso = term.day.isoformat()
            return lambda _: iso
        return lambda state: state.today_iso

    def _before(self, term: BeforeTerm) -> Test:
        read, day = self._read(term.field), self._day(term)
        return lambda state: day_in(found := read(state)) is not None and found < day(state)

    def _after(self, term: AfterTerm) -> Test:
        read, day = self._read(term.field), self._day(term)
        return lambda state: (
            day_in(found := read(state)) is not None and (other := day(state)) != "" and found > other
        )

    def _age(self, term: AgeTerm) -> Test:
        read, least, most = self._read(term.field), term.at_least, term.at_most

        def test(state: ConditionState) -> bool:
            born = day_in(read(state))
            if born is None:
                return False
            if least is not None and add_years(born, least) > state.today:
                return False
            return most is None or add_years(born, most) >= state.today

        return test

    def _count(self, term: CountTerm) -> Test:
        section, least, most = term.section, term.at_least, term.at_most

        def test(state: ConditionState) -> bool:
            count = len(state.members.get(section, ()))
            return (least is None or count >= least) and (most is None or count <= most)

        return test

    def _some(self, term: SomeTerm) -> Test:
        section, test = term.section, compiled(term.where, term.section, True)

        def any_member(state: ConditionState) -> bool:
            before, found = state.here, False
            for prefix in state.members.get(section, ()):
                state.here = prefix
                found = found or test(state)
            state.here = before
            return found

        return any_member

    def _dates(self, term: DatesTerm) -> Test:
        since, until = term.since, term.until
        return lambda state: (
            (since is None or state.today >= since) and (until is None or state.today <= until)
        )


def _number(text: str) -> float | None:
    """A number in its canonical form, or None."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
