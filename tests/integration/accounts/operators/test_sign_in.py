"""Operators sign in: with a password, with a code where they have one, and slower where somebody guesses."""

import asyncio
import contextlib
from typing import Any

import pytest
import sqlalchemy as sa

from accounts import sessions
from accounts import store as accounts_store
from accounts.attempts import challenge, throttling
from accounts.attempts.known_browsers import COOKIE
from accounts.operators.sign_in import sign_in_operator
from accounts.passwords import SPARE, HashingLane
from accounts.second_factor import totp
from accounts.sessions import SignedIn
from accounts.staff import add_operator, by_username, remove, set_password
from accounts.states import SessionRole, StaffTotp
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import (
    PASSWORD,
    Desk,
    TriesClock,
    credentials,
    crowded,
    make_desk,
    verified,
    visit,
)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> TriesClock:
    """No wait passes by itself, however slow the machine is."""
    stands = TriesClock()
    monkeypatch.setattr(challenge, "now_ms", stands)
    return stands


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

o = accounts_store.operator


async def with_operator(database: Database, secret: str | None = None, **desk_values: Any) -> Desk:
    """A desk, and the operator `regie` with the usual password and this second factor."""
    desk = make_desk(database, **desk_values)
    stored = None if secret is None else desk.accounts.totp.encrypt(secret, totp.field("regie"))
    await database.write(lambda conn: add_operator(conn, "Regie", PASSWORD, now_ms(), totp_secret=stored))
    (cheap,) = await desk.accounts.hasher.hash(PASSWORD)
    await database.write(lambda conn: conn.execute(sa.update(o).values(password_hash=cheap)))
    return desk


async def tried(
    desk: Desk,
    password: str = PASSWORD,
    *,
    code: str | None = None,
    name: str = "regie",
    address: str = "192.0.2.1",
    browser: str = "",
) -> SignedIn:
    """One try at the desk, from an address, in a browser that shows this cookie."""
    at = visit({COOKIE: browser} if browser else None, address=address)
    return await sign_in_operator(desk.accounts, at.came, name, password, code)


async def test_an_operator_signs_in_with_a_password_alone(database: Database) -> None:
    """An operator's session is of its own kind; a wrong password and an unknown name are refused alike."""
    desk = await with_operator(database)
    signed_in = await tried(desk, name="Regie")
    at_the_desk = await sessions.required(desk.accounts, visit(None, signed_in), SessionRole.OPERATOR)
    assert (at_the_desk.username, at_the_desk.has_code) == ("regie", False)
    assert await code_of(sessions.required(desk.accounts, visit(None, signed_in))) == "not_signed_in"
    for username, password in (("regie", "wrong"), ("nobody", PASSWORD)):
        before = verified(desk)
        assert await code_of(tried(desk, password, name=username)) == "bad_credentials"
        assert verified(desk) - before == 1


async def test_an_operators_wrong_tries_are_slowed_and_a_right_one_forgives_them(database: Database) -> None:
    """As a candidate's: five are free, and who mistyped four times is not near a limit the next time (AC-08)."""
    desk = await with_operator(database)
    for _ in range(3):
        for _ in range(throttling.FREE_TRIES - 1):
            assert await code_of(tried(desk, "wrong")) == "bad_credentials"
        await tried(desk)
    for _ in range(throttling.FREE_TRIES):
        assert await code_of(tried(desk, "wrong")) == "bad_credentials"
    assert await code_of(tried(desk)) == "rate_limited"


async def test_a_candidate_of_the_same_name_has_other_tries(database: Database) -> None:
    """Guessing at the candidate `regie` does not delay the operator, and the other way round."""
    desk = await with_operator(database)
    for _ in range(throttling.FREE_TRIES):
        await code_of(desk.sign_in(visit(), credentials(username="regie", password="guess")))
    guess = credentials(username="regie", password="guess")
    assert await code_of(desk.sign_in(visit(), guess)) == "rate_limited"
    await tried(desk)


# -- many addresses --------------------------------------------------------------------------------------------------


