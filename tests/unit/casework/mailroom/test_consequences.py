"""A fingerprint stands for what was shown."""

from casework.mailroom.consequences import Judgement, fingerprint
from casework.mailroom.states import MailMove


def test_another_word_is_another_fingerprint() -> None:
    """Warnings are told before what else is said."""
    one = Judgement(move=MailMove.ACCEPT, says=("a",), warns=("b",))
    assert one.told == ("b", "a")
    assert fingerprint(one.told, 1) == fingerprint(one.told, 1) != fingerprint(one.told, 2)
