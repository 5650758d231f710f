"""What is asked of a demo: the defaults stand once, and agree with what they stand for."""

from pathlib import Path

from config.demo.options import CAP, MOST_ACCOUNTS, PROGRAMME, DemoOptions
from config.rehearsal.options import RehearsalOptions
from config.settings import PROGRAMMES
from loadtests.people.scale import TOKEN_SECONDS
from loadtests.run import OF_SHAPE
from loadtests.shapes import LoadShape
from quota.programmes import load_all


def test_a_token_lasts_as_long_as_the_programme_says() -> None:
    """Ten minutes (WR-06), in the demo and for the people of a rehearsal too."""
    seconds = load_all(Path(PROGRAMMES))[PROGRAMME].token.seconds
    assert DemoOptions().token_seconds == seconds
    assert seconds == TOKEN_SECONDS


def test_there_are_as_many_places_everywhere() -> None:
    """Demo, rehearsal and load test fill the same intake unless they are told otherwise."""
    assert DemoOptions().cap == RehearsalOptions().cap == CAP
    assert OF_SHAPE[LoadShape.STEADY]["--cap"] == CAP


def test_no_account_has_a_name_that_is_longer() -> None:
    """User names count with five digits."""
    assert f"{MOST_ACCOUNTS:05d}" == str(MOST_ACCOUNTS)
    assert len(f"{MOST_ACCOUNTS + 1:05d}") == 6
