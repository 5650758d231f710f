"""A second factor is set up by its first code, and taken away by who has it, or by an agent."""

import asyncio

import pytest
import sqlalchemy as sa

from accounts import sessions
from accounts.attempts import throttling
from accounts.events.events import events_of
from accounts.second_factor import enrolment, pending
from accounts.store import attempt
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.integration.accounts.second_factor.test_proof import code_now, typed, with_factor
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import PASSWORD, credentials, make_desk, sign_in, visit
from tests.support.people.mailboxes import posted, with_address
from tests.support.tasks import rows


async def test_it_counts_once_its_first_code_was_typed(database: Database) -> None:
    """Until then nobody is asked for one; other sessions end, the owner is told, and it is on record."""
    desk = make_desk(database)
    account = await with_address(desk)
    elsewhere, here = await sign_in(desk), await sign_in(desk)
    came = visit(None, here).came
    begun = enrolment.begin(desk.accounts, came, here.session, "faux")
    assert await code_of(begun) == "bad_credentials"
    await database.write(lambda conn: conn.execute(sa.delete(attempt)))
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD)
    assert await enrolment.state_of(desk.accounts, account) is None
    await desk.sign_in(visit(), credentials())
    assert await code_of(enrolment.confirm(desk.accounts, came, here.session, "1")) == "bad_code"
    await enrolment.confirm(desk.accounts, came, here.session, code_now(secret))
    assert await sessions.current(desk.accounts, visit(None, elsewhere)) is None
    assert await sessions.current(desk.accounts, visit(None, here)) is not None
    assert await code_of(enrolment.begin(desk.accounts, came, here.session, PASSWORD)) == "changed_meanwhile"
    assert [letter.kind for letter in await posted(database)] == ["factor_set"]
    kinds = [event.kind for event in await database.read(lambda conn: events_of(conn, {account}))]
    assert "factor_set" in kinds
    assert ("factor_change",) in await rows(database, audit.c.act)


async def test_it_is_taken_away_with_password_and_code(database: Database) -> None:
    """A session left open is not enough; then nobody is asked for a code."""
    desk = make_desk(database)
    await with_address(desk)
    secret, codes = await with_factor(desk)
    here = await desk.sign_in(visit(), typed(code_now(secret)))
    came = visit(None, here).came
    wrong = enrolment.remove(desk.accounts, came, here.session, PASSWORD, "000000")
    assert await code_of(wrong) == "bad_code"
    await enrolment.remove(desk.accounts, came, here.session, PASSWORD, codes[0])
    await desk.sign_in(visit(), credentials())
    assert [letter.kind for letter in await posted(database)] == ["factor_set", "factor_removed"]


async def test_an_agent_takes_it_away(database: Database) -> None:
    """For who has lost telephone and codes; with a name and a reason on record."""
    desk = make_desk(database)
    account = await with_address(desk)
    await with_factor(desk)
    who, personal = Actor("agente", "agent"), desk.accounts.personal
    await database.write(
        lambda conn: enrolment.take_away(conn, personal, account, who, now_ms(), reason="identité vérifiée")
    )
    await desk.sign_in(visit(), credentials())
    assert ("agente", "identité vérifiée") in await rows(database, audit.c.actor, audit.c.reason)


async def test_a_secret_that_was_left_behind_sets_nothing_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quarter of an hour a browser that stands open shows no secret, and takes no code of it."""
    desk = make_desk(database)
    account = await with_address(desk)
    here = await sign_in(desk)
    came = visit(None, here).came
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD)
    assert await enrolment.waiting(desk.accounts, account) == secret
    monkeypatch.setattr(pending, "LASTS_MS", 0)
    assert await enrolment.waiting(desk.accounts, account) is None
    assert await code_of(enrolment.confirm(desk.accounts, came, here.session, code_now(secret))) == "bad_code"
    assert await enrolment.state_of(desk.accounts, account) is None


@pytest.mark.parametrize("slowed", [True, False])
async def test_the_first_code_is_no_place_to_guess(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, slowed: bool
) -> None:
    """After five wrong codes the next one waits, a right one too, and a fresh secret makes none of it good; a right
    code does. Twin: without the delays nobody waits."""
    desk = make_desk(database)
    account = await with_address(desk)
    here = await sign_in(desk)
    came = visit(None, here).came
    if not slowed:
        monkeypatch.setattr(throttling, "FREE_TRIES", 1_000)
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD)
    wrong = [await code_of(enrolment.confirm(desk.accounts, came, here.session, "1")) for _ in range(6)]
    assert wrong == ["bad_code"] * 5 + ["rate_limited" if slowed else "bad_code"]
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD)
    if slowed:
        right = enrolment.confirm(desk.accounts, came, here.session, code_now(secret))
        assert (await refusal_of(right)).fields["retry_after"] in (1, 2)
        assert await enrolment.state_of(desk.accounts, account) is None
        await database.write(lambda conn: conn.execute(sa.update(attempt).values(last_at=now_ms() - 60_000)))
    await enrolment.confirm(desk.accounts, came, here.session, code_now(secret))
    assert await rows(database, attempt.c.key) == []


@pytest.mark.parametrize("again", [True, False])
async def test_a_button_that_is_pressed_twice_shows_the_codes_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """At once or one after the other: who sees only the second answer has their recovery codes. Any other code, and
    the same later, is wrong. Twin: without it the second is told that its code is."""
    desk = make_desk(database)
    await with_address(desk)
    here = await sign_in(desk)
    came = visit(None, here).came
    if not again:
        monkeypatch.setattr(enrolment, "REPEATED_MS", -1_000)
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD)
    first = code_now(secret)
    twice = [enrolment.confirm(desk.accounts, came, here.session, first) for _ in range(2)]
    made = await asyncio.gather(*twice, return_exceptions=True)
    if not again:
        assert sorted(type(one).__name__ for one in made) == ["Refusal", "list"]
        return
    assert made[0] == made[1] == await enrolment.confirm(desk.accounts, came, here.session, first)
    for wrong in (code_now(secret, 1), "000000", ""):
        assert await code_of(enrolment.confirm(desk.accounts, came, here.session, wrong)) == "bad_code"
    assert [letter.kind for letter in await posted(database)] == ["factor_set"]
    await database.write(lambda conn: conn.execute(sa.delete(attempt)))
    await desk.sign_in(visit(), typed(made[0][0]))
    assert await code_of(enrolment.confirm(desk.accounts, came, here.session, first)) == "bad_code"
