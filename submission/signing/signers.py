"""Who may sign for a candidate: the lawyer on the file, and nobody else (RP-01)."""

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import disclosure
from accounts.representatives.disclosure import Power, SigningVerdict
from accounts.representatives.states import RepresentativeKind
from submission.states import CAPACITIES, Capacity

KINDS: Mapping[Capacity, RepresentativeKind] = {Capacity.LAWYER: RepresentativeKind.LAWYER}
"""Capacities in which somebody signs for the candidate, and what the file says such a person is."""


def offered(may: Collection[str]) -> dict[Capacity, str]:
    """The capacities that the last page offers, where the programme lets representatives of `may` sign."""
    return {one: words for one, words in CAPACITIES.items() if one not in KINDS or KINDS[one] in may}


def verdict(capacity: Capacity, power: Power | None, may: Collection[str]) -> SigningVerdict | None:
    """Whether the representative on the file may sign in this capacity, where the programme lets those of `may` sign;
    None where the candidate signs. Pure."""
    kind = KINDS.get(capacity)
    return None if kind is None else disclosure.may_sign(power, kind, may)


async def powers(conn: AsyncConnection, accounts: Collection[int]) -> Mapping[int, Power]:
    """The powers of these accounts' representatives, by account, for whoever submits with another's signature."""
    return await disclosure.powers_of(conn, accounts)
