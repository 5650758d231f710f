"""A visit to the account: an hour, and an hour more from each press on the button (WR-17).

WR-17 gives an hour « à chaque fois », and signs people in again for another one. Nobody has to: the button gives the
next hour at once (WCAG 2.2.1), and what is typed stays. A visit ends for good half a day after its sign-in, so that
a session on a shared computer does not live for ever; the ten minutes of a turn are no session's to lengthen.
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, store
from accounts.services import AccountServices
from accounts.sessions import Carrier, Session
from accounts.states import SessionRole
from foundation.clock import now_ms

LONGEST_MS = 12 * 3_600_000
"""From the sign-in, however often the button is pressed: eleven times at least, where WCAG asks for ten."""

ROLE = SessionRole.CANDIDATE


def renewed_until(now: int, began_at: int, expires_at: int) -> int:
    """Until when a session lasts that is renewed now; never shorter than before. Instants. Pure."""
    return max(expires_at, min(now + sessions.LASTS_MS[ROLE], began_at + LONGEST_MS))


async def renew(services: AccountServices, carrier: Carrier) -> Session:
    """Give this browser's session its next hour. Refusals not_signed_in, session_ended."""

    async def step(conn: AsyncConnection) -> Session:
        await sessions.find(conn, carrier, ROLE)
        s, now = store.session, now_ms()
        here = (s.c.digest == sessions.shown(carrier, ROLE), s.c.role == ROLE)
        row = (await conn.execute(sa.select(s.c.created_at, s.c.expires_at).where(*here))).one()
        until = renewed_until(now, row.created_at, row.expires_at)
        await conn.execute(sa.update(s).where(*here).values(expires_at=until))
        return await sessions.find(conn, carrier, ROLE)

    return await services.db.write(step)
