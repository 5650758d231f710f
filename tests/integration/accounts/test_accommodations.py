"""Accommodation: more time for an account, granted beforehand, on the record, once."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts import accommodations
from accounts.staff import add_operator
from evidence.recount import moved_ends
from evidence.verify import read as books_of
from foundation import audit
from foundation.clock import now_ms, parse_rfc3339
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import store
from tests.support.desks import call, make_account, make_desk, sign_in
from tests.support.people.attackers import Ground
from tests.support.rooms import make_period

server = pytest.mark.asyncio(loop_scope="module")


async def grant(db: Database, factor: float, username: str = "essai-00001") -> str:
    """The refusal's code; empty for a grant."""
    try:
        await db.write(lambda conn: accommodations.grant(conn, username, factor, "agnes", now_ms()))
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("factor", "code"),
    [(1.0, ""), (1.5, ""), (2.0, ""), (0.99, "invalid"), (2.01, "invalid"), (-1, "invalid"), (float("nan"), "invalid"),
     (float("inf"), "invalid")],
)  # fmt: skip
async def test_from_the_same_time_to_twice_as_much(database: Database, factor: float, code: str) -> None:
    """Beyond it is refused, and so is a name that nobody has; nothing is written then."""
    desk = make_desk(database)
    await make_account(desk)
    assert await grant(database, factor) == code
    assert await grant(database, 1.5, "nobody") == "not_found"
    a = audit.audit.c
    lines = list(await database.read(lambda conn: conn.execute(sa.select(a.actor, a.act, a.detail, a.after))))
    assert [(line.actor, line.act) for line in lines] == ([] if code else [("agnes", "grant")])
    for line in lines:
        assert "essai" not in line.detail
        assert msgspec.json.decode(line.after) == {"accommodation": factor}
    desk.accounts.hasher.close()


async def test_a_live_token_keeps_its_length(database: Database) -> None:
    """Granted before the sign-in it counts, once; with the token bound it is refused, and the books stay right."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    called = await call(desk, period, 1, call=1)
    assert await grant(database, 1.5) == ""
    for _ in range(2):
        await sign_in(desk, called)
        token = await database.read(lambda conn: conn.execute(sa.select(store.token.c.ends)))
        assert token.scalar_one() == period.clock + 900_000
    assert await grant(database, 2.0) == "account_has_live_token"
    assert moved_ends(await books_of(database, period.id)) == []
    await database.write(
        lambda conn: conn.execute(sa.update(store.token).values(state="lapsed", ended_at=now_ms()))
    )
    assert await grant(database, 2.0) == ""
    assert moved_ends(await books_of(database, period.id)) == []
    desk.accounts.hasher.close()


@server
async def test_the_end_moves_once_and_the_page_says_so(battlefield: Ground) -> None:
    """By an operator's call: `me` shows 600 s more from the sign-in on; the page counts down from 20 minutes."""
    siege = await battlefield.siege(1)
    password = "un mot de passe d’opératrice"
    await battlefield.db.write(lambda conn: add_operator(conn, "operatrice", password, now_ms()))
    operator, body = siege.person(), {"username": "essai-00009", "factor": 2.0}
    here = "/api/v1/operator/accommodations"
    assert (await operator.ask("PUT", here, body)).code == "not_signed_in"
    signing = {"username": "operatrice", "password": password}
    assert (await operator.ask("POST", "/api/v1/operator/session", signing)).status == 200
    assert (await operator.ask("PUT", here, body | {"factor": 3})).code == "invalid"
    assert (await operator.ask("PUT", here, body)).status == 204
    await siege.call(1)
    person = siege.honest[0]
    before = await person.me()
    for _ in range(2):
        assert (await person.sign_in(9, before["token"])).status == 200
        after = await person.me()
        longer = parse_rfc3339(after["expires_at"]) - parse_rfc3339(before["expires_at"])
        assert abs(longer - 600_000) < 5_000
    page = (await person.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")).body.decode()
    assert "19\xa0min" in page or "20\xa0min" in page
    assert (await operator.ask("PUT", here, body)).code == "account_has_live_token"
    assert (await person.submit(before["token"])).status == 201
    await siege.nobody_got_ahead(accepted=1)
