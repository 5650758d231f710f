"""Offices by use and date: the file that is shipped is right, a wrong one is refused with its place."""

from datetime import date
from pathlib import Path

import pytest

from config.settings import PROGRAMMES
from quota.offices.office_addresses import OfficeError, OfficeUse, load_offices, of_programme, office
from quota.programmes import ProgrammeError, load_all, office_of_all

ROWS = load_offices(PROGRAMMES)

EACH_DAY = [date(2016, 1, 5), date(2021, 9, 30), date(2021, 10, 1), date(2026, 1, 1)]

GOOD = """
[[offices]]
uses = ["letters", "payments"]
until = 2021-09-30
lines = ["Ministère", "Montréal"]
source = "DC-07"

[[offices]]
uses = ["letters"]
since = 2021-10-01
lines = ["Autre ministère", "Montréal"]
source = "DC-07"
"""


@pytest.mark.parametrize("day", EACH_DAY)
@pytest.mark.parametrize("use", list(OfficeUse))
def test_each_programme_has_an_office_for_every_use_on_every_day(use: OfficeUse, day: date) -> None:
    """No letter and no page is without an address."""
    for programme in load_all(PROGRAMMES).values():
        assert programme.office(use, day) is not None


def test_a_programme_s_own_office_is_not_another_s() -> None:
    """The demo's is the demo's alone, and never that of all."""
    day = date(2026, 1, 1)
    found = [office(of_programme(ROWS, id), OfficeUse.LETTERS, day) for id in ("demo", "prtq-2016")]
    assert [one is not None and one.sample for one in found] == [True, False]
    of_all = office_of_all(load_all(PROGRAMMES), OfficeUse.DOCUMENTS, day)
    assert of_all is not None and not of_all.programmes
    assert office_of_all({}, OfficeUse.DOCUMENTS, day) is None


def write(folder: Path, text: str) -> None:
    (folder / "offices").mkdir()
    (folder / "offices" / "offices.toml").write_text(text, "utf-8")


def test_the_address_changes_with_its_day(tmp_path: Path) -> None:
    """The last day of one is not the first of the next; a use that nobody has any more has no address."""
    write(tmp_path, GOOD)
    rows = load_offices(tmp_path)
    days = (date(2021, 9, 30), date(2021, 10, 1))
    found = [office(rows, OfficeUse.LETTERS, day) for day in days]
    assert [one and one.lines[0] for one in found] == ["Ministère", "Autre ministère"]
    assert office(rows, OfficeUse.PAYMENTS, days[1]) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "since = 2021-10-01",
            "since = 2021-09-30",
            "table 2: two addresses of letters are in force on one day",
        ),
        ("until = 2021-09-30", "since = 2022-01-01\nuntil = 2021-09-30", "table 1: since is after until"),
        ('"payments"', '"money"', "table 1: .*money"),
        ('lines = ["Ministère", "Montréal"]', 'lines = ["Ministère"]', "table 1: .*length >= 2"),
        ('source = "DC-07"', "", "table 1: .*source"),
        ("[[offices]]", "[[office]]", r"\[\[offices\]\] tables and nothing else"),
        ("2021-09-30", "2021-09-31", "cannot be read as TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(OfficeError, match=said):
        load_offices(tmp_path)


def test_a_folder_without_offices_has_none(tmp_path: Path) -> None:
    """An installation's own programmes go on without: the ministry's name stands alone then."""
    assert load_offices(tmp_path) == ()


def test_a_programme_file_has_no_offices_of_its_own(tmp_path: Path) -> None:
    """There is one place for them."""
    row = '\n[[offices]]\nuses = ["letters"]\nlines = ["a", "b"]\nsource = "c"\n'
    (tmp_path / "demo.toml").write_text((PROGRAMMES / "demo.toml").read_text("utf-8") + row, "utf-8")
    with pytest.raises(ProgrammeError, match=r"key offices: stands in offices/offices\.toml"):
        load_all(tmp_path)
