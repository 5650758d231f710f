"""Places that unpaid applications released: who offers them again, how many, never twice (ADR 0040)."""

import asyncio
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.counts import deleted_unpaid
from evidence import verify
from evidence.money.recount_released import figures, released_once
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota import annulment, ledger, store, unit_of_work
from quota.moves import operating, preparing
from quota.period_bounds import DraftChange
from quota.programmes import PaymentRules, Programme
from quota.released import places
from quota.states import PeriodState, TokenState
from quota.store import Period
from quota.unit_of_work import open_unit
from submission.annulment import void
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.released import REOPENING, REOPENS, delete_unpaid, end_period, released
from tests.support.rooms import HOUR_MS
from tests.support.tasks import submitted


async def offer(
    db: Database, id: str, cap: int | None, programme: Programme = REOPENS, **values: Any
) -> Period:
    """A draft that offers released places again."""
    now = now_ms()
    return await db.write(
        lambda conn: preparing.create(
            conn, programme, id, now + HOUR_MS, now + 9 * HOUR_MS, cap, "agnes", now, reason="essai",
            from_released=True, **{"count_deleted": deleted_unpaid} | values,
        )
    )  # fmt: skip


async def balance(db: Database) -> places.ReleasedPlaces:
    return await db.read(lambda conn: places.balance(conn, "demo", deleted_unpaid))


async def announce(db: Database, period: Period, programme: Programme = REOPENS) -> Period:
    return await db.write(
        lambda conn: preparing.announce(
            conn, period.uid, programme, "agnes", now_ms(), count_deleted=deleted_unpaid
        )
    )


async def test_released_places_are_offered_by_a_further_period(database: Database) -> None:
    """All that are left where no cap is given; the balance, the events and what remains of the files say the same."""
    await released(database, 2)
    assert (await balance(database)).available == 2
    further = await offer(database, "reprise", None)
    assert (further.cap, further.from_released, further.ordinal) == (2, True, 2)
    after = await balance(database)
    assert (after.released, after.offered, after.available) == (2, 2, 0)
    assert after.offers == (places.Offer("reprise", PeriodState.DRAFT, 2, 2),)
    assert (await announce(database, further)).state is PeriodState.ANNOUNCED
    books = await verify.read(database, "reprise")
    assert figures(books) == "places of unpaid applications: 2 released, 2 offered again (reprise 2)"
    assert released_once(books) == []
    essai = (await verify.read(database, "essai")).period
    assert (essai.accepted, essai.cap) == (3, 100)


@pytest.mark.parametrize("cap", [3, None])
async def test_no_place_is_offered_twice(database: Database, cap: int | None) -> None:
    """More than are left, or any where none are, is refused with how many are left."""
    await released(database, 2)
    if cap is None:
        await offer(database, "reprise", 2)
    with pytest.raises(Refusal) as refused:
        await offer(database, "encore", cap)
    left = 0 if cap is None else 2
    told = {"on_unpaid": "reopen", "available": left, "cap": cap}
    assert (refused.value.code, refused.value.fields) == (Code.NO_RELEASED_PLACES, told)


async def test_places_that_are_kept_closed_are_not_offered(database: Database) -> None:
    """Neither by a programme whose file says so now, nor of a period that was announced so."""
    closed = msgspec.structs.replace(REOPENS, payment=PaymentRules())
    await released(database, 2)
    with pytest.raises(Refusal) as refused:
        await offer(database, "reprise", 1, closed)
    assert refused.value.fields["on_unpaid"] == "keep_closed"


async def test_a_period_that_was_announced_with_keep_closed_releases_nothing(database: Database) -> None:
    await submitted(database, 2)
    await delete_unpaid(database, 1)
    await end_period(database)
    assert (await balance(database)).released == 0


async def test_only_what_is_over_and_stands_releases(database: Database) -> None:
    """An open period may still be extended or annulled: its places are released when it has ended."""
    await submitted(database, 3, **REOPENING)
    await delete_unpaid(database, 1)
    await database.write(lambda conn: move_money(conn, FEE, "k", number=2))
    assert (await balance(database)).released == 0
    await end_period(database, state=PeriodState.CAP_REACHED)
    assert (await balance(database)).released == 1


