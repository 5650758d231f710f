"""What the demo's mail server took, in files that several processes read."""

from pathlib import Path

import pytest

from config.demo.mailbox import kept_mail
from config.demo.mailbox.kept_mail import KeptMail, KeptMessage, TextPart


def message(number: int, to: str = "a@exemple.invalid", text: str = "Bonjour") -> KeptMessage:
    return KeptMessage(
        to=to,
        sender="b@exemple.invalid",
        subject=f"n{number}",
        text=text,
        message_id=f"<{number}>",
        at=number,
    )


def test_the_newest_come_first_by_address(tmp_path: Path) -> None:
    """An address is one however it is written, and another process sees them at once."""
    kept = KeptMail(tmp_path / "courriels")
    for number in (1, 2, 3):
        kept.keep(message(number, f"{'ab'[number % 2]}@exemple.invalid"))
    other = KeptMail(tmp_path / "courriels")
    assert [one.subject for one in other.newest()] == ["n3", "n2", "n1"]
    assert [one.subject for one in other.newest(" B@Exemple.invalid ")] == ["n3", "n1"]
    assert [one.subject for one in other.newest(most=1)] == ["n3"]


def test_the_oldest_of_too_many_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that runs for a week fills no disk."""
    monkeypatch.setattr(kept_mail, "MOST", 2)
    kept = KeptMail(tmp_path)
    for number in (1, 2, 3):
        kept.keep(message(number))
    assert [one.subject for one in kept.newest()] == ["n3", "n2"]


def test_links_are_found_in_a_text() -> None:
    """Without the full stop behind them; everything else stays what it is."""
    text = "Ouvrez https://guichet.example/a?b=c. Merci <b>"
    assert message(1, text=text).parts() == [
        TextPart("Ouvrez "),
        TextPart("https://guichet.example/a?b=c", "https://guichet.example/a?b=c"),
        TextPart(". Merci <b>"),
    ]
    assert message(1, text=text).described()["links"] == ["https://guichet.example/a?b=c"]
