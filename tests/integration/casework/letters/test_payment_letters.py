"""The letters at a payment: made of one file, each once, whatever becomes of the payment afterwards (PY-07, DM-02)."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.blocks import spoken
from casework.files.numbers import file_number
from casework.files.tasks import FileTask
from casework.payments.states import Instrument, MovementKind
from foundation import outbox
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.paying import FEE, move_money
from tests.support.tasks import perform, submitted

t = outbox.task.c


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
