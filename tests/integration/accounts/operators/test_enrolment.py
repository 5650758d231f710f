"""A member of staff sets up their own second factor; somebody else can only take it away and hand over a code."""

import pytest
import sqlalchemy as sa

from accounts import sessions, staff
from accounts import store as accounts_store
from accounts.attempts import throttling
from accounts.operators import enrolment, factor
from accounts.operators.sign_in import sign_in_operator
from accounts.second_factor import pending, totp
from accounts.sessions import SignedIn
from accounts.staff import StaffProblem
from accounts.states import SessionRole, StaffTotp
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import PASSWORD, Desk, make_desk, visit

ADA, LUC = Actor("ada", "administrator"), Actor("luc", "clerk")

o = accounts_store.operator

NEW = "quatre tortues sous un parapluie"


async def with_member(database: Database) -> Desk:
    """A desk, and luc with the usual password and no second factor."""
    desk = make_desk(database)
    (cheap,) = await desk.accounts.hasher.hash(PASSWORD)
    await database.write(lambda conn: staff.add_operator(conn, "luc", PASSWORD, now_ms(), hashed=cheap))
    return desk


async def sign_in(desk: Desk, code: str | None = None, password: str = PASSWORD) -> SignedIn:
    return await sign_in_operator(desk.accounts, visit().came, "luc", password, code)


def code_of_step(secret: str, steps: int = 0) -> str:
    """The code that an authenticator shows so many steps from now."""
    return totp.code_at(secret, now_ms() // 1000 // totp.STEP_SECONDS + steps)


async def enrolled(desk: Desk, here: SignedIn) -> tuple[str, list[str]]:
    """Set one up in this session: the secret and the recovery codes. The code of the step before is used up."""
    came = visit(None, here).came
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD, "")
    assert await enrolment.waiting(desk.accounts, here.session) == secret
    codes = await enrolment.confirm(desk.accounts, came, here.session, code_of_step(secret, -1), LUC)
    return secret, codes


async def current(desk: Desk, here: SignedIn) -> sessions.Session | None:
    return await sessions.current(desk.accounts, visit(None, here), SessionRole.OPERATOR)


async def test_a_member_sets_up_their_own_and_needs_it_from_then_on(database: Database) -> None:
    """By its first code; other sessions end; each code of it serves once, and a recovery code in its place."""
    desk = await with_member(database)
    here, elsewhere = await sign_in(desk), await sign_in(desk)
    assert (
        await code_of(enrolment.confirm(desk.accounts, visit(None, here).came, here.session, "1", LUC))
        == "bad_code"
    )
    secret, codes = await enrolled(desk, here)
    kept = await current(desk, here)
    assert (
        kept is not None and kept.has_code and not kept.owes_code and await current(desk, elsewhere) is None
    )
    assert await code_of(sign_in(desk)) == "bad_credentials"
    step = (await database.read(lambda conn: conn.execute(sa.select(o.c.totp_step)))).scalar_one()
    assert await code_of(sign_in(desk, totp.code_at(secret, step))) == "bad_credentials"
    await sign_in(desk, code_of_step(secret))
    await sign_in(desk, codes[0].lower())
    assert await code_of(sign_in(desk, codes[0])) == "bad_credentials"
    own = await enrolment.own_factor(desk.accounts, kept)
    assert (own.is_set, own.left, own.may_remove) == (True, 7, True)
    row = await database.read(lambda conn: conn.execute(sa.select(o)))
    stored = row.one()
    assert secret not in str(stored) and codes[1] not in str(stored) and stored.totp_pending is None


async def test_what_is_set_up_is_changed_by_password_and_code(database: Database) -> None:
    """A wrong password or code changes nothing; renewed, the old secret is worth nothing; taken away, none is asked."""
    desk = await with_member(database)
    here = await sign_in(desk)
    secret, codes = await enrolled(desk, here)
    came = visit(None, here).came
    for password, code, refused in (("faux", codes[0], "bad_credentials"), (PASSWORD, "000000", "bad_code")):
        begun = enrolment.begin(desk.accounts, came, here.session, password, code)
        assert await code_of(begun) == refused
    fresh = await enrolment.begin(desk.accounts, came, here.session, PASSWORD, codes[0])
    assert await code_of(sign_in(desk, code_of_step(fresh))) == "bad_credentials", "not before its first code"
    more = await enrolment.confirm(desk.accounts, came, here.session, code_of_step(fresh, -1), LUC)
    assert await code_of(sign_in(desk, code_of_step(secret))) == "bad_credentials"
    assert await code_of(sign_in(desk, codes[1])) == "bad_credentials"
    await enrolment.remove(desk.accounts, came, here.session, PASSWORD, more[0], LUC)
    await sign_in(desk)


async def test_where_it_is_required_nobody_takes_their_own_away(database: Database) -> None:
    """They may renew it; and who has neither factor nor code cannot sign in."""
    desk = await with_member(database)
    here = await sign_in(desk)
    _, codes = await enrolled(desk, here)
    strict = make_desk(database, staff_totp=StaffTotp.REQUIRED)
    came = visit(None, here).came
    removed = enrolment.remove(strict.accounts, came, here.session, PASSWORD, codes[0], LUC)
    assert await code_of(removed) == "not_found"
    assert not (await enrolment.own_factor(strict.accounts, here.session)).may_remove
    await database.write(lambda conn: staff.set_totp(conn, "luc", None, now_ms()))
    assert await code_of(sign_in(strict)) == "bad_credentials"


