"""What a message says is encrypted, and bound to its row."""

import pytest

from casework.blocks import Block, Paragraph, plain
from casework.mailbox.services import UnreadableMessage, mailbox_services

SAID: list[Block] = [Paragraph(plain("Bonjour."))]


def test_a_message_opens_in_its_own_row_only() -> None:
    cipher = mailbox_services(["a" * 32], "https://g.example/").cipher
    stored = cipher.seal("one", SAID)
    assert "Bonjour" not in stored
    assert cipher.opened("one", stored) == SAID
    with pytest.raises(UnreadableMessage):
        cipher.opened("two", stored)


def test_links_have_one_slash() -> None:
    assert mailbox_services(["a" * 32], "https://g.example/").public_url == "https://g.example"
