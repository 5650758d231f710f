"""How a text of the environment is read; `test_settings.py` has each variable."""

import pytest

from config.environment import readers


@pytest.mark.parametrize("text", ["yes", "1", "TRUE", "on"])
def test_yes_is_said_in_several_ways(text: str) -> None:
    """As people write it."""
    assert readers.yes_or_no(text)


def test_mail_comes_from_an_address_in_ascii() -> None:
    """Without a name, with its domain as SMTP takes it."""
    assert readers.mail_sender("guichet@exämple.ca") == "guichet@xn--exmple-cua.ca"
    for wrong in ("élodie@example.ca", "Guichet <a@example.ca>", "a"):
        with pytest.raises(ValueError, match=r"^must be"):
            readers.mail_sender(wrong)
