"""A message is delivered once a key, to the account of its file, with a notice that says nothing of it."""

import asyncio

import pytest
import sqlalchemy as sa

from casework import documents
from casework.documents import DocumentKind
from casework.files.numbers import file_number
from casework.mailbox.delivery import MisdirectedMessage
from casework.mailbox.store import message
from foundation.errors import Code, Refusal
from foundation.mail.store import mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.representing import active, declared, mails, with_email
from tests.support.casework.messages import SAID, TITLE, delivered
from tests.support.tasks import about, rows, submitted

ACCOUNT = Subject.row("account", 1)


async def test_a_key_is_one_message_and_one_notice(database: Database) -> None:
    """However often and together it is delivered; and what it says is not in the table as it is."""
    await submitted(database)
    await with_email(database, 1, "essai-00001", "essai@courriel.example")
    ids = await asyncio.gather(*(delivered(database, 1, about(1)) for _ in range(8)))
    assert len(set(ids)) == 1
    [(number, blocks)] = await rows(database, message.c.number, message.c.blocks)
    assert number == file_number(1)
    assert "compte" not in blocks
    [(kind, to, text)] = await mails(database)
    assert (kind, to) == ("message", "essai@courriel.example")
    assert TITLE in text and file_number(1) in text and f"/messages/{ids[0]}" in text
    assert "seul le compte peut" not in text


async def test_without_its_key_there_would_be_two(database: Database) -> None:
    """Twin: it is the key, and nothing else, that makes them one."""
    await submitted(database)
    await asyncio.gather(*(delivered(database, 1, about(1), f"k{n}") for n in range(2)))
    assert len(await rows(database, message.c.id)) == 2


async def test_an_account_without_an_address_gets_the_message_alone(database: Database) -> None:
    await submitted(database)
    await delivered(database, 1, ACCOUNT)
    assert await rows(database, message.c.number) == [(None,)]
    assert await mails(database) == []


async def test_a_file_of_somebody_else_is_never_delivered_here(database: Database) -> None:
    """Nor is anything written of it (P14)."""
    await submitted(database, 2)
    for to, subject in ((2, about(1)), (1, about(99)), (99, Subject.row("account", 99))):
        with pytest.raises(MisdirectedMessage):
            await delivered(database, to, subject)
    assert await rows(database, message.c.id) == []


async def test_attachments_are_documents_of_the_same_account(database: Database) -> None:
    """One that is not is refused, and the message with it."""
    await submitted(database, 2)
    ids = [await filed(database, account) for account in (1, 2)]
    await delivered(database, 1, ACCOUNT, attachments=[ids[0], ids[0]])
    with pytest.raises(Refusal) as refused:
        await delivered(database, 1, ACCOUNT, "other", attachments=ids)
    assert refused.value.code is Code.NOT_FOUND
    assert len(await rows(database, message.c.id)) == 1


async def filed(db: Database, account: int) -> str:
    """The id of a document in this account."""
    claim, kind = Subject.row("claim", account), DocumentKind.EXEMPT_DECISION
    return await db.write(lambda conn: documents.file(conn, account, claim, kind, "Lettre", SAID, 1))


async def test_a_representative_is_told_only_while_the_power_is_in_force(database: Database) -> None:
    """Beside the owner, who is always told."""
    await submitted(database, 2)
    for number in (1, 2):
        await with_email(database, number, f"essai-0000{number}", f"essai{number}@courriel.example")
    await declared(database, 2)
    await active(database, 1)
    await database.write(lambda conn: conn.execute(sa.delete(mail)))
    await delivered(database, 1, about(1), "one")
    await delivered(database, 2, about(2), "two")
    told = [(to, "http" in text) for _, to, text in await mails(database)]
    assert told == [
        ("essai1@courriel.example", True), ("luc@cabinet.example", False), ("essai2@courriel.example", True),
    ]  # fmt: skip
