"""Signing in before the address is confirmed."""

import sqlalchemy as sa

from accounts import store
from accounts.registration.store import registration
from accounts.store import missed_attempt
from foundation.sql.database import Database
from tests.support.candidates.own_accounts import SECRETS
from tests.support.candidates.registering import registration_place


async def test_the_right_secrets_are_told_what_to_do_and_wrong_ones_nothing(database: Database) -> None:
    """403 with the right ones, 401 with others, as for any account; no session, and nothing counted for nobody."""
    async with registration_place(database) as place, place.browser() as client:
        await place.register(client)
        told = await client.post("/api/v1/session", json=SECRETS)
        assert (told.status_code, told.json()["code"]) == (403, "email_unconfirmed")
        assert "set-cookie" not in told.headers
        wrong = await client.post("/api/v1/session", json=SECRETS | {"password": "autre"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_credentials")
        page = await client.post("/connexion", data={"username": "eve-essai", "password": SECRETS["password"],
                                 **{f"answer-{n}": one for n, one in enumerate(SECRETS["answers"], 1)}})  # fmt: skip
        assert page.status_code == 403 and "pas encore confirmée" in page.text
    rows = await database.read(lambda conn: conn.execute(sa.select(missed_attempt)))
    assert rows.all() == []


async def test_what_is_past_or_closed_signs_nobody_in(database: Database) -> None:
    """A registration that has waited too long is as none; a closed account is told so with its right secrets only."""
    async with registration_place(database) as place, place.browser() as client:
        await place.registered(client)
        await database.write(lambda conn: conn.execute(sa.update(store.account).values(state="closed")))
        closed = await client.post("/api/v1/session", json=SECRETS)
        assert (closed.status_code, closed.json()["code"]) == (403, "not_allowed")
        await place.register(client, username="autre-essai", email="autre@exemple.invalid")
        await database.write(lambda conn: conn.execute(sa.update(registration).values(kept_until=1)))
        past = await client.post("/api/v1/session", json=SECRETS | {"username": "autre-essai"})
        assert (past.status_code, past.json()["code"]) == (401, "bad_credentials")
