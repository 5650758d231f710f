"""The fee of an application: by the row of its day, for the persons who come along."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from config.settings import PROGRAMMES
from quota.programmes import FeeRow, load
from submission import fees
from submission.fees import FeePerson
from submission.signing.frozen import FrozenAnswer, FrozenAnswers, FrozenMember, FrozenSection

PRTQ = load(PROGRAMMES / "prtq-2016.toml")

FAMILY = {
    "family.status": "marie", "spouse.comes": "oui", "children.k1.comes": "oui", "children.k2.comes": "non",
    "children.k3.comes": "oui",
}  # fmt: skip


def at(year: int, month: int, day: int, hour: int = 17) -> int:
    return round(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2012, 12, 31), None), (date(2013, 1, 1), 2013), (date(2019, 12, 31), 2013), (date(2020, 1, 1), 2020),
     (date(2020, 6, 13), 2020), (date(2026, 11, 30), 2021)],
)  # fmt: skip
def test_the_row_in_force_on_a_day(on: date, expected: int | None) -> None:
    row = fees.row_on(PRTQ.fees, on)
    assert (row and row.since.year) == expected


def test_the_day_is_that_of_montreal() -> None:
    """At three in the morning UTC of 1 January it is still the year before in Montréal (PY-09)."""
    before, after = (fees.fixed(PRTQ, {FeePerson.PRINCIPAL: 1}, at(2020, 1, 1, hour)) for hour in (3, 6))
    assert (before and before.cents, after and after.cents) == (75_000, 81_200)


def test_who_comes_along_is_counted() -> None:
    counted = fees.persons_filled_in(PRTQ.fee_count, FAMILY)
    assert counted == {FeePerson.PRINCIPAL: 1, FeePerson.SPOUSE: 1, FeePerson.DEPENDANT: 2}
    fee = fees.fixed(PRTQ, counted, at(2016, 6, 13))
    assert fee is not None
    assert [(line.person, line.count, line.cents) for line in fee.lines] == [
        ("principal", 1, 75_000), ("spouse", 1, 16_000), ("dependant", 2, 32_000),
    ]  # fmt: skip
    assert (fee.cents, fee.since, fee.sample) == (123_000, date(2013, 1, 1), True)


def test_who_comes_later_is_paid_by_the_row_of_that_day() -> None:
    """PM-01, PY-09: only who is more, never less than nothing, and by the table of the day of the amendment."""
    alone, family = {FeePerson.PRINCIPAL: 1}, {FeePerson.PRINCIPAL: 1, FeePerson.DEPENDANT: 2}
    more = fees.for_more(PRTQ, alone, family, at(2021, 1, 2))
    assert more is not None
    assert [(line.person, line.count, line.cents) for line in more.lines] == [("dependant", 2, 35_200)]
    assert fees.for_more(PRTQ, family, alone, at(2021, 1, 2)) is None
    assert fees.for_more(PRTQ, family, family, at(2021, 1, 2)) is None
    assert fees.for_more(PRTQ, alone, family, at(2012, 1, 2)) is None
    assert fees.for_more(None, alone, family, at(2021, 1, 2)) is None


def test_what_was_signed_counts_the_same() -> None:
    """Whether the fee is fixed with the submission or worked out later of what was signed, it is one fee."""

    def member(key: str, value: str) -> FrozenMember:
        return FrozenMember(key, "", [FrozenAnswer("comes", "", value)])

    children = [member("k1", "oui"), member("k2", "non"), member("k3", "oui")]
    sections = [
        FrozenSection("spouse", "", [member("", "oui")]), FrozenSection("children", "", children)
    ]  # fmt: skip
    signed = FrozenAnswers("prtq-2016", "1", "", sections)
    counted = fees.persons_filled_in(PRTQ.fee_count, FAMILY)
    assert fees.of_signed(PRTQ, signed, at(2016, 6, 13)) == fees.fixed(PRTQ, counted, at(2016, 6, 13))


def test_alone_only_the_principal_pays() -> None:
    assert fees.persons_filled_in(PRTQ.fee_count, {"family.status": "celibataire"}) == {
        FeePerson.PRINCIPAL: 1
    }


def test_without_a_row_or_a_programme_there_is_no_fee() -> None:
    bare = msgspec.structs.replace(PRTQ, fees=())
    for programme in (None, bare):
        assert fees.fixed(programme, {FeePerson.PRINCIPAL: 1}, at(2016, 6, 13)) is None
    assert fees.of_signed(None, FrozenAnswers("x", "1", "", []), 0) is None


def test_a_fee_is_read_as_it_was_written() -> None:
    fee = fees.fixed(PRTQ, {FeePerson.PRINCIPAL: 1, FeePerson.SPOUSE: 1}, at(2016, 6, 13))
    assert fees.read(fees.written(fee)) == fee
    assert fees.read(fees.written(None)) is None


def test_every_person_has_a_name_and_a_column() -> None:
    assert set(fees.PERSONS) == set(FeePerson)
    assert set(FeePerson) <= set(FeeRow.__struct_fields__)
