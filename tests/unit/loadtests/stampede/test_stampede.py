"""How a stampede is asked for, and what it asks of the demo."""

import pytest

from loadtests.stampede.__main__ import parse
from loadtests.stampede.stampede import asked, lead, web_of, whole_machine


@pytest.mark.parametrize(
    ("typed", "seconds", "press", "web"),
    [
        ([], 60.0, 1.0, 5),
        (["--shape", "reload"], 10.0, 60.0, 5),
        (["--shape", "reload", "--press", "5", "--people", "100"], 10.0, 5.0, 2),
        (["--seconds", "30", "--press", "0", "--web", "3"], 30.0, 0.0, 3),
    ],
)
def test_what_is_not_typed_is_what_the_shape_says(
    typed: list[str], seconds: float, press: float, web: int
) -> None:
    """Sixty thousand in a minute, or in the ten seconds before the opening; as many web processes as sockets need."""
    options = parse(typed)
    assert (options.seconds, options.press, web_of(options)) == (seconds, press, web)
    assert options.most == 180.0 + press
    assert lead(options) > 3.0


def test_the_command_is_what_would_play_it_again() -> None:
    """With every option that decides what happens."""
    options = parse(["--people", "100", "--looks", "--seed", "7", "--patience", "10"])
    again = parse(" ".join(asked(options)).split())
    assert again == parse(["--people", "100", "--looks", "--seed", "7", "--web", "2", "--patience", "10"])


def test_the_whole_machine_is_more_than_its_network() -> None:
    """All three kinds, none of them less than nothing."""
    found = whole_machine()
    assert set(found) == {"all", "softirq", "steal"}
    assert found["all"] >= found["softirq"] >= 0.0
    assert found["all"] > 0.0
