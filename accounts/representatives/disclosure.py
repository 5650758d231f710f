"""What a representative may be told, and what a representative may sign: asked before any page, mail, export or letter.

Two pure decisions over one value, and the only readers of it. Who does not ask here tells nobody but the candidate.
"""

from collections.abc import Collection
from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.states import PowerState, RepresentativeKind
from accounts.representatives.store import representative
from foundation.sql.tables import among

r = representative.c


class Power(msgspec.Struct, frozen=True):
    """The live power of an account's representative: all that a decision needs, and nothing of who it is."""

    representative: str
    account: int
    kind: RepresentativeKind
    state: PowerState


class DisclosureGround(StrEnum):
    """Why a representative is told something, or nothing."""

    ACTIVE = "active"
    """The procuration is in force."""
    NO_REPRESENTATIVE = "no_representative"
    """The candidate has none."""
    NO_PROCURATION = "no_procuration"
    """Declared, and no procuration has come (RP-02)."""
    UNPAID = "unpaid"
    """The procuration is held until the fee is paid (RP-04)."""
    FROZEN = "frozen"
    """The register does not recognise the consultant now (RP-05)."""
    REVOKED = "revoked"
    """The candidate has ended it."""


_GROUNDS = {
    PowerState.DECLARED: DisclosureGround.NO_PROCURATION,
    PowerState.RECEIVED: DisclosureGround.UNPAID,
    PowerState.ACTIVE: DisclosureGround.ACTIVE,
    PowerState.FROZEN: DisclosureGround.FROZEN,
    PowerState.REVOKED: DisclosureGround.REVOKED,
}


class Disclosure(msgspec.Struct, frozen=True):
    """Whether a representative may be told what is in the file, and why."""

    allowed: bool
    ground: DisclosureGround


def may_see(power: Power | None) -> Disclosure:
    """Whether anything of the candidate's may be shown or sent to the representative. Pure.

    Only while the procuration is in force; the candidate is told everything in any case.
    """
    ground = DisclosureGround.NO_REPRESENTATIVE if power is None else _GROUNDS[power.state]
    return Disclosure(ground is DisclosureGround.ACTIVE, ground)


class SigningGround(StrEnum):
    """Why somebody may sign for the candidate, or may not."""

    ACTIVE = "active"
    """On file, with a procuration in force."""
    AWAITING_PROCURATION = "awaiting_procuration"
    """On file; the procuration may still be under way: flagged until it is in force (RP-01, RP-02)."""
    NOT_ON_FILE = "not_on_file"
    """The candidate has declared nobody of this kind."""
    KIND_MAY_NOT = "kind_may_not"
    """The programme lets no representative of this kind sign."""
    FROZEN = "frozen"
    """The register does not recognise the consultant now."""


class SigningVerdict(msgspec.Struct, frozen=True):
    """Whether somebody of this kind may sign; `flagged` while the procuration is not in force. `representative` is who,
    for the record of the signature."""

    allowed: bool
    ground: SigningGround
    flagged: bool = False
    representative: str | None = None


def may_sign(
    power: Power | None, kind: RepresentativeKind, may: Collection[RepresentativeKind | str]
) -> SigningVerdict:
    """Whether a representative of this kind may sign for the candidate, where the programme lets those of `may` sign
    (`[representatives] may_sign`, by default the lawyer on file alone: RP-01). Pure."""
    if kind not in may:
        return SigningVerdict(False, SigningGround.KIND_MAY_NOT)
    if power is None or power.kind is not kind or power.state is PowerState.REVOKED:
        return SigningVerdict(False, SigningGround.NOT_ON_FILE)
    if power.state is PowerState.FROZEN:
        return SigningVerdict(False, SigningGround.FROZEN)
    is_active = power.state is PowerState.ACTIVE
    ground = SigningGround.ACTIVE if is_active else SigningGround.AWAITING_PROCURATION
    return SigningVerdict(True, ground, not is_active, power.representative)


_POWERS = sa.select(r.id, r.account, r.kind, r.state).where(
    among(r.account, "accounts"), r.state != PowerState.REVOKED
)


async def powers_of(conn: AsyncConnection, accounts: Collection[int]) -> dict[int, Power]:
    """The live power of each of these accounts' representative, by account; those without one are not among them."""
    if not accounts:
        return {}
    rows = await conn.execute(_POWERS, {"accounts": accounts})
    return {
        row.account: Power(row.id, row.account, RepresentativeKind(row.kind), PowerState(row.state))
        for row in rows
    }


async def power_of(conn: AsyncConnection, account: int) -> Power | None:
    """The live power of this account's representative, or None."""
    return (await powers_of(conn, [account])).get(account)
