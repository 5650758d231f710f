"""The proof of a candidate's second factor: a code by the clock, or one of the recovery codes; each serves once.

It is asked for by every sign-in of an account that has one, in the ten minutes too.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.registration import codes
from accounts.second_factor import totp
from accounts.second_factor.store import second_factor
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal

RECOVERY_CODES = 8
"""Of an account: for a telephone that is lost, on paper beside the password."""

f = second_factor


class StoredFactor(msgspec.Struct, frozen=True, kw_only=True):
    """A second factor as it is read: `secret` and `codes` opened, `sealed` as they stand."""

    secret: str
    codes: list[str]
    step: int | None
    sealed_codes: str | None


class UsedCode(NamedTuple):
    """What a right code uses up: a step of the clock, or one of the recovery codes."""

    step: int | None = None
    recovery: str = ""


async def of(conn: AsyncConnection, cipher: FieldCipher, account: int) -> StoredFactor | None:
    """The second factor of an account, if it has one. A secret that none of our keys wrote has no right code."""
    found = sa.select(f).where(f.c.account == account, f.c.secret.is_not(None))
    row = (await conn.execute(found)).one_or_none()
    if row is None:
        return None
    secret = cipher.decrypt(row.secret, totp.candidate_field(account, "secret"))
    left = cipher.decrypt(row.codes or "", totp.candidate_field(account, "codes"))
    return StoredFactor(
        secret=secret or "",
        codes=msgspec.json.decode(left or "[]", type=list[str]),
        step=row.step,
        sealed_codes=row.codes,
    )


def match(stored: StoredFactor, typed: str, now: int) -> UsedCode | None:
    """What this code would use up; None for a wrong or used one. Pure."""
    typed = typed[: totp.LONGEST_CODE]
    step = totp.step_of(stored.secret, typed, now, stored.step) if stored.secret else None
    if step is not None:
        return UsedCode(step=step)
    given = codes.typed(typed)
    known = [code for code in stored.codes if given and hmac.compare_digest(code, given)]
    return UsedCode(recovery=known[0]) if known else None


async def use(
    conn: AsyncConnection, cipher: FieldCipher, account: int, stored: StoredFactor, used: UsedCode
) -> None:
    """Use a code up. Refusal bad_code where another request did so first."""
    mine = [f.c.account == account, f.c.secret.is_not(None)]
    if used.step is not None:
        fresh = sa.or_(f.c.step.is_(None), f.c.step < used.step)
        changed = sa.update(f).where(*mine, fresh).values(step=used.step)
    else:
        left = [code for code in stored.codes if code != used.recovery]
        changed = sa.update(f).where(*mine, f.c.codes == stored.sealed_codes)
        changed = changed.values(codes=sealed_codes(cipher, account, left))
    if (await conn.execute(changed)).rowcount == 0:
        raise Refusal(Code.BAD_CODE)


def new_codes() -> list[str]:
    """Fresh recovery codes, in the alphabet of the codes of registration: none reads as another."""
    return [
        "".join(secrets.choice(codes.ALPHABET) for _ in range(codes.LENGTH)) for _ in range(RECOVERY_CODES)
    ]


def sealed_codes(cipher: FieldCipher, account: int, left: list[str]) -> str:
    """The recovery codes as they are stored."""
    return cipher.encrypt(msgspec.json.encode(left).decode(), totp.candidate_field(account, "codes"))


Repeats = Callable[[AsyncConnection, int], Awaitable[bool]]
"""Whether a sign-in of this account has been here before, by what it brought."""


class FactorProof:
    """The second factor in one sign-in: found with the account, looked at after the secrets, used with the session.

    A code by the clock serves once. Where `repeats` says that this very sign-in was here already, its code is right
    again: the page sends its form again whose answer was lost, and the ten minutes run.
    """

    def __init__(self, cipher: FieldCipher, typed: str, repeats: Repeats | None = None) -> None:
        self._cipher, self._typed, self._repeats = cipher, typed, repeats
        self._found: dict[int, StoredFactor] = {}

    async def find(self, conn: AsyncConnection, account: int) -> None:
        """Look for the account's factor."""
        stored = await of(conn, self._cipher, account)
        if stored is None:
            return
        if stored.step is not None and await self._is_repeated(conn, account):
            stored = msgspec.structs.replace(stored, step=stored.step - 1)
        self._found[account] = stored

    def is_right(self, account: int) -> bool:
        """Whether the account has none, or its code was typed."""
        stored = self._found.get(account)
        return stored is None or match(stored, self._typed, now_ms()) is not None

    async def use(self, conn: AsyncConnection, account: int) -> None:
        """Use the code up, if there is a factor. Refusal bad_code."""
        stored = self._found.get(account)
        if stored is None:
            return
        used = match(stored, self._typed, now_ms())
        if used is None:
            raise Refusal(Code.BAD_CODE)
        try:
            await use(conn, self._cipher, account, stored, used)
        except Refusal:
            now = await of(conn, self._cipher, account)
            was_used = now is not None and used.step is not None and now.step == used.step
            if not was_used or not await self._is_repeated(conn, account):
                raise

    async def _is_repeated(self, conn: AsyncConnection, account: int) -> bool:
        return self._repeats is not None and await self._repeats(conn, account)