async def test_an_offer_is_corrected_within_what_is_left(database: Database) -> None:
    """Its own places are left to it; what it gives up, or a draft that is taken away, can be offered again."""
    await released(database, 3)
    draft = await offer(database, "reprise", 2)

    async def correct(cap: int) -> Period:
        change = DraftChange(cap=cap)
        return await database.write(
            lambda conn: preparing.correct(
                conn, draft.uid, REOPENS, change, "agnes", now_ms(), count_deleted=deleted_unpaid
            )
        )

    assert (await correct(3)).cap == 3
    with pytest.raises(Refusal) as refused:
        await correct(4)
    assert refused.value.fields["available"] == 3
    await correct(1)
    assert (await balance(database)).available == 2
    await database.write(lambda conn: preparing.remove(conn, draft.uid, "agnes", now_ms()))
    assert (await balance(database)).available == 3


async def test_what_an_annulled_period_released_is_announced_by_nobody(database: Database) -> None:
    """The draft stays, and is refused where it would become public. What was announced before is shown as excess, and
    breaks nothing: the places were there then."""
    await released(database, 3)
    first, second = await offer(database, "reprise", 1), await offer(database, "encore", 2)
    await announce(database, first)
    for who in ("agnes", "boris"):
        period = (await verify.read(database, "essai")).period
        await database.write(
            lambda conn, who=who, uid=period.uid: annulment.annul(conn, uid, "essai", who, now_ms(), void)  # type: ignore[misc]
        )
    found = await balance(database)
    assert (found.released, found.available, found.excess) == (0, 0, 3)
    with pytest.raises(Refusal) as refused:
        await announce(database, second)
    assert refused.value.code is Code.NO_RELEASED_PLACES
    assert released_once(await verify.read(database, "reprise")) == []


async def test_an_annulled_offer_gives_its_places_back(database: Database) -> None:
    await released(database, 2)
    further = await announce(database, await offer(database, "reprise", 2))
    await database.write(lambda conn: annulment.annul(conn, further.uid, "essai", "agnes", now_ms(), void))
    assert (await balance(database)).available == 2


async def further(db: Database, cap: int, *tokens: TokenState) -> Period:
    """A further period that is open, with tokens in these states, numbered from 1, all in time at 0."""
    period = await announce(db, await offer(db, "reprise", cap))
    held = [one for one in tokens if one in {TokenState.LIVE, TokenState.USED}]
    used = tokens.count(TokenState.USED)
    await db.write(
        lambda conn: ledger.update(
            conn, period.uid, state=PeriodState.OPEN, held=len(held), accepted=used, clock=602_000
        )
    )
    table = [
        {"period": period.uid, "number": number, "state": state, "ends": 600_000, "jti": f"j{number}"}
        for number, state in enumerate(tokens, 1)
    ]
    if table:
        await db.write(lambda conn: conn.execute(sa.insert(store.token), table))
    return period


async def test_what_nobody_took_is_offered_again(database: Database) -> None:
    """Not while it is open, nor while a live token holds it; never what was taken. The recount says the same each
    time, and the next period takes what is back and no more."""
    await released(database, 4)
    period = await further(database, 4, TokenState.USED, TokenState.LIVE, TokenState.LAPSED)

    async def told() -> tuple[int, str]:
        books = await verify.read(database, "reprise")
        assert released_once(books) == []
        return (await balance(database)).available, figures(books).partition(" released, ")[2]

    assert await told() == (0, "4 offered again (reprise 4)")
    await end_period(database, "reprise")
    assert await told() == (2, "2 offered again (reprise 2)")
    await database.write(lambda conn: ledger.leave_called(conn, period.uid, 2))
    assert await told() == (3, "1 offered again (reprise 1)")
    with pytest.raises(Refusal) as refused:
        await offer(database, "encore", 4)
    assert refused.value.fields["available"] == 3
    assert (await offer(database, "encore", None)).cap == 3
    assert await told() == (0, "4 offered again (reprise 1, encore 3)")


