"""Details of representatives are encrypted by the newest key, once, in batches."""

import sqlalchemy as sa

from accounts.representatives.declaration import rotation
from accounts.representatives.declaration.details import DetailsCipher
from accounts.representatives.store import representative
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import declared
from tests.support.desks import make_account
from tests.support.rooms import KEYS

NEW = "a newer key, long enough for us"


async def rotated(here: Represented, cipher: DetailsCipher) -> int:
    last, written = "", 0
    while True:
        found = await here.db.write(lambda conn, last=last: rotation.seal_some(conn, cipher, last, 2))  # type: ignore[misc]
        if found is None:
            return written
        last, written = found.last, written + found.written


async def test_what_an_older_key_wrote_is_written_anew(here: Represented) -> None:
    """Afterwards the newest key alone opens all of it; a second run has nothing to do."""
    await declared(here.db, here.account)
    for number in range(2, 5):
        await declared(here.db, await make_account(here.desk, number))
    assert await rotated(here, DetailsCipher((NEW, *KEYS))) == 4
    assert await rotated(here, DetailsCipher((NEW, *KEYS))) == 0
    rows = await here.db.read(lambda conn: conn.execute(sa.select(representative)))
    alone = DetailsCipher((NEW,))
    assert {alone.opened(row.id, row.details).family_name for row in rows} == {"Tremblay"}