async def flood(desk: Desk, addresses: int = 60, each: int = 5) -> int:
    """How many of so many wrong passwords from so many addresses were looked at."""
    before = verified(desk)
    for round_ in range(each):
        for host in range(addresses):
            with contextlib.suppress(Refusal):
                await tried(desk, f"guess {round_}", address=f"203.0.113.{host}")
    return verified(desk) - before


async def test_many_addresses_are_not_as_many_budgets_at_an_operators_name(database: Database) -> None:
    """Of 300 wrong passwords from 60 addresses as many are looked at as all strangers have together."""
    desk = await with_operator(database)
    assert await flood(desk) == throttling.STAFF_TRIES
    refused = await refusal_of(tried(desk, address="198.51.100.9"))
    assert (refused.code, refused.fields["retry_after"]) == ("rate_limited", 2)


async def test_without_a_count_over_all_sources_every_guess_would_be_looked_at(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: each address has its five, and sixty of them three hundred."""

    async def nothing(*_: object) -> bool:
        return False

    monkeypatch.setattr(challenge, "_charge_account", nothing)
    database = Database(sqlite_url)
    desk = await with_operator(database)
    assert await flood(desk) == 300
    await database.close()


@pytest.mark.slow
async def test_nobody_keeps_an_operator_out_of_their_own_browser(database: Database) -> None:
    """While strangers guess from everywhere, the browser in which they signed in before has tries of its own."""
    desk = await with_operator(database)
    mine = (await tried(desk, address="198.51.100.9")).browser
    await flood(desk)
    for _ in range(throttling.FREE_TRIES - 1):
        assert await code_of(tried(desk, "a typing error", address="203.0.113.1", browser=mine)) == (
            "bad_credentials"
        )
    await tried(desk, address="203.0.113.1", browser=mine)


async def test_a_wait_at_an_operators_name_grows_and_is_bounded(
    database: Database, clock: TriesClock
) -> None:
    """It doubles with each wrong password that is looked at, up to a minute; then the owner is looked at too."""
    desk = await with_operator(database)
    await flood(desk)
    waits = []
    for host in range(8):
        refused = await refusal_of(tried(desk, "guess", address=f"198.51.100.{host}"))
        waits.append(refused.fields["retry_after"])
        clock.passes(waits[-1] * 1000)
        assert await code_of(tried(desk, "guess", address=f"198.51.100.{host}")) == "bad_credentials"
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    clock.passes(60_000)
    await tried(desk, address="198.51.100.99")


async def test_what_others_tried_is_told_at_the_next_sign_in(database: Database) -> None:
    """How many and since when, without the owner's own typing errors; then it begins at zero."""
    desk = await with_operator(database)
    mine = (await tried(desk)).browser
    await flood(desk, addresses=3, each=2)
    await code_of(tried(desk, "a typing error", browser=mine))
    missed = (await tried(desk, browser=mine)).session.missed
    assert missed is not None
    assert (missed.tries, missed.knew_password) == (6, 0)
    assert (await tried(desk, browser=mine)).session.missed is None


# -- the hashing threads ---------------------------------------------------------------------------------------------


async def test_a_try_of_an_operator_that_was_never_looked_at_does_not_count(database: Database) -> None:
    """All hashing threads busy: neither the operator's budget nor that of the address is charged."""
    desk = await with_operator(database)
    with crowded(desk, HashingLane.STAFF):
        for _ in range(2 * throttling.STAFF_TRIES):
            assert await code_of(tried(desk)) == "unavailable"
    assert not desk.accounts.budgets._addresses._buckets
    rows = await database.read(lambda conn: conn.execute(sa.select(accounts_store.attempt)))
    assert rows.all() == []
    await tried(desk)


async def test_an_operator_does_not_stand_behind_a_flood_of_candidates(database: Database) -> None:
    """The candidates' lane is full, and an operator signs in at once."""
    desk = await with_operator(database)
    with crowded(desk, HashingLane.CANDIDATES):
        assert await code_of(desk.sign_in(visit(), credentials())) == "unavailable"
        await asyncio.wait_for(tried(desk), 10)


async def test_in_one_lane_with_candidates_an_operator_would(sqlite_url: str) -> None:
    """Twin: without a lane of their own they are sent away with the flood."""
    database = Database(sqlite_url)
    desk = await with_operator(database)
    lines = desk.accounts.hasher._lines
    lines[HashingLane.STAFF] = lines[HashingLane.CANDIDATES]
    with crowded(desk, HashingLane.CANDIDATES):
        assert await code_of(tried(desk)) == "unavailable"
    await database.close()


async def test_a_flood_of_strangers_at_the_desk_leaves_room_for_those_it_knows(database: Database) -> None:
    """The last places of the lane are for browsers that signed in before."""
    desk = await with_operator(database)
    mine = (await tried(desk)).browser
    lane = desk.accounts.hasher._lines[HashingLane.STAFF]
    lane.busy = lane.most
    assert await code_of(tried(desk)) == "unavailable"
    await tried(desk, browser=mine)
    lane.busy = lane.most + SPARE
    assert await code_of(tried(desk, browser=mine)) == "unavailable"
    lane.busy = 0


# -- the second factor -----------------------------------------------------------------------------------------------


def current(away: int = 0) -> str:
    """The code of now, or of so many steps away."""
    return totp.code_at(SECRET, now_ms() // 1000 // totp.STEP_SECONDS + away)


async def test_who_has_a_second_factor_gives_its_code(database: Database) -> None:
    """Without it, or with a wrong one, the right password is as a wrong one; the code is taken once."""
    desk = await with_operator(database, SECRET)
    for wrong in (None, "", "000000", "12345", current(5)):
        assert await code_of(tried(desk, code=wrong)) == "bad_credentials"
        await throttle_away(desk)
    code = current()
    signed_in = await tried(desk, code=f"{code[:3]} {code[3:]}")
    at_the_desk = await sessions.required(desk.accounts, visit(None, signed_in), SessionRole.OPERATOR)
    assert at_the_desk.has_code
    assert await code_of(tried(desk, code=code)) == "bad_credentials"


async def throttle_away(desk: Desk) -> None:
    await desk.db.write(lambda conn: conn.execute(sa.delete(accounts_store.attempt)))


async def test_a_code_that_is_sent_twice_at_once_serves_once(database: Database) -> None:
    """Of four requests with the same right code one is let in."""
    desk = await with_operator(database, SECRET)
    code = current()
    came = await asyncio.gather(
        *(tried(desk, code=code, address=f"192.0.2.{host}") for host in range(1, 5)), return_exceptions=True
    )
    assert [type(one) for one in came].count(SignedIn) == 1
    refused = [one.code for one in came if isinstance(one, Refusal)]
    assert refused == ["bad_credentials"] * 3


async def test_wrong_codes_count_as_wrong_passwords(database: Database) -> None:
    """Five from an address, ten from everywhere: a code of six digits cannot be tried out."""
    desk = await with_operator(database, SECRET)
    looked_at = 0
    for host in range(60):
        looked_at += (
            await code_of(tried(desk, code="000000", address=f"203.0.113.{host}")) == "bad_credentials"
        )
    assert looked_at == throttling.STAFF_TRIES


async def test_a_right_code_has_tries_that_no_stranger_can_use_up(database: Database) -> None:
    """At a new computer, while strangers guess from everywhere: the telephone proves who it is."""
    desk = await with_operator(database, SECRET)
    await flood(desk)
    assert await code_of(tried(desk, code="000000", address="198.51.100.9")) == "rate_limited"
    await tried(desk, code=current(), address="198.51.100.9")


async def test_whoever_knew_the_password_without_the_code_is_told_of(database: Database) -> None:
    """The owner reads that somebody has their password."""
    desk = await with_operator(database, SECRET)
    await code_of(tried(desk, code="000000", address="203.0.113.7"))
    missed = (await tried(desk, code=current())).session.missed
    assert missed is not None
    assert (missed.tries, missed.knew_password) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "code"),
    [(StaffTotp.OPTIONAL, None), (StaffTotp.OFF, None), (StaffTotp.REQUIRED, "bad_credentials")],
)
async def test_who_has_none_signs_in_without_unless_it_is_required(
    database: Database, rule: StaffTotp, code: str | None
) -> None:
    """The setting decides; with `required` the password alone opens nothing."""
    desk = await with_operator(database, staff_totp=rule)
    if code is None:
        await tried(desk)
    else:
        assert await code_of(tried(desk)) == code