async def test_a_period_that_ended_before_it_opened_gives_all_back(database: Database) -> None:
    await released(database, 2)
    await further(database, 2)
    await end_period(database, "reprise")
    assert (await balance(database)).available == 2


async def test_a_call_and_the_end_do_not_pass_each_other(database: Database) -> None:
    """Whichever is first: what was called is kept, what was not is back, and both are all there was."""
    await released(database, 3)
    period = await further(database, 3)
    now = now_ms()
    called, closed = await asyncio.gather(
        database.write(
            lambda conn: ledger.call(
                conn, period.uid, epoch=period.epoch, candidates=[1, 2], passed_over=b"", listed_at=now, age_ms=0
            )
        ),
        database.write(lambda conn: operating.close(conn, period.uid, "agnes", now)),
    )  # fmt: skip
    assert closed.state is PeriodState.CLOSED
    assert (await balance(database)).available == 3 - len(called.numbers)
    assert released_once(await verify.read(database, "reprise")) == []


async def late_submission(db: Database) -> None:
    """Somebody submits in time; while that waits to be recorded the token lapses, the period ends, and what nobody
    took is offered by another one."""
    await released(db, 1)
    period = await further(db, 1, TokenState.LAPSED)
    await end_period(db, "reprise")
    await offer(db, "encore", 1)

    async def work(conn: AsyncConnection) -> None:
        unit = await open_unit(conn, period.uid, [1], [7])
        unit.take(1, 7, 599_000, "receipt")
        await unit.write(conn)

    await db.write(work)


async def test_a_place_that_went_back_is_not_taken_too(database: Database) -> None:
    """P5: it has gone on, and a token that had lapsed by then is over."""
    with pytest.raises(Refusal, match="token_expired"):
        await late_submission(database)
    assert released_once(await verify.read(database, "reprise")) == []


async def test_if_it_were_taken_back_it_would_be_two_peoples(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: as in any other period. The recount names it."""
    monkeypatch.setattr(unit_of_work, "gives_places_back", lambda _period: False)
    db = Database(sqlite_url)
    await late_submission(db)
    (broken,) = released_once(await verify.read(db, "reprise"))
    assert broken.sentence == "2 places were offered again, and 1 released"
    await db.close()


async def test_a_caller_that_counts_nothing_offers_nothing(database: Database) -> None:
    """Fails closed."""
    await released(database, 2)
    with pytest.raises(Refusal):
        await offer(database, "reprise", 1, count_deleted=places.nothing_deleted)


async def two_at_once(db: Database) -> list[str]:
    """Two operators offer all that is left, each having looked before the other has written."""
    both = asyncio.Barrier(2)

    async def slowly(conn: Any, uids: Any) -> int:
        found = await deleted_unpaid(conn, uids)
        try:
            async with asyncio.timeout(1):
                await both.wait()
        except (TimeoutError, asyncio.BrokenBarrierError):
            pass
        return found

    made = (offer(db, id, 2, count_deleted=slowly) for id in ("reprise", "encore"))
    return sorted(type(one).__name__ for one in await asyncio.gather(*made, return_exceptions=True))


async def test_two_operators_do_not_offer_the_same_places(database: Database) -> None:
    await released(database, 2)
    assert await two_at_once(database) == ["Period", "Refusal"]
    assert (await balance(database)).offered == 2


async def test_without_the_lock_both_offer_them(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: where nobody waits for anybody the same places go out twice, and the recount says so."""
    real, db = places.one_at_a_time, Database(postgresql_url)
    waits = iter([False, False])

    async def careless(conn: Any) -> None:
        """Only the ordinal is waited for, which is asked for later."""
        if next(waits, True):
            await real(conn)

    monkeypatch.setattr(places, "one_at_a_time", careless)
    await released(db, 2)
    assert await two_at_once(db) == ["Period", "Period"]
    (broken,) = released_once(await verify.read(db, "reprise"))
    assert broken.sentence == "4 places were offered again, and 2 released"
    await db.close()