@pytest.mark.parametrize("setting", [StaffTotp.OPTIONAL, StaffTotp.REQUIRED])
async def test_a_code_that_is_handed_over_lets_in_once(database: Database, setting: StaffTotp) -> None:
    """Sessions end; the password alone is not enough, nor the old factor; inside, a factor is owed until it is set."""
    desk = await with_member(database)
    here = await sign_in(desk)
    secret, codes = await enrolled(desk, here)
    desk = make_desk(database, staff_totp=setting)
    id = here.session.owner
    entry = await database.write(lambda conn: enrolment.reset(conn, desk.accounts.totp, id, now_ms(), ADA))
    assert await current(desk, here) is None
    for wrong in (None, code_of_step(secret), codes[0], "AAAAA-AAAAA"):
        assert await code_of(sign_in(desk, wrong)) == "bad_credentials"
    there = await sign_in(desk, entry)
    assert await code_of(sign_in(desk, entry)) == "bad_credentials"
    inside = await current(desk, there)
    assert inside is not None and inside.owes_code
    fresh, _ = await enrolled(desk, there)
    inside = await current(desk, there)
    assert inside is not None and inside.has_code and not inside.owes_code
    await sign_in(desk, code_of_step(fresh))


async def test_a_code_to_enter_with_lasts_three_days(database: Database) -> None:
    """Then nothing lets in but another one."""
    desk = await with_member(database)
    long_ago = now_ms() - factor.ENTRY_LASTS_MS
    entry = await database.write(lambda conn: enrolment.reset(conn, desk.accounts.totp, 1, long_ago, ADA))
    assert await code_of(sign_in(desk, entry)) == "bad_credentials"
    entry = await database.write(lambda conn: enrolment.reset(conn, desk.accounts.totp, 1, now_ms(), ADA))
    await sign_in(desk, entry)


async def test_nobody_hands_a_code_to_themselves(database: Database) -> None:
    """Nor to nobody."""
    desk = await with_member(database)
    for id, by, words in ((1, LUC, "their own"), (10_000, ADA, "no operator")):
        with pytest.raises(StaffProblem, match=words):
            await database.write(
                lambda conn, id=id, by=by: enrolment.reset(conn, desk.accounts.totp, id, now_ms(), by)  # type: ignore[misc]
            )


async def test_a_member_changes_their_password(database: Database) -> None:
    """A weak one is refused with its field; other sessions end; the old one is worth nothing."""
    desk = await with_member(database)
    here, elsewhere = await sign_in(desk), await sign_in(desk)
    came = visit(None, here).came
    for weak in ("court", "motdepasse2026!", "luc luc luc luc"):
        refused = await refusal_of(
            enrolment.change_password(desk.accounts, came, here.session, PASSWORD, "", weak, LUC)
        )
        assert refused.code == "password_weak" and refused.fields["fields"][0]["name"] == "new_password"
    wrong = enrolment.change_password(desk.accounts, came, here.session, "faux", "", NEW, LUC)
    assert await code_of(wrong) == "bad_credentials"
    await enrolment.change_password(desk.accounts, came, here.session, PASSWORD, "", NEW, LUC)
    assert await current(desk, here) is not None and await current(desk, elsewhere) is None
    assert await code_of(sign_in(desk)) == "bad_credentials"
    await sign_in(desk, password=NEW)


async def test_a_secret_that_was_left_behind_sets_nothing_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quarter of an hour a browser that stands open shows no secret, and takes no code of it."""
    desk = await with_member(database)
    here = await sign_in(desk)
    came = visit(None, here).came
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD, "")
    monkeypatch.setattr(pending, "LASTS_MS", 0)
    assert await enrolment.waiting(desk.accounts, here.session) is None
    typed = code_of_step(secret)
    assert await code_of(enrolment.confirm(desk.accounts, came, here.session, typed, LUC)) == "bad_code"
    assert not (await enrolment.own_factor(desk.accounts, here.session)).is_set


@pytest.mark.parametrize("slowed", [True, False])
async def test_the_first_code_is_no_place_to_guess(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, slowed: bool
) -> None:
    """As a candidate's: after five wrong ones a right one waits. A candidate of the same name waits for nobody. Twin:
    without the delays nobody waits."""
    desk = await with_member(database)
    here = await sign_in(desk)
    came = visit(None, here).came
    if not slowed:
        monkeypatch.setattr(throttling, "FREE_TRIES", 1_000)
    secret = await enrolment.begin(desk.accounts, came, here.session, PASSWORD, "")
    for _ in range(5):
        assert await code_of(enrolment.confirm(desk.accounts, came, here.session, "1", LUC)) == "bad_code"
    await pending.charge(desk.accounts, SessionRole.CANDIDATE, "luc")
    right = enrolment.confirm(desk.accounts, came, here.session, code_of_step(secret), LUC)
    if slowed:
        assert (await refusal_of(right)).fields["retry_after"] in (1, 2)
    else:
        await right
    assert (await enrolment.own_factor(desk.accounts, here.session)).is_set is not slowed
