"""The windows of registration, as a table of instants (AC-07)."""

from datetime import date, datetime, time
from pathlib import Path

import msgspec
import pytest

from accounts.registration import windows
from accounts.registration.windows import RegistrationState, status_of
from config.settings import PROGRAMMES
from foundation.clock import montreal_instant
from foundation.errors import Refusal
from quota.programmes import ProgrammeError, RegistrationWindow, load, load_all

JANUARY = RegistrationWindow(
    opens=datetime.fromisoformat("2016-01-05T08:30"), closes=datetime.fromisoformat("2016-01-25T23:59")
)

SEPTEMBER = RegistrationWindow(not_later_than=date(2016, 9, 15))

S = RegistrationState


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return montreal_instant(datetime.combine(date(year, month, day), time(hour, minute)))


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(2015, 12, 1), S.ANNOUNCED),
        (at(2016, 1, 5, 8, 30), S.OPEN),
        (at(2016, 1, 25, 23, 58), S.OPEN),
        (at(2016, 1, 25, 23, 59), S.DATE_UNKNOWN),
        (at(2016, 9, 15, 23, 59), S.DATE_UNKNOWN),
        (at(2016, 9, 16), S.CLOSED),
    ],
    ids=["before", "opening", "last-minute", "closed", "latest-day", "after"],
)
def test_the_windows_of_2016(now: int, state: RegistrationState) -> None:
    """Open from the first instant to the last minute; then « au plus tard le 15 septembre », then closed."""
    found = status_of((JANUARY, SEPTEMBER), now)
    assert found.state is state
    assert {S.DATE_UNKNOWN: "15 septembre 2016", S.ANNOUNCED: "5 janvier 2016"}.get(
        state, "compte"
    ) in found.note


def test_a_window_without_an_end_is_open_until_further_notice() -> None:
    """And one without any window is closed."""
    assert status_of((RegistrationWindow(opens=JANUARY.opens),), at(2030, 1, 1)).state is S.OPEN
    assert status_of((), 0).state is S.CLOSED


def test_a_note_of_the_programme_is_told_too() -> None:
    """After what its dates say."""
    noted = msgspec.structs.replace(SEPTEMBER, note="Vers la fin de l’été.")
    assert status_of((noted,), at(2016, 2, 1)).note.endswith("Vers la fin de l’été.")


def test_closed_registration_is_refused_with_what_is_known() -> None:
    """The note, and the opening where it has a date."""
    programme = msgspec.structs.replace(load_all(PROGRAMMES)["prtq-2016"], registration=(JANUARY, SEPTEMBER))
    with pytest.raises(Refusal) as refused:
        windows.expect_open(programme, at(2016, 3, 1))
    assert refused.value.code == "registration_closed" and "15 septembre" in refused.value.fields["note"]
    assert windows.expect_open(programme, at(2016, 1, 10)).state is S.OPEN


def test_operators_are_told_when_the_latest_day_comes_near() -> None:
    """From a fortnight before, unless an opening is set; and for a fortnight after, when it was missed."""
    programme = msgspec.structs.replace(load_all(PROGRAMMES)["prtq-2016"], registration=(JANUARY, SEPTEMBER))
    said = [
        bool(windows.approaching([programme], at(2016, month, day)))
        for month, day in ((8, 31), (9, 1), (9, 15), (9, 29), (10, 1))
    ]
    assert said == [False, True, True, True, False]
    autumn = RegistrationWindow(opens=datetime.fromisoformat("2016-09-10T08:30"))
    set_now = msgspec.structs.replace(programme, registration=(JANUARY, SEPTEMBER, autumn))
    assert windows.approaching([set_now], at(2016, 9, 5)) == {}


def test_an_identity_is_open_as_long_as_its_window() -> None:
    """Of its account's programme; an imported account goes by any (DU-02)."""
    programmes = {"a": msgspec.structs.replace(load_all(PROGRAMMES)["demo"], id="a", registration=(JANUARY,))}
    during, after = at(2016, 1, 10), at(2016, 2, 1)
    assert windows.is_identity_open("a", programmes, during) and windows.is_identity_open(
        None, programmes, during
    )
    assert not windows.is_identity_open("a", programmes, after) and not windows.is_identity_open(
        "b", programmes, during
    )


@pytest.mark.parametrize(
    "rules",
    [
        "[[registration]]\nopens = 2016-01-05T08:30:00\nnot_later_than = 2016-09-15",
        "[[registration]]\nnote = 'x'",
        "[[registration]]\nnot_later_than = 2016-09-15\ncloses = 2016-09-15T08:30:00",
        "[[registration]]\nopens = 2016-01-05T08:30:00\ncloses = 2016-01-05T08:30:00",
        "[[registration]]\nopens = 2016-01-05T08:30:00\n[[registration]]\nopens = 2016-02-05T08:30:00",
        "[[registration]]\nopens = 2016-03-13T02:30:00",
    ],
    ids=["both", "neither", "closes-alone", "empty", "overlap", "no-such-hour"],
)
def test_windows_that_contradict_are_refused_at_start(rules: str, tmp_path: Path) -> None:
    """With the file, the key and the reason."""
    text = (PROGRAMMES / "prtq-2016.toml").read_text("utf-8")
    kept = text.split("[[registration]]")[0] + text[text.index("[draft]") :]
    path = tmp_path / "prtq-2016.toml"
    path.write_text(f"{kept}\n{rules}\n", "utf-8")
    with pytest.raises(ProgrammeError, match="key registration"):
        load(path)
