"""How the provider is told to behave."""

import msgspec
import pytest

from config.demo.card_provider.behaviour import Behaviour


def test_unsaid_is_good_behaviour() -> None:
    good = msgspec.json.decode(b"{}", type=Behaviour)
    assert (good.is_away, good.times, good.late_ms, good.is_held) == (False, 1, 0, False)


def test_a_wrong_word_is_no_behaviour() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"times": "often"}', type=Behaviour)
