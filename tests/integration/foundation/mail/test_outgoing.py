"""Mail is posted with its cause, once, encrypted, and goes out after it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.clock import now_ms
from foundation.mail.outgoing import Mail, post, withdraw
from foundation.mail.store import mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.tasks import rows

ACCOUNT = Subject("account", "7")

HELLO = Mail("canari-quelquun@exemple.invalid", "hello", "Bonjour", "canari-texte")


async def test_a_mail_is_posted_once_and_with_its_cause(database: Database) -> None:
    """A second one with the key is none; a transaction that is undone has posted nothing."""

    async def posted(conn: AsyncConnection, key: str) -> bool:
        return await post(conn, HELLO, ACCOUNT, now_ms(), key=key)

    async def undone(conn: AsyncConnection) -> None:
        await posted(conn, "other")
        raise LookupError

    assert [await database.write(lambda conn: posted(conn, "one")) for _ in range(2)] == [True, False]
    with pytest.raises(LookupError):
        await database.write(undone)
    assert await rows(database, mail.c.key, mail.c.subject_kind, mail.c.subject_id) == [
        ("one", "account", "7")
    ]
    assert await rows(database, outbox.task.c.kind, outbox.task.c.subject_kind) == [("mail", "mail")]


async def test_who_and_what_are_encrypted(database: Database) -> None:
    """No column has the address or the text; the title has no personal data by its rule."""
    await database.write(lambda conn: post(conn, HELLO, ACCOUNT, now_ms(), key="one"))
    (row,) = (await database.read(lambda conn: conn.execute(sa.select(mail)))).all()
    assert not any("canari" in str(value) for value in row)


async def test_a_mail_can_be_taken_back(database: Database) -> None:
    """As long as it was not sent."""
    await database.write(lambda conn: post(conn, HELLO, ACCOUNT, now_ms(), key="one"))
    assert await database.write(lambda conn: withdraw(conn, "one"))
    assert not await database.write(lambda conn: withdraw(conn, "one"))


@pytest.mark.parametrize("title", ["", "a\nBcc: x@y.ca", "x" * 201], ids=range(3))
def test_a_title_is_one_line(title: str) -> None:
    """No header can be slipped in."""
    with pytest.raises(ValueError, match="one line"):
        Mail("x@y.ca", "hello", title, "")
