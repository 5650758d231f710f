"""What candidates do themselves: name a representative, correct what was typed, end a power (RP-02, RP-03, RP-05)."""

import secrets
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import moving, powers
from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.declaration.typed import TypedRepresentative
from accounts.representatives.moving import CANDIDATE
from accounts.representatives.powers import Representation
from accounts.representatives.procurations.references import new_reference
from accounts.representatives.register import standing
from accounts.representatives.register.standing import OTHER_NAME, REFUSED, RegisterStanding
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerPosition, PowerState, RepresentativeKind
from accounts.representatives.store import representative, representative_event
from foundation.calendar.days import DAY_MS
from foundation.clock import montreal
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for

MOST_A_DAY = 20
"""Declarations, corrections and revocations of an account in 24 hours, after which it declares nothing more."""

e = representative_event.c


async def declare(
    conn: AsyncConnection,
    services: RepresentativeServices,
    account: int,
    typed: TypedRepresentative,
    now: int,
) -> Representation:
    """Name a representative, or correct the one who waits for a procuration; the same again changes nothing.

    Refusals invalid, rate_limited, consultant_not_recognised, representative_exists (a procuration has come: end that
    one first).
    """
    kind, details = typed.kind, typed.details
    if kind is None or details is None:
        raise invalid(typed.errors)
    there = await powers.live_of(conn, services.details, account, lock=True)
    if there is not None and (there.kind, there.details) == (kind, details):
        return there
    await _require_few(conn, account, now)
    consultant = await _recognised(conn, kind, details, montreal(now).date())
    if there is not None and there.state is not PowerState.DECLARED:
        raise Refusal(Code.REPRESENTATIVE_EXISTS, state=there.state)
    if there is not None:
        return await _correct(conn, services, there, kind, details, consultant, now)
    return await _add(conn, services, account, kind, details, consultant, now)


async def revoke(conn: AsyncConnection, services: RepresentativeServices, account: int, now: int) -> bool:
    """End the power of this account's representative, at once; False where there is none."""
    there = await powers.live_of(conn, services.details, account, lock=True)
    if there is None:
        return False
    done = await moving.move(conn, services, there, PowerMove.REVOKE, CANDIDATE, now)
    await moving.recorded(conn, now, done)
    return True


def invalid(errors: dict[str, str]) -> Refusal:
    """The refusal of a body or a form, by field."""
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in errors.items()])


async def _require_few(conn: AsyncConnection, account: int, now: int) -> None:
    """Each declaration is mailed: nobody fills a mailbox with them. To revoke is never refused."""
    day = now - DAY_MS
    theirs = sa.select(representative.c.id).where(representative.c.account == account)
    lately = sa.select(sa.func.count(), sa.func.min(e.at)).where(
        e.representative.in_(theirs), e.actor == CANDIDATE.name, e.at > day
    )
    count, oldest = (await conn.execute(lately)).one()
    if count >= MOST_A_DAY:
        raise Refusal(Code.RATE_LIMITED, retry_after=max(1, (oldest - day) // 1_000))


async def _recognised(
    conn: AsyncConnection, kind: RepresentativeKind, details: RepresentativeDetails, day: date
) -> int | None:
    """The register's row of a consultant, None for others. Refusal consultant_not_recognised (RP-05)."""
    if kind is not RepresentativeKind.CONSULTANT:
        return None
    entry = await standing.by_number(conn, details.number)
    stands = standing.standing(entry, day)
    why = REFUSED.get(stands)
    if (
        entry is not None
        and why is None
        and not standing.is_named(entry, details.given_name, details.family_name)
    ):
        stands, why = RegisterStanding.UNKNOWN, OTHER_NAME
    if entry is None or why is not None:
        fields = [{"name": "number", "reason": why}]
        raise Refusal(Code.CONSULTANT_NOT_RECOGNISED, standing=stands, fields=fields)
    return entry.id


async def _correct(
    conn: AsyncConnection,
    services: RepresentativeServices,
    there: Representation,
    kind: RepresentativeKind,
    details: RepresentativeDetails,
    consultant: int | None,
    now: int,
) -> Representation:
    values = {"kind": kind, "details": services.details.seal(there.id, details), "consultant": consultant}
    done = await moving.move(conn, services, there, PowerMove.CORRECT, CANDIDATE, now, values=values)
    await moving.recorded(conn, now, done)
    return msgspec.structs.replace(there, kind=kind, details=details, consultant=consultant)


async def _add(
    conn: AsyncConnection,
    services: RepresentativeServices,
    account: int,
    kind: RepresentativeKind,
    details: RepresentativeDetails,
    consultant: int | None,
    now: int,
) -> Representation:
    position = PowerPosition(PowerState.DECLARED)
    new = Representation(
        id=secrets.token_urlsafe(16), account=account, reference=new_reference(), kind=kind, position=position,
        consultant=consultant, details=details, declared_at=now, received_on=None, postmarked_on=None,
    )  # fmt: skip
    row = {
        "id": new.id, "account": account, "reference": new.reference, "kind": kind, "state": new.state,
        "consultant": consultant, "details": services.details.seal(new.id, details), "declared_at": now,
    }  # fmt: skip
    once = insert_for(conn, representative).values(row).on_conflict_do_nothing()
    if (await conn.execute(once.returning(sa.literal(1)))).first() is None:  # a second click was first
        raise Refusal(Code.REPRESENTATIVE_EXISTS, state=PowerState.DECLARED)
    done = await moving.told(conn, services, new, PowerMove.DECLARE, CANDIDATE, now, position, is_first=True)
    await moving.recorded(conn, now, done)
    return new
