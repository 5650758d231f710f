"""A visit lasts an hour, and an hour more from each press, half a day at most."""

import pytest
import sqlalchemy as sa

from accounts import store
from accounts.visits import renewal
from accounts.visits.renewal import LONGEST_MS, renew, renewed_until
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import make_account, make_desk, sign_in, visit

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("now", "expires_at", "until"),
    [
        pytest.param(0, HOUR, HOUR, id="at-once"),
        pytest.param(HOUR // 2, HOUR, HOUR + HOUR // 2, id="in-the-middle"),
        pytest.param(LONGEST_MS - HOUR, LONGEST_MS - 1, LONGEST_MS, id="last-hour"),
        pytest.param(LONGEST_MS - 1, LONGEST_MS, LONGEST_MS, id="no-further"),
        pytest.param(0, 2 * HOUR, 2 * HOUR, id="never-shorter"),
    ],
)
def test_until_when_a_visit_lasts(now: int, expires_at: int, until: int) -> None:
    """An hour from now, never past the bound, never less than before."""
    assert renewed_until(now, 0, expires_at) == until


async def test_a_session_is_lengthened_in_its_browser(database: Database) -> None:
    """From now on; another session of the same account keeps its own end."""
    desk = make_desk(database)
    await make_account(desk)
    here, elsewhere = await sign_in(desk), await sign_in(desk)
    s = store.session
    await database.write(lambda conn: conn.execute(sa.update(s).values(expires_at=now_ms() + 60_000)))
    renewed = await renew(desk.accounts, visit(None, here))
    assert renewed.expires_at > now_ms() + renewal.LONGEST_MS // 12 - 10_000
    ends = (await database.read(lambda conn: conn.execute(sa.select(s.c.expires_at)))).scalars().all()
    assert sorted(ends)[0] < now_ms() + 60_001
    assert elsewhere.secret != here.secret


async def test_what_has_ended_is_not_lengthened(database: Database) -> None:
    """Neither a session that ended nor none at all: then one signs in."""
    desk = make_desk(database)
    await make_account(desk)
    here = await sign_in(desk)
    s = store.session
    await database.write(lambda conn: conn.execute(sa.update(s).values(expires_at=now_ms() - 1)))
    assert await code_of(renew(desk.accounts, visit(None, here))) == "session_ended"
    assert await code_of(renew(desk.accounts, visit())) == "not_signed_in"
