"""The letter that goes back: to whom, what, why; and nobody else's name in it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import ADDRESS
from accounts.store import account
from casework.blocks import spoken
from casework.files import events
from casework.files.numbers import file_number
from casework.files.states import FileEventKind, FileStatus
from casework.letters import rendering
from casework.mailroom.returning import covering_letter, returns
from casework.mailroom.states import MailItemState
from casework.payments.unpaid import deletion
from config.demo.people import identity_of, invented_content
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, PAYMENTS, SERVICES, entered, payment, typed
from tests.support.desks import PERSONAL
from tests.support.tasks import submitted

WHO = identity_of(invented_content("essai", 1))


async def said(db: Database, id: int) -> str:
    content = await db.read(lambda conn: covering_letter.letter_of(conn, SERVICES, id, now_ms()))
    assert rendering.pdf_of(content, covering_letter.TITLE, f"Pièce {id}", now_ms()).startswith(b"%PDF")
    return spoken(content)


async def test_of_a_file_it_names_the_file(on_sqlite: Database) -> None:
    """A personal cheque goes back to its candidate, with what it is."""
    await submitted(on_sqlite)
    item = await entered(
        on_sqlite, await payment(on_sqlite, 1, instrument="personal_cheque", amount="783,00")
    )
    letter = await said(on_sqlite, item.id)
    assert (
        file_number(1) in letter
        and WHO.full_name in letter
        and "Chèque personnel" in letter
        and "783,00" in letter
    )
    assert "réception le" in letter, "agrees with every kind of item"


async def test_of_nobody_it_goes_to_whom_the_envelope_names(on_sqlite: Database) -> None:
    """With the reason that the clerk gave."""
    await submitted(on_sqlite)
    item = await entered(on_sqlite, typed("?", name="Personne Inconnue", country="France", keep="1"))
    await on_sqlite.write(
        lambda conn: returns.set_aside(conn, SERVICES, item.id, "Numéro illisible.", CLAIRE, now_ms())
    )
    letter = await said(on_sqlite, item.id)
    assert "Personne Inconnue" in letter and "Numéro illisible." in letter and WHO.full_name not in letter


async def test_what_comes_for_a_deleted_file_goes_back_to_its_address(on_sqlite: Database) -> None:
    """The tombstone keeps the address for that; the money is in and out again, and the file stays deleted."""
    await submitted(on_sqlite)
    sealed = PERSONAL.seal("essai-00001", ADDRESS, '{"lines": ["1, rue Une"], "country": "FR"}')
    changed = sa.update(account).where(account.c.id == 1).values(address=sealed)
    await on_sqlite.write(lambda conn: conn.execute(changed))
    entry = await payment(on_sqlite, 1)

    async def delete(conn: AsyncConnection) -> None:
        of = await events.history(conn, 1, lock=True)
        await deletion.delete(conn, PAYMENTS, of, FileEventKind.UNPAID_DELETED, SERVICE, now_ms())

    await on_sqlite.write(delete)
    item = await entered(on_sqlite, entry)
    assert item.state is MailItemState.TO_RETURN
    letter = await said(on_sqlite, item.id)
    assert "1, rue Une" in letter and "France" in letter and "terminé" in letter
    of = await on_sqlite.read(lambda conn: events.history(conn, 1))
    assert of.status is FileStatus.UNPAID_DELETED
