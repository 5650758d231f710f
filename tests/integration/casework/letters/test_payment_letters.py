"""The letters at a payment: made of one file, each once, whatever becomes of the payment afterwards (PY-07, DM-02)."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import ADDRESS, PersonalFields
from accounts.personal_data.home_address import HomeAddress
from accounts.store import account
from casework import documents
from casework.blocks import spoken
from casework.documents import MadeDocument, UnfiledDocument
from casework.files.numbers import file_number
from casework.files.tasks import FileTask
from casework.letters import pdfs, rendering
from casework.letters.payment_letters import PaymentLetters
from casework.payments.states import Instrument, MovementKind
from foundation import outbox
from foundation.batched_tasks.performing import perform_all
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.messages import MAILBOX
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, KNOWN, perform, submitted

t = outbox.task.c

PERSONAL = PersonalFields(KEYS)

BATCHES = PaymentLetters(KNOWN, MAILBOX).batches()


async def letters_done(database: Database) -> dict[str, list[str]]:
    """Do what is staged; the texts of the letters about the payment, by their kind."""
    staged = sa.select(t.id).where(t.kind.in_(list(FileTask)), t.state == "staged").order_by(t.id)
    for task in (await database.read(lambda conn: conn.execute(staged))).scalars().all():
        assert await perform(database, task, 0)

    async def read(conn: AsyncConnection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in await documents.of_subject(conn, Subject("submission", "1")):
            opened = await documents.find(conn, one.id, 1)
            found.setdefault(one.kind, []).append(spoken(opened.blocks))
        return found

    return await database.read(read)


async def test_a_payment_is_confirmed_and_opens_the_file(database: Database) -> None:
    """Amount, day, means, receipt and file number; both name the person and the file."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "card:1", instrument=Instrument.CARD))
    found = await letters_done(database)
    ((confirmation,), (opening,)) = found["payment_confirmation"], found["file_opening"]
    for text in (confirmation, opening):
        assert f"Numéro de dossier {file_number(1)}" in text and "Ministère de la Démonstration" in text
    assert "Mode de paiement Carte de crédit, en ligne" in confirmation and "Montant payé" in confirmation
    assert "Votre dossier est ouvert" in opening


async def test_a_payment_that_came_again_is_confirmed_again_and_opens_nothing(database: Database) -> None:
    """Two confirmations, of two payments; one opening."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "in", charge="ch_1"))
    await letters_done(database)
    await database.write(lambda conn: move_money(conn, FEE, "out", kind=MovementKind.OUT, charge="ch_1"))
    await database.write(lambda conn: move_money(conn, FEE, "again", charge="ch_1"))
    found = await letters_done(database)
    assert {kind: len(texts) for kind, texts in found.items()} == {
        "payment_confirmation": 2,
        "file_opening": 1,
    }


async def moves_to(db: Database, number: int, street: str) -> None:
    """Somebody's address is another one from now on."""
    name = f"essai-{number:05}"
    sealed = PERSONAL.seal(name, ADDRESS, msgspec.json.encode(HomeAddress([street], "CA")).decode())
    moved = sa.update(account).where(account.c.id == number).values(address=sealed)
    await db.write(lambda conn: conn.execute(moved))


async def two_openings(db: Database) -> list[str]:
    """The letters of two files, made together; the first person moves before they are filed."""
    await submitted(db, 2)
    for number in (1, 2):
        await db.write(lambda conn, n=number: move_money(conn, FEE, f"card:{n}", number=n))  # type: ignore[misc]
        await moves_to(db, number, "1, rue d’Avant")
    subjects = [Subject("submission", "1"), Subject("submission", "2")]
    record = await BATCHES[FileTask.FILE_OPENING].make(db, subjects, now_ms())
    await moves_to(db, 1, "2, rue d’Après")
    await db.write(lambda conn: record(conn, subjects))
    said = []
    for number, subject in enumerate(subjects, 1):
        (one,) = await db.read(lambda conn, subject=subject: documents.of_subject(conn, subject))  # type: ignore[misc]
        opened = await db.read(lambda conn, one=one, n=number: documents.find(conn, one.id, n))  # type: ignore[misc]
        printed = await pdfs.find(db, one.id, number)
        # What is filed is the PDF of these blocks and of no others.
        footer = documents.footer_of(subject, one.title, opened.blocks)
        assert rendering.pdf_of(opened.blocks, one.title, footer, one.created_at) == printed.content
        said.append(spoken(opened.blocks))
    return said


async def test_a_letter_that_is_no_longer_true_when_it_is_filed_is_made_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what the file says in the transaction that files it; the letter beside it is made once."""
    made, make = list[str](), documents.make

    def counted(one: UnfiledDocument) -> MadeDocument:
        made.append(one.subject.id)
        return make(one)

    monkeypatch.setattr(documents, "make", counted)
    first, second = await two_openings(database)
    assert "2, rue d’Après" in first and "1, rue d’Avant" in second
    assert made == ["1", "2", "1"]


async def test_a_letter_that_is_not_compared_would_be_of_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: filed as it was made ahead, it goes to the address that was left."""
    monkeypatch.setattr(documents, "still", lambda ready, wanted: ready)
    first, _ = await two_openings(database)
    assert "1, rue d’Avant" in first


async def test_two_confirmations_at_once_are_numbered_one_after_the_other(database: Database) -> None:
    """Of two payments of one file, rung for together: two letters, two serials, and one opening."""
    await submitted(database)
    await database.write(lambda conn: move_money(conn, FEE, "in", charge="ch_1"))
    await database.write(lambda conn: move_money(conn, FEE, "out", kind=MovementKind.OUT, charge="ch_1"))
    await database.write(lambda conn: move_money(conn, FEE, "again", charge="ch_1"))
    rings = [ring for ring in await outbox.due(database, now_ms(), batched=BATCHES) if ring.batch in BATCHES]
    assert await perform_all(database, EFFECTS, BATCHES, rings) == len(rings) == 4
    found = await database.read(lambda conn: documents.of_subject(conn, Subject("submission", "1")))
    assert sorted(one.number or 0 for one in found) == [1, 2, 3]
    assert [one.kind for one in found].count("payment_confirmation") == 2
