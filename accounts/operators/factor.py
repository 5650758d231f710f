"""The second factor of a member of staff, as their row has it: a code by the clock, a recovery code, or a code to enter
once with.

Each serves once. A code to enter with comes from somebody else who took the factor away: with it its owner signs in,
sets up another one, and can do nothing else before.
"""

import secrets

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.registration import codes
from accounts.second_factor import proof, totp
from accounts.second_factor.proof import StoredFactor, UsedCode
from accounts.services import AccountServices
from accounts.staff import StaffMember
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal

ENTRY_LASTS_MS = 3 * 86_400_000
"""A code to enter with is handed over by a person, maybe after a weekend."""

o = store.operator


def secret_of(services: AccountServices, member: StaffMember) -> str | None:
    """The secret of the second factor; None without one, and for one that none of our keys wrote: no code is right."""
    if member.totp_secret is None:
        return None
    return services.totp.decrypt(member.totp_secret, totp.field(member.username))


def codes_left(services: AccountServices, member: StaffMember) -> list[str]:
    """The recovery codes that are left; without a secret, the code to enter with. A text of no key of ours has none."""
    text = None
    if member.codes is not None:
        text = services.totp.decrypt(member.codes, totp.codes_field(member.username))
    return msgspec.json.decode(text or "[]", type=list[str])


def match(services: AccountServices, member: StaffMember, typed: str | None, now: int) -> UsedCode | None:
    """What this code would use up; None for a wrong or used one, and for one to enter with that came too late."""
    is_late = member.codes_until is not None and member.codes_until <= now
    stored = StoredFactor(
        secret=secret_of(services, member) or "",
        codes=[] if is_late else codes_left(services, member),
        step=member.totp_step,
        sealed_codes=member.codes,
    )
    return proof.match(stored, typed or "", now)


async def use(
    conn: AsyncConnection,
    services: AccountServices,
    member: StaffMember,
    used: UsedCode | None,
    values: dict[str, object],
) -> bool:
    """Use a code up and write these values; False where the row has changed since it was read, or the code was taken.

    None uses nothing up: for a member without a second factor.
    """
    here = [
        o.c.id == member.id,
        o.c.removed_at.is_(None),
        o.c.password_hash == member.password_hash,
        o.c.totp_secret.is_not_distinct_from(member.totp_secret),
    ]
    values = dict(values)
    if member.has_factor and used is None:
        return False
    if used is not None and used.step is not None:
        here.append(sa.or_(o.c.totp_step.is_(None), o.c.totp_step < used.step))
        values["totp_step"] = used.step
    elif used is not None:
        here.append(o.c.codes == member.codes)
        left = [code for code in codes_left(services, member) if code != used.recovery]
        values["codes"] = sealed_codes(services.totp, member.username, left)
    return (await conn.execute(sa.update(o).where(*here).values(values))).rowcount == 1


async def required_use(
    conn: AsyncConnection, services: AccountServices, member: StaffMember, used: UsedCode | None
) -> None:
    """The same where nothing else is written. Refusal bad_code."""
    if not await use(conn, services, member, used, {}):
        raise Refusal(Code.BAD_CODE)


def sealed_codes(cipher: FieldCipher, username: str, left: list[str]) -> str:
    """The codes as they are stored."""
    return cipher.encrypt(msgspec.json.encode(left).decode(), totp.codes_field(username))


def new_entry_code() -> str:
    """A code to enter with, in the alphabet of the recovery codes."""
    return "".join(secrets.choice(codes.ALPHABET) for _ in range(codes.LENGTH))