async def test_a_secret_of_a_key_that_was_dropped_opens_nothing(database: Database) -> None:
    """It is no way round the second factor; and while both keys are there, a sign-in writes it under the new one."""
    old, new = "an old key, long enough for anybody", "a new key, long enough for anybody"
    desk = await with_operator(database, SECRET, keys=(old,))
    dropped = make_desk(database, (new,))
    assert await code_of(tried(dropped, code=current())) == "bad_credentials"
    await throttle_away(desk)
    await tried(make_desk(database, (new, old)), code=current())
    member = await database.read(lambda conn: by_username(conn, "regie"))
    assert member is not None and member.totp_secret is not None
    assert dropped.accounts.totp.decrypt(member.totp_secret, totp.field("regie")) == SECRET


async def test_a_removed_operator_is_unknown(database: Database) -> None:
    """No sign-in with the right password, and the session they had is over."""
    desk = await with_operator(database)
    signed_in = await tried(desk)
    await database.write(lambda conn: remove(conn, "regie", now_ms()))
    assert await sessions.current(desk.accounts, visit(None, signed_in), SessionRole.OPERATOR) is None
    assert await code_of(tried(desk)) == "bad_credentials"


async def test_nobody_signs_in_under_a_reserved_name(database: Database) -> None:
    """Not even where an earlier release gave it to somebody: what they do would read as the service's (P17)."""
    desk = await with_operator(database)
    await database.write(lambda conn: conn.execute(sa.update(o).values(username="service")))
    assert await code_of(tried(desk, name="service")) == "bad_credentials"


