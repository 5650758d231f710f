"""Mail from the agents' desk says that there is something, and never what (P11)."""

from console.agents import mails


def test_no_word_of_the_decision() -> None:
    """Where it is read and that nothing is submitted; the address is nobody's name."""
    mail = mails.claim_decided("a@exemple.invalid", "https://guichet.example")
    assert "https://guichet.example/documents" in mail.text and "non soumise" in mail.text
    assert "accept" not in mail.text and "refus" not in mail.text and mail.to not in mail.text
