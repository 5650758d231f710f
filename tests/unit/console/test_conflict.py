"""A stale form: the colleague's value beside one's own text."""

import msgspec
import pytest

from console.conflict import Difference, differences
from tests.unit.console.test_day import period

NOW = msgspec.structs.replace(period(), calls_per_minute=1_200, most_live_tokens=300, notice="Patience.")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({}, []),
        ({"version": "3", "calls_per_minute": "", "most_live_tokens": "300"}, []),
        ({"calls_per_minute": "1 200"}, []),
        (
            {"calls_per_minute": "240", "most_live_tokens": "300"},
            [Difference("Appels par minute", "1\N{NO-BREAK SPACE}200", "240")],
        ),
        ({"text": "Un incident.\r\nMerci."}, [Difference("Avis", "Patience.", "Un incident.\nMerci.")]),
        ({"text": ""}, [Difference("Avis", "Patience.", "")]),
        ({"value": "01-02"}, [Difference("Valeur publique", "", "01-02")]),
        ({"text": "Patience. "}, []),
    ],
)
def test_both_values_are_shown(typed: dict[str, str], found: list[Difference]) -> None:
    """Where they differ; what was left empty is as it is, and spaces in a number are how people write it."""
    assert differences(typed, NOW) == found
