"""What is said at a start, before anything is opened."""

import pytest

from config.commands.processes import doubts, refuse_demo
from config.settings import Settings, WrongSetting
from tests.unit.config.test_settings import LEAST


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"HOST": "::1"}, []),
        ({"PUBLIC_URL": "https://guichet.example", "HOST": "0.0.0.0"}, []),
        ({"PUBLIC_URL": "http://127.0.0.1:8000"}, []),
        ({"PUBLIC_URL": "http://localhost:8000", "HOST": "0.0.0.0"}, []),
        ({"HOST": "0.0.0.0"}, ["public_url_missing"]),
        ({"PUBLIC_URL": "http://guichet.example"}, ["public_url_is_plain"]),
        ({"PUBLIC_URL": "http://10.0.0.5:8000", "HOST": "10.0.0.5"}, ["public_url_is_plain"]),
        ({"DEMO": "demo-7", "HOST": "0.0.0.0"}, []),
    ],
    ids=str,
)
def test_a_start_says_what_is_most_likely_not_meant(given: dict[str, str], said: list[str]) -> None:
    """Once, in a sentence short enough for the log; on one's own machine and in the demo nothing."""
    environ = LEAST | given
    found = doubts(Settings.from_env(environ), environ)
    assert [event for event, _ in found] == said
    assert all(len(reason) <= 200 and "PUBLIC_URL" in reason for _, reason in found)


def test_the_demos_leniency_is_for_its_own_processes() -> None:
    """They are told whose they are; with anything else in DEMO nothing starts."""
    for given, parent, starts in (
        ("demo-7", 7, True),
        ("demo-7", 8, False),
        ("yes", 7, False),
        ("no", 7, True),
    ):
        environ = LEAST | {"DEMO": given}
        settings = Settings.from_env(environ)
        if starts:
            refuse_demo(settings, environ, parent)
        else:
            with pytest.raises(WrongSetting, match="DEMO is on"):
                refuse_demo(settings, environ, parent)
