"""The demo's mail server takes what our own sender sends, over real SMTP."""

from pathlib import Path

from config.demo.mailbox import smtp_server
from config.demo.mailbox.kept_mail import KeptMail
from foundation.mail.messages import Letter
from foundation.mail.smtp import Smtp, server_of
from tests.support.mail_servers import FROM


async def test_a_mail_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    """Its French, its link and its address, with an accent before the @ too."""
    taken = smtp_server.open_socket()
    text = "Bonjour,\n\nÀ l’été : https://guichet.exemple.invalid/compte\n"
    letter = Letter(to="élodie@exemple.invalid", title="Été à Montréal", text=text, id="1f", at=1_000)
    async with smtp_server.serving(taken, tmp_path / "courriels"):
        word = await Smtp(server_of(smtp_server.url_of(taken)), FROM, 5.0).send(letter)
        assert word.code == 250
    (kept,) = KeptMail(tmp_path / "courriels").newest()
    assert (kept.to, kept.subject, kept.text) == (letter.to, letter.title, letter.text)
    assert kept.message_id == "<1f@exemple.invalid>"
    assert FROM.name in kept.sender
