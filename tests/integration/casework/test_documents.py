"""Documents: filed once under their number, about any subject, for their account alone."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.blocks import Block, Heading, Paragraph, plain
from casework.documents import DocumentKind
from foundation.errors import Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.desks import make_account, make_desk

FILE = Subject("file", "F-7")

SAID: list[Block] = [Heading("Lettre", level=1), Paragraph(plain("Bonjour."))]


async def file(db: Database, account: int, subject: Subject = FILE, now: int = 1, serial: int = 1) -> str:
    async def work(conn: AsyncConnection) -> str:
        return await documents.file(
            conn, account, subject, DocumentKind.CONFIRMATION, "Lettre", SAID, now, serial
        )

    return await db.write(work)


async def test_a_number_is_filed_once(database: Database) -> None:
    """The table holds it; the next number and another subject are other documents (P14)."""
    desk = make_desk(database)
    account = await make_account(desk)
    first = await file(database, account)
    with pytest.raises(IntegrityError):
        await file(database, account)
    second = await file(database, account, now=2, serial=2)
    other = await file(database, account, Subject("file", "F-8"), now=3)
    about = await database.read(lambda conn: documents.of_subject(conn, FILE))
    assert [document.id for document in about] == [first, second]
    mine = await database.read(lambda conn: documents.of_account(conn, account))
    assert [document.id for document in mine] == [other, second, first]
    desk.accounts.hasher.close()


async def test_what_is_filed_in_one_moment_stands_as_it_was_filed(database: Database) -> None:
    """Of a subject the first filed comes first, of an account the last: what an id is has no part in it."""
    desk = make_desk(database)
    account = await make_account(desk)
    filed = [await file(database, account, serial=serial) for serial in range(1, 7)]
    about = await database.read(lambda conn: documents.of_subject(conn, FILE))
    assert [document.id for document in about] == filed
    mine = await database.read(lambda conn: documents.of_account(conn, account))
    assert [document.id for document in mine] == filed[::-1]
    desk.accounts.hasher.close()


async def test_a_document_is_its_accounts_alone(database: Database) -> None:
    """It is read as it was filed; for anybody else there is none."""
    desk = make_desk(database)
    account, stranger = await make_account(desk), await make_account(desk, 2)
    id = await file(database, account)
    assert (await database.read(lambda conn: documents.find(conn, id, account))).blocks == SAID
    with pytest.raises(Refusal, match="not_found"):
        await database.read(lambda conn: documents.find(conn, id, stranger))
    desk.accounts.hasher.close()
