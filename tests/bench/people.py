"""People who were called and are signed in, as rows: what the benchmark of submissions needs and HTTP cannot give it.

To sign in costs 60 ms of Argon2, so twenty thousand people would cost twenty minutes before the first figure. Here they
are written straight into SQL, as a call and a sign-in leave them, and what their browsers would hold goes to a file: a
JSON line each, `{"number": 1, "cookie": "session=..."}`.
"""

import argparse
import asyncio
import secrets
import sys
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

import config
from accounts import sessions
from accounts import store as accounts_store
from accounts.states import SessionRole
from config.bulk_import import add_candidates, ciphers_of
from config.demo.people import invented
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import LONG_SECONDS, Database
from quota import ledger
from quota import store as quota_store
from quota.moves import preparing
from quota.programmes import load_all
from quota.states import TokenState
from quota.store import Period
from waitingroom.tickets import Ticket, Tickets

HOUR_MS = 3_600_000

PREFIX = "essai-"

AT_ONCE = 1_000


async def called(conn: AsyncConnection, people: int, secret: str) -> list[dict[str, object]]:
    """Make so many people, all called, signed in, bound and with a complete draft, in the period `demo`."""
    period = await the_period(conn, people)
    now = now_ms()
    for start in range(1, people + 1, AT_ONCE):
        numbers = range(start, min(people + 1, start + AT_ONCE))
        people_of = invented(PREFIX, numbers, "secret", ["a"], ["?"])
        await add_candidates(conn, ciphers_of((secret,)), people_of, "demo", now)
    a = accounts_store.account.c
    found = await conn.execute(
        sa.select(a.id, a.username).where(a.username.like(f"{PREFIX}%")).order_by(a.id)
    )
    accounts = {int(row.username.removeprefix(PREFIX)): int(row.id) for row in found}
    tickets = Tickets((secret,))
    browsers: list[dict[str, object]] = []
    token_rows, session_rows = [], []
    for number in range(1, people + 1):
        token = ledger.Token(
            number=number, state=TokenState.LIVE, account=accounts[number], call=None, called_at=now,
            called_clock=period.clock, ends=period.clock + HOUR_MS, jti=secrets.token_urlsafe(16), receipt=None,
        )  # fmt: skip
        session = secrets.token_urlsafe(32)
        token_rows.append(msgspec.structs.asdict(token) | {"period": period.uid})
        session_rows.append(
            {"digest": sessions.digest(session), "role": SessionRole.CANDIDATE, "owner": accounts[number],
             "created_at": now, "expires_at": now + HOUR_MS}
        )  # fmt: skip
        ticket = tickets.issue(Ticket(period.uid, number, f"{number:032x}"))
        cookie = f"session={session}; ticket-{period.id}={ticket}"
        browsers.append({"number": number, "cookie": cookie})
    await conn.execute(sa.insert(quota_store.token), token_rows)
    await conn.execute(sa.insert(accounts_store.session), session_rows)
    # A mark that went back would be taken for a copy of the books, and the line would go on above it.
    await ledger.update(conn, period.uid, held=people, mark=max(period.mark, people))
    return browsers


async def the_period(conn: AsyncConnection, places: int) -> Period:
    """The period `demo`; made, and open, where there is none yet."""
    try:
        return await ledger.period_by_id(conn, "demo")
    except Refusal:
        programme = load_all(Path(config.__file__).parent / "programmes")["demo"]
        now = now_ms()
        made = await preparing.create(
            conn, programme, "demo", now, now + HOUR_MS, places, audit.SERVICE, now - 1, reason="bench"
        )
        await ledger.update(conn, made.uid, state="open")
        return await ledger.period_by_id(conn, "demo")


async def prepare(url: str, people: int, secret: str) -> list[dict[str, object]]:
    database = Database(url)
    try:
        return await database.write(lambda conn: called(conn, people, secret), LONG_SECONDS)
    finally:
        await database.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.people", description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--secret", default="a key that signs in a benchmark, long enough")
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    found = asyncio.run(prepare(options.database_url, options.people, options.secret))
    options.into.write_bytes(b"\n".join(map(msgspec.json.encode, found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
