"""A second factor in a sign-in: asked for where it is set, each code once, recovery codes too."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from accounts.second_factor import enrolment, proof, totp
from accounts.second_factor.proof import StoredFactor, UsedCode, match
from accounts.second_factor.store import second_factor
from accounts.store import attempt
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import PASSWORD, Desk, TypedSecrets, credentials, make_account, make_desk, visit

NOW = 1_800_000_015_000


def typed(code: str) -> TypedSecrets:
    """Everything right, with this code."""
    secrets = credentials()
    return msgspec.structs.replace(
        secrets, credentials=msgspec.structs.replace(secrets.credentials, code=code)
    )


def code_now(secret: str, later: int = 0) -> str:
    return totp.code_at(secret, now_ms() // 1000 // totp.STEP_SECONDS + later)


async def with_factor(desk: Desk) -> tuple[str, list[str]]:
    """The first account with a second factor, its first code used a while ago: secret and recovery codes."""
    signed_in = await desk.sign_in(visit(), credentials())
    came = visit(None, signed_in).came
    secret = await enrolment.begin(desk.accounts, came, signed_in.session, PASSWORD)
    codes = await enrolment.confirm(desk.accounts, came, signed_in.session, code_now(secret))
    await desk.db.write(lambda conn: conn.execute(sa.update(second_factor).values(step=1)))
    return secret, codes


@pytest.mark.parametrize(
    ("code", "used"),
    [
        pytest.param("", None, id="none"),
        pytest.param("000000", None, id="wrong"),
        pytest.param("abcde-fghjk", UsedCode(recovery="ABCDEFGHJK"), id="recovery-code"),
        pytest.param("ABCDEFGHJJ", None, id="no-recovery-code"),
    ],
)
def test_what_a_code_uses_up(code: str, used: UsedCode | None) -> None:
    """A step of the clock, or one of the codes on paper however it is typed."""
    stored = StoredFactor(secret=totp.new(), codes=["ABCDEFGHJK"], step=None, sealed_codes=None)
    assert match(stored, code, NOW) == used


def test_a_step_serves_once() -> None:
    """The same and older ones are wrong afterwards; an unreadable secret has no right code."""
    secret, step = totp.new(), NOW // 1000 // totp.STEP_SECONDS
    fresh = StoredFactor(secret=secret, codes=[], step=None, sealed_codes=None)
    code = totp.code_at(secret, step)
    assert match(fresh, code, NOW) == UsedCode(step=step)
    assert match(msgspec.structs.replace(fresh, step=step), code, NOW) is None
    assert match(msgspec.structs.replace(fresh, secret=""), code, NOW) is None


async def test_a_sign_in_asks_for_the_code_where_there_is_one(database: Database) -> None:
    """Without it, or with a wrong one, 401 bad_code; an account without a factor is asked for nothing."""
    desk = make_desk(database)
    await make_account(desk)
    await make_account(desk, 2)
    secret, _ = await with_factor(desk)
    assert await code_of(desk.sign_in(visit(), credentials())) == "bad_code"
    assert await code_of(desk.sign_in(visit(), typed("123"))) == "bad_code"
    code = code_now(secret)  # once: the next one may begin meanwhile
    await desk.sign_in(visit(), typed(code))
    assert await code_of(desk.sign_in(visit(), typed(code))) == "bad_code"
    await desk.sign_in(visit(), credentials(2))


async def test_a_wrong_password_says_nothing_of_the_code(database: Database) -> None:
    """Who does not know the secrets does not learn that there is a factor."""
    desk = make_desk(database)
    await make_account(desk)
    await with_factor(desk)
    assert await code_of(desk.sign_in(visit(), credentials(password="faux"))) == "bad_credentials"
    assert await code_of(desk.sign_in(visit(), credentials(answers=["faux"]))) == "bad_security_answers"


async def test_of_two_at_once_with_one_code_one_signs_in(database: Database) -> None:
    """The row says which was first; the other is told that its code is used."""
    desk = make_desk(database)
    await make_account(desk)
    secret, _ = await with_factor(desk)
    code = typed(code_now(secret))
    tries = (desk.sign_in(visit(), code) for _ in range(4))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert len([one for one in found if not isinstance(one, BaseException)]) == 1
    refused = {str(one) for one in found if isinstance(one, BaseException)}
    assert "bad_code" in refused
    assert refused <= {"bad_code", "rate_limited"}


async def test_a_recovery_code_serves_once(database: Database) -> None:
    """In place of the telephone; the others stay good."""
    desk = make_desk(database)
    account = await make_account(desk)
    _, codes = await with_factor(desk)
    assert len(set(codes)) == proof.RECOVERY_CODES
    await desk.sign_in(visit(), typed(codes[0]))
    assert await code_of(desk.sign_in(visit(), typed(codes[0]))) == "bad_code"
    await database.write(lambda conn: conn.execute(sa.delete(attempt)))
    await desk.sign_in(visit(), typed(f" {codes[1].lower()} "))
    assert await enrolment.state_of(desk.accounts, account) == proof.RECOVERY_CODES - 2


async def test_nothing_that_proves_stands_in_the_table(database: Database) -> None:
    """Secret and codes are encrypted at rest."""
    desk = make_desk(database)
    await make_account(desk)
    secret, codes = await with_factor(desk)
    (row,) = (await database.read(lambda conn: conn.execute(sa.select(second_factor)))).all()
    assert not any(proving in str(value) for value in row for proving in (secret, *codes))
