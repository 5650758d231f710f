"""Proof numbers and their index under a newer key."""

import pytest
import sqlalchemy as sa

from foundation.sql.database import Database
from submission.exempt import claims
from submission.exempt.claims import proof_seals
from submission.exempt.rotation import rotation
from submission.exempt.store import exempt_claim
from tests.support.candidates.exempt import declare
from tests.support.candidates.rotations import BOTH, NEW, rotated
from tests.support.desks import make_account, make_desk


@pytest.mark.parametrize("is_index_left", [False, True])
async def test_the_same_number_is_found_without_the_old_key(database: Database, is_index_left: bool) -> None:
    """Number and index go together. Twin: an index that was left under the old key finds nobody, and is made anew by
    the next rotation though its number is newest already."""
    desk = make_desk(database)
    one, other = await make_account(desk, 1), await make_account(desk, 2)
    before = await declare(desk, one, "VEO-2016-0042")
    claim = await declare(desk, other, "veo 2016 0042")
    rows = sa.select(exempt_claim.c.proof_key).order_by(exempt_claim.c.id)
    old = (await database.read(lambda conn: conn.execute(rows))).scalars().all()
    assert await rotated(database, rotation(BOTH)) == 2
    assert await rotated(database, rotation((NEW,))) == 0
    newest = proof_seals((NEW,))
    if is_index_left:
        left = sa.update(exempt_claim).where(exempt_claim.c.id == before.id).values(proof_key=old[0])
        await database.write(lambda conn: conn.execute(left))
        assert await database.read(lambda conn: claims.proof_of(conn, newest, claim)) == ("veo 2016 0042", 0)
        assert await rotated(database, rotation((NEW,))) == 1
    assert await database.read(lambda conn: claims.proof_of(conn, newest, claim)) == ("veo 2016 0042", 1)
