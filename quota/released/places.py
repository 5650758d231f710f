"""Places that unpaid applications released, and the periods that offer them again (QU-05, ADR 0040).

A balance of the programme, computed each time: nothing keeps it. A rank is never given twice and no cap ever changes;
what was released is offered by a further period, which is announced, armed and run as any other.
"""

from collections.abc import Awaitable, Callable, Collection

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Code, Refusal
from quota import store
from quota.frozen_rules import read
from quota.programmes import PaymentRules, Programme
from quota.states import ENDED, PeriodState
from quota.store import Period, period_of

CountDeleted = Callable[[AsyncConnection, Collection[str]], Awaitable[int]]
"""How many applications of the periods of these uids were deleted because they were not paid, by their events."""

_INTAKES = 0x6775696368657401
"""PostgreSQL advisory lock: two periods made at once get two ordinals, and no place that was released twice."""

RELEASING = frozenset({PeriodState.CAP_REACHED, PeriodState.CLOSED})
"""States in which a period releases places. Of an annulled one everything is void, so that none comes of it."""

p = store.period


class Offer(msgspec.Struct, frozen=True):
    """A period that offers released places again: its name, its state, how many, and how many of them it keeps."""

    id: str
    state: PeriodState
    cap: int
    kept: int


class ReleasedPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of a programme: how many places its ended periods released, and which periods offer how many."""

    released: int
    offers: tuple[Offer, ...] = ()

    @property
    def offered(self) -> int:
        """How many are offered again, or taken: what the periods that are over did not need is back."""
        return sum(one.kept for one in self.offers)

    @property
    def available(self) -> int:
        """How many can be offered still. None, where more are offered than was released: a period that had released
        some was annulled afterwards."""
        return max(0, self.released - self.offered)

    @property
    def excess(self) -> int:
        """How many are offered above what is released now."""
        return max(0, self.offered - self.released)


def described(found: ReleasedPlaces) -> dict[str, object]:
    """The balance as the operators' API gives it."""
    offers = [msgspec.structs.asdict(one) for one in found.offers]
    numbers = {"released": found.released, "offered": found.offered, "available": found.available}
    return numbers | {"periods": offers}


async def nothing_deleted(_conn: AsyncConnection, _uids: Collection[str]) -> int:
    """For callers that offer nothing again. Fails closed: what counts nothing has nothing to offer."""
    return 0


async def one_at_a_time(conn: AsyncConnection) -> None:
    """Wait for every other transaction that makes a period, or offers places again. Always the last lock of a
    transaction that holds a period's."""
    if conn.dialect.name == "postgresql":
        await conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_INTAKES)))


def releases(period: Period) -> bool:
    """Whether unpaid applications of this period release their places: by the rules with which it was announced
    (WR-18), once it has ended."""
    return period.state in RELEASING and period.rules is not None and reopens(read(period.rules).payment)


def kept(period: Period) -> int:
    """How many released places a period that offers them keeps: its whole cap until it has ended, then those that were
    taken or that a live token still holds. From its end on this only goes down: nobody is called any more, and a token
    that has lapsed takes nothing back (`LedgerUnit.take`)."""
    return period.held if period.state in ENDED else period.cap


def reopens(rules: PaymentRules) -> bool:
    """Whether these rules offer the places of unpaid applications again."""
    return rules.on_unpaid == "reopen"


async def balance(
    conn: AsyncConnection, programme: str, count_deleted: CountDeleted, *, without: str = ""
) -> ReleasedPlaces:
    """The balance of a programme, at this moment; `without` the period of a uid among the offers. A draft offers its
    places too: they are nobody else's to offer until it is taken away."""
    rows = await conn.execute(sa.select(p).where(p.c.programme == programme).order_by(p.c.ordinal))
    periods = [period_of(row) for row in rows]
    uids = [one.uid for one in periods if releases(one)]
    offers = tuple(
        Offer(one.id, one.state, one.cap, kept(one))
        for one in periods
        if one.from_released and one.state != PeriodState.ANNULLED and one.uid != without
    )
    return ReleasedPlaces(released=await count_deleted(conn, uids) if uids else 0, offers=offers)


async def require(
    conn: AsyncConnection,
    programme: Programme,
    cap: int | None,
    count_deleted: CountDeleted,
    *,
    without: str = "",
) -> int:
    """The cap of a period that offers released places: all that are left, where None is given. Nobody else offers the
    same ones before this transaction is over.

    Raises Refusal no_released_places: the programme keeps them closed, or so many are not left.
    """
    await one_at_a_time(conn)
    rule = programme.payment.on_unpaid
    left = 0
    if reopens(programme.payment):
        left = (await balance(conn, programme.id, count_deleted, without=without)).available
    asked = left if cap is None else cap
    if not left or asked > left:
        raise Refusal(Code.NO_RELEASED_PLACES, on_unpaid=rule, available=left, cap=cap)
    return asked
