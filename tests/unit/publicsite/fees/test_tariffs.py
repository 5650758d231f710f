"""The fee tables as people read them, and the alarm for a year that has none."""

from datetime import date

import msgspec
import pytest

from config.settings import PROGRAMMES
from publicsite.fees.tariffs import all_tariffs, missing_row, tariffs_of, without_fees
from quota.programmes import PaymentRules, load_all

KNOWN = load_all(PROGRAMMES)


def test_rows_by_day_the_newest_first_and_the_one_in_force() -> None:
    found = tariffs_of(KNOWN["prtq-2016"], date(2016, 6, 13))
    assert found is not None and found.sample
    assert [row.since.year for row in found.rows] == [2021, 2020, 2013]
    assert [row.in_force for row in found.rows] == [False, False, True]
    assert len(found.columns) == 3 and list(found.rows[2].cents) == [75_000, 16_000, 16_000]


def test_a_programme_without_fees_is_not_shown() -> None:
    bare = msgspec.structs.replace(KNOWN["demo"], fees=())
    assert all_tariffs([bare], date(2016, 6, 13)) == []
    assert missing_row(bare, date(2016, 6, 13)) is None
    assert without_fees([bare]) == []
    free = msgspec.structs.replace(bare, payment=PaymentRules(policy="none"))
    assert without_fees([KNOWN["demo"], free]) == [bare.name]


@pytest.mark.parametrize(
    ("today", "missing"), [(date(2020, 12, 31), None), (date(2021, 1, 1), date(2022, 1, 1))]
)
def test_the_next_january_that_has_no_row(today: date, missing: date | None) -> None:
    assert missing_row(KNOWN["prtq-2016"], today) == missing
