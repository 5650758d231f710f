"""Changes to an account: proved, on record without what they hold, and told to its owner."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.events.store import account_event
from accounts.identities import Identity
from accounts.own_account import changes, profile
from accounts.recovery import redeeming
from accounts.recovery.states import LostSecret
from foundation import outbox
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support import desks
from tests.support.candidates.own_accounts import own_account
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.candidates.registering import PASSWORD
from tests.support.desks import PERSONAL, make_desk, sign_in, visit
from tests.support.people.mailboxes import with_address
from tests.support.people.recoveries import asked, services_of

CORRECTED = Identity(family_name="Essai-Roi", given_name="Ève", birth_date="1990-02-03", passport="ES-2")


async def lines(db: Database) -> list[Any]:
    return list((await db.read(lambda conn: conn.execute(sa.select(audit)))).all())


async def test_an_agents_correction_is_on_record_and_told_to_the_old_address(database: Database) -> None:
    """With who and why, the names of the fields and nothing of what they hold; doubles are looked for (DU-02)."""
    async with own_account(database) as (place, _):
        agent, reason = Actor("agent", "agent"), "passeport vu au guichet"
        kept = await database.write(
            lambda conn: changes.correct_identity(conn, PERSONAL, 1, CORRECTED, agent, reason, now_ms())
        )
        assert kept.passport == "ES2"
        found = await database.read(lambda conn: profile.find(conn, PERSONAL, 1))
        assert found.identity == kept
        told = len(await place.messages())
        same = await database.write(
            lambda conn: changes.correct_identity(conn, PERSONAL, 1, CORRECTED, agent, reason, now_ms())
        )
        assert same == kept and len(await place.messages()) == told, "the same again is told to nobody"
        to, kind, text = (await place.messages())[-1]
    assert (to, kind) == ("eve@exemple.invalid", "identity_corrected") and "Roi" not in text
    (line,) = [one for one in await lines(database) if one.act == "identity_correction"]
    assert (line.actor, line.role, line.reason) == ("agent", "agent", reason)
    assert '"family_name"' in line.detail and "Roi" not in str(tuple(line))
    kinds = await database.read(lambda conn: conn.execute(sa.select(outbox.task.c.kind)))
    assert list(kinds.scalars()).count("account_scan") >= 1
    events = await database.read(lambda conn: conn.execute(sa.select(account_event.c.kind)))
    assert "identity_corrected" in list(events.scalars())


async def test_a_wrong_correction_is_refused_by_field(database: Database) -> None:
    """As the form's own fields, and nothing is written."""
    wrong = Identity(family_name="", given_name="", birth_date="hier", passport="")
    async with own_account(database):
        refused = await refusal_of(
            database.write(
                lambda conn: changes.correct_identity(conn, PERSONAL, 1, wrong, "agent", "r", now_ms())
            )
        )
    assert [one["name"] for one in refused.fields["fields"]] == ["family_name", "birth_date", "passport"]


@pytest.mark.parametrize("tries", [1], ids=["after-wrong-tries"])
async def test_a_session_left_open_is_no_place_to_guess(database: Database, tries: int) -> None:
    """Wrong passwords count as at a sign-in: after five of them the sixth waits, even if it is right."""
    async with own_account(database) as (place, browser):
        browser.cookies.delete("known")
        new = {"new_password": "quatre lampes vertes au grenier"}
        for _ in range(5 * tries):
            answer = await browser.post("/compte/mot-de-passe", data={"password": "faux", **new})
            assert answer.status_code == 401
        waits = await browser.post("/compte/mot-de-passe", data={"password": PASSWORD, **new})
        assert waits.status_code == 429 and int(waits.headers["retry-after"]) >= 1
        assert place.db is database


async def test_a_new_password_spends_the_links_that_were_mailed(database: Database) -> None:
    """Who had one mailed before, and may not be the owner, can change nothing with it (`recovery/redeeming.py`)."""
    desk = make_desk(database)
    await with_address(desk)
    link, here = await asked(desk, LostSecret.PASSWORD), await sign_in(desk)
    came, new = visit(None, here).came, "quatre lampes vertes au grenier"
    await redeeming.look(services_of(desk), link)
    assert await code_of(changes.change_password(desk.accounts, came, here.session, "faux", new)) == (
        "bad_credentials"
    )
    await redeeming.look(services_of(desk), link)
    await changes.change_password(desk.accounts, came, here.session, desks.PASSWORD, new)
    assert await code_of(redeeming.look(services_of(desk), link)) == "link_expired"


@pytest.mark.parametrize("again", [True, False])
async def test_a_form_whose_answer_was_lost_is_sent_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """The password that it asks for is there already: told as done, once. Any other with a wrong password is refused,
    and slowed down. Twin: without it its owner is told that their password is wrong."""
    if not again:
        monkeypatch.setattr(changes, "REPEATED_MS", -1_000)
    async with own_account(database) as (place, browser):
        typed = {"password": PASSWORD, "new_password": "quatre lampes vertes au grenier"}
        first, second = [await browser.post("/compte/mot-de-passe", data=typed) for _ in range(2)]
        assert (first.status_code, second.status_code) == (303, 303 if again else 401)
        told = [kind for _, kind, _ in await place.messages()]
        assert told.count("password_changed") == 1
        browser.cookies.delete("known")
        guesses = [typed | {"new_password": f"quatre lampes vertes {n}"} for n in range(6)]
        codes = [(await browser.post("/compte/mot-de-passe", data=one)).status_code for one in guesses]
        assert set(codes) == {401, 429} and codes[-1] == 429