async def test_a_sign_in_under_way_begins_no_session_after_what_ends_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is renewed while the old one is being verified: nobody is in with it afterwards."""
    desk = await with_operator(database)
    check = desk.accounts.hasher.check

    async def renewed(*pairs: Any, **values: Any) -> list[bool]:
        right = await check(*pairs, **values)
        await database.write(lambda conn: set_password(conn, "regie", "un second mot de passe", now_ms()))
        return right

    monkeypatch.setattr(desk.accounts.hasher, "check", renewed)
    assert await code_of(tried(desk)) == "bad_credentials"
    rows = await database.read(lambda conn: conn.execute(sa.select(accounts_store.session.c.digest)))
    assert rows.all() == []


async def test_a_password_is_the_same_however_it_is_encoded(database: Database) -> None:
    """As a candidate's: composed or not, and whatever an earlier release has hashed."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "Regie", "un été à l\u2019abri", now_ms()))
    assert (await tried(desk, "un e\u0301te\u0301 à l\u2019abri")).session.username == "regie"
    (earlier,) = await desk.accounts.hasher.hash("un e\u0301te\u0301 d\u2019avant")
    await database.write(lambda conn: conn.execute(sa.update(o).values(password_hash=earlier)))
    assert (await tried(desk, "un e\u0301te\u0301 d\u2019avant")).session.username == "regie"


async def test_a_name_that_could_not_be_folded_still_signs_in(database: Database) -> None:
    """Two colleagues of before whose names differ by an accent alone: each enters as themselves."""
    desk = await with_operator(database)
    await database.write(lambda conn: conn.execute(sa.update(o).values(username="agnes")))
    (hashed,) = await desk.accounts.hasher.hash("un autre mot de passe")
    await database.write(lambda conn: add_operator(conn, "boris", PASSWORD, now_ms()))
    other = sa.update(o).where(o.c.username == "boris").values(username="agnès", password_hash=hashed)
    await database.write(lambda conn: conn.execute(other))
    assert (await tried(desk, name="agnes")).session.username == "agnes"
    assert (await tried(desk, "un autre mot de passe", name="Agnès")).session.username == "agnès"
