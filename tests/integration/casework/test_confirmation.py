"""The confirmation of a place: what it says, and to whom (QU-07)."""

import pytest

from casework import documents, receipts
from casework.blocks import Facts
from foundation.errors import Refusal
from foundation.sql.database import Database
from server.rendering.templating import instant
from tests.support.desks import PERSONAL
from tests.support.tasks import confirmation, perform, submitted


async def test_the_confirmation_is_filed_with_number_rank_and_time(database: Database) -> None:
    """« Confirmation d'admission dans le quota » says what was accepted, to its own account alone (QU-07)."""
    receipt = await submitted(database)
    assert await perform(database, await confirmation(database), 0)
    found = await database.read(lambda conn: receipts.find(conn, PERSONAL, receipt, 1))
    (document,) = found.documents
    assert (document.kind, document.title) == ("confirmation", "Confirmation d’admission dans le quota")
    assert document.href == f"/documents/{document.id}"
    opened = await database.read(lambda conn: documents.find(conn, document.id, 1))
    (said,) = [block for block in opened.blocks if isinstance(block, Facts)]
    assert found.name and found.username
    assert {fact.label: "".join(run.text for run in fact.value) for fact in said.facts} == {
        "Nom": found.name,
        "Compte": found.username,
        "Programme": "Programme de démonstration",
        "Période de réception": "1re",
        "Accusé de réception": receipt,
        "Rang": "1",
        "Numéro d’attente": "1",
        "Date et heure de la soumission": instant(found.submitted_at),
        "À payer au plus tard le": instant(found.pay_by),
    }
    assert await database.read(lambda conn: documents.of_account(conn, 1)) == [document]
    for wrong in (document.id[:-1] + "\0", "x" * 22, "../etc"):
        with pytest.raises(Refusal):
            await database.read(lambda conn, wrong=wrong: documents.find(conn, wrong, 1))  # type: ignore[misc]
    with pytest.raises(Refusal):
        await database.read(lambda conn: documents.find(conn, document.id, 2))
