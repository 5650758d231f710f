"""The second factor of staff as their row has it: each code serves once, whoever is faster."""

import asyncio

import pytest

from accounts import staff
from accounts.operators import factor
from accounts.operators.sign_in import sign_in_operator
from accounts.second_factor.proof import UsedCode
from accounts.staff import StaffMember
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import PASSWORD, Desk, make_desk, visit

CODES = ["ABCDEFGHJK", "23456789AB"]


async def with_codes(database: Database) -> tuple[Desk, StaffMember]:
    """Luc, with two codes and no secret."""
    desk = make_desk(database)
    (cheap,) = await desk.accounts.hasher.hash(PASSWORD)
    entry = {"codes": factor.sealed_codes(desk.accounts.totp, "luc", CODES), "codes_until": None}
    await database.write(
        lambda conn: staff.add_operator(conn, "luc", "", now_ms(), hashed=cheap, entry=entry)
    )
    member = await database.read(lambda conn: staff.by_username(conn, "luc"))
    assert member is not None
    return desk, member


async def test_a_code_is_used_up_by_whoever_comes_first(database: Database) -> None:
    """Of two requests with one code one is let in; another code is still good."""
    desk, member = await with_codes(database)
    assert member.has_factor and factor.codes_left(desk.accounts, member) == CODES

    async def come() -> str:
        try:
            await sign_in_operator(desk.accounts, visit().came, "luc", PASSWORD, "abcde fghjk")
        except Refusal as refusal:
            return refusal.code
        return "in"

    assert sorted(await asyncio.gather(come(), come())) == ["bad_credentials", "in"]
    await sign_in_operator(desk.accounts, visit().came, "luc", PASSWORD, CODES[1])
    third = sign_in_operator(desk.accounts, visit().came, "luc", PASSWORD, CODES[1])
    assert await code_of(third) == "bad_credentials"


async def test_a_code_of_a_row_that_changed_is_refused(database: Database) -> None:
    """The factor was renewed between the look and the use."""
    desk, member = await with_codes(database)
    await database.write(lambda conn: staff.write(conn, member.id, {"codes": None}))
    with pytest.raises(Refusal, match="bad_code"):
        await database.write(
            lambda conn: factor.required_use(conn, desk.accounts, member, UsedCode(recovery=CODES[0]))
        )


async def test_nothing_opens_with_a_text_that_no_key_of_ours_wrote(database: Database) -> None:
    """No code is right then: closed, never open."""
    desk, member = await with_codes(database)
    other = make_desk(database, ("z" * 40,))
    assert factor.codes_left(other.accounts, member) == []
    assert factor.match(other.accounts, member, CODES[0], now_ms()) is None
    assert factor.match(desk.accounts, member, CODES[0], now_ms()) == UsedCode(recovery=CODES[0])
    assert factor.secret_of(desk.accounts, member) is None
