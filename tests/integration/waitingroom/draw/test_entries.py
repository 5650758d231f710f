"""A whole opening in mode draw, on real stores, with what can go wrong before, at and after it."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from config.processes.embedded import Valkey
from foundation import audit
from foundation import audit as foundation_audit
from foundation.clock import now_ms
from foundation.errors import Refusal, Unavailable
from foundation.sql.database import Database
from quota import ledger, store
from quota.draw import BrokenCommitment, Rule
from quota.draw_order import commitment, order
from quota.moves import operating, preparing, schedule
from quota.store import Period
from tests.integration.quota.moves.steps import DEMO, retyped
from tests.support.processes.postgres import START_SECONDS
from tests.support.rooms import (
    HOUR_MS,
    Hall,
    builtins,
    hall,
    make_period,
    read_period,
    rows_of,
    set_period,
    shift_clock,
)
from waitingroom.draw import scripts
from waitingroom.joins.joins import Joined
from waitingroom.line import journal
from waitingroom.line.replies import JoinReply
from waitingroom.line.snapshot import members
from waitingroom.line.store import Join
from waitingroom.tickets import Ticket

SEED = "5eed" * 16

VALUE = "03-11-17-22-34-46"


async def make_draw(db: Database, **values: Any) -> Period:
    """An armed period in mode draw, taking entries, that opens in an hour."""
    now = now_ms()
    fields = {
        "state": "armed",
        "mode": "draw",
        "opens_at": now + HOUR_MS,
        "closes_at": now + 9 * HOUR_MS,
        "entries_from": now - HOUR_MS,
        "value_is": "les numéros du Lotto 6/49",
        "commitment": commitment(SEED),
        "calls_per_minute": 60,
    } | values
    period = await make_period(db, **fields)
    await db.write(lambda conn: conn.execute(sa.insert(store.draw_seed).values(period=period.uid, seed=SEED)))
    return period


async def opening(h: Hall) -> None:
    """The instant comes: it is moved to a second ago."""
    period = await h.period()
    await set_period(h.db, period, opens_at=now_ms() - 1000)
    h.room.entries._enters.clear()
    h.room.entries._stands.clear()
    await h.room.periods.refresh()


async def ticker(h: Hall) -> None:
    """What a ticker does once: freeze, open, call."""
    now = min(now_ms(), await h.room.line.time())
    for period in await h.db.read(lambda conn: schedule.to_freeze(conn, now)):
        await h.room.entries.freeze(period)
    await schedule.open_due(h.db, now)
    await h.turn()


async def give_value(h: Hall, value: str = VALUE) -> Period:
    uid = (await h.period()).uid
    return await h.db.write(lambda conn: operating.set_value(conn, uid, value, "agnes", now_ms()))


def again(h: Hall, joined: Joined) -> Ticket:
    """The browser's ticket as this process reads it now."""
    ticket = h.room.tickets.read(joined.text)
    assert ticket is not None
    return ticket


async def called(h: Hall, turns: int = 30, most: int = 99) -> list[int]:
    """The numbers that are called in so many ticks, in their order."""
    found: list[int] = []
    for _ in range(turns):
        await h.advance(1000)
        found += (await h.turn()).called
        if len(found) >= most:
            break
    return found


async def test_the_order_of_calls_is_the_drawn_one(database: Database, redis_url: str) -> None:
    """Twelve enter, the opening comes: each has the number that anybody computes, later joins follow behind, and people
    are called in that order; an entry whose person is away is parked, and comes next when they are back (P1, P7)."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        entries = [await h.join(f"v{n}") for n in range(12)]
        assert [e.ticket.entry for e in entries] == list(range(1, 13))
        assert {e.ticket.number for e in entries} == {0}
        assert (await h.join("v3")).ticket.entry == 4, "a second tab is the same entry"
        me = builtins(await h.room.positions.standing(await h.period(), entries[3].ticket))
        assert (me["state"], me["entry"], me["entries"], me["number"]) == ("entered", 4, 12, None)
        await give_value(h)
        await opening(h)
        await ticker(h)
        period = await h.period()
        assert (period.state, period.entries, period.public_value) == ("open", 12, VALUE)
        numbers = order(SEED, "essai", 12, VALUE)
        tickets = [again(h, e) for e in entries]
        assert [t.number for t in tickets] == list(numbers[1:])
        late = await h.join("late")
        assert (late.ticket.number, late.ticket.entry) == (13, 0)
        gone = set((await rows_of(database, period)).keys())
        away = next(n for n in range(1, 13) if n not in gone)
        await h.absent(away)
        order_of_calls = sorted(gone) + await called(h, most=13 - len(gone) - 1)
        assert order_of_calls == [n for n in range(1, 14) if n != away]
        back = tickets[list(numbers[1:]).index(away)]
        assert builtins(await h.room.positions.standing(await h.period(), back))["state"] == "waiting"
        assert await called(h, most=1) == [away]


async def test_an_entry_is_one_number_whatever_its_browser_does(database: Database, redis_url: str) -> None:
    """Joined again with the ticket, with the visitor alone, or with both, on another process, after the draw: the same
    number; once it has lapsed a new one at the end, and once only."""
    await make_draw(database)
    async with hall(database, redis_url) as h, hall(database, redis_url) as other:
        first = await h.join("v")
        for n in range(5):
            await h.join(f"w{n}")
        await give_value(h)
        await opening(h)
        await set_period(database, await h.period(), calls_per_minute=0)
        await ticker(h)
        number = order(SEED, "essai", 6, VALUE)[1]
        for process in (h, other):
            period = await process.period()
            ticket = again(process, first)
            assert ticket.number == number
            joins = [(ticket, None), (None, "v"), (ticket, "v")]
            found = [await process.room.joins.join(period, t, None, v) for t, v in joins]
            assert [(j.ticket.number, j.existed) for j in found] == [(number, True)] * 3
        await h.room.leaves.give_up(await h.period(), again(h, first))
        anew = [await h.join("v"), await other.join("v"), await h.join("v", ticket=again(h, first))]
        assert [j.ticket.number for j in anew] == [7, 7, 7]


async def test_before_entries_are_taken_nobody_gets_one(database: Database, redis_url: str) -> None:
    """Too early for an entry is too early for a number, by this host's clock and by the line's (WR-02, P10)."""
    await make_draw(database, entries_from=now_ms() + 60_000)
    async with hall(database, redis_url) as h:
        with pytest.raises(Refusal) as refused:
            await h.join("v")
        assert refused.value.code == "room_not_open"
        assert set(refused.value.fields) == {"opens_at", "entries_from"}
        period = await h.period()
        early = await h.room.epochs.fenced(
            period.uid,
            lambda epoch: scripts.enter(
                h.room.line, period.uid, epoch, now_ms() + 60_000, period.opens_at, [Join(("v",))]
            ),
        )
        assert early == [("EARLY", 0)]


async def test_a_period_that_is_not_armed_takes_no_entries(database: Database, redis_url: str) -> None:
    """Announced only: whatever the hour, there is nothing to enter (P10)."""
    await make_draw(database, state="announced")
    async with hall(database, redis_url) as h:
        with pytest.raises(Refusal, match="room_not_open"):
            await h.join("v")


async def test_without_the_value_nothing_opens_and_nobody_loses(database: Database, redis_url: str) -> None:
    """The value is late: entries are closed and counted, later ones get numbers behind them, nobody is called, the seed
    is not shown; when it comes all of it goes on (P10)."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        entries = [await h.join(f"v{n}") for n in range(4)]
        await opening(h)
        await ticker(h)
        late = await h.join("late")
        assert (late.ticket.number, late.ticket.entry) == (5, 0)
        me = builtins(await h.room.positions.standing(await h.period(), late.ticket))
        assert (me["state"], me["ahead"], me["estimated_wait_seconds"]) == ("waiting", 4, None)
        assert (await h.join("v2")).ticket.entry == 3, "an entry stands"
        await ticker(h)
        period = await h.period()
        assert (period.state, period.entries, period.seed) == ("armed", 4, None)
        assert await rows_of(database, period) == {}
        await give_value(h)
        await ticker(h)
        assert (await h.period()).state == "open"
        assert sorted(again(h, e).number for e in entries) == [1, 2, 3, 4]
        known = sorted(await rows_of(database, period))
        assert known + await called(h, most=5 - len(known)) == [1, 2, 3, 4, 5]


async def test_an_end_without_a_draw(database: Database, redis_url: str) -> None:
    """The value never comes: the period closes by its schedule without having opened; the page of an entry says so."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        entry = await h.join("v")
        await opening(h)
        await ticker(h)
        await set_period(database, await h.period(), closes_at=now_ms() - 1)
        await schedule.open_due(database, now_ms())
        period = await h.period()
        assert (period.state, period.seed) == ("closed", None)
        assert builtins(await h.room.positions.standing(period, entry.ticket))["state"] == "drained"
        with pytest.raises(Refusal, match="period_closed"):
            await h.join("v", ticket=entry.ticket)


async def test_joins_that_race_the_freeze_are_entries_or_later_numbers(
    database: Database, redis_url: str
) -> None:
    """Two hundred come while the opening comes, over two processes: everybody is an entry that is counted or a number
    behind them, no place is given twice, and after the draw there are two hundred different numbers (P1)."""
    await make_draw(database, opens_at=now_ms() + 400, public_value=VALUE)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        await one.period(), await two.period()
        joined: list[Joined] = []

        async def come(n: int) -> None:
            await asyncio.sleep(n * 0.004)
            for _ in range(200):
                with contextlib.suppress(Refusal):
                    joined.append(await (one, two)[n % 2].join(f"v{n}"))
                    return
                await asyncio.sleep(0.01)

        await asyncio.gather(*(come(n) for n in range(200)))
        entered = [j.ticket.entry for j in joined if j.ticket.entry]
        period = await one.period()
        assert sorted(entered) == list(range(1, len(entered) + 1))
        await ticker(one)
        period = await one.period()
        assert period.entries == len(entered)
        await two.period()
        numbers = sorted(again(two, j).number for j in joined)
        assert numbers == list(range(1, 201))
        assert entered and len(entered) < 200, "the race was seen"


# Losses


async def lose(redis: "Redis") -> None:
    await redis.flushall()


async def test_entries_outlive_the_loss_of_everything(database: Database, redis_url: str) -> None:
    """FLUSHALL while people enter: those who come back with their tickets have the same entries, new ones go on above
    the mark, and every one of them is drawn (P8)."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        before = [await h.join(f"v{n}") for n in range(5)]
        await lose(h.redis)
        after = await h.join("w")
        assert after.ticket.entry == (await read_period(database, await h.period())).entry_mark - 100 + 1
        period = await h.period()
        for joined in before[:3]:
            me = builtins(await h.room.positions.standing(period, joined.ticket))
            assert (me["state"], me["entry"]) == ("entered", joined.ticket.entry)
        assert (await h.join("v4", ticket=before[4].ticket)).ticket.entry == 5
        assert (await h.join("v1")).ticket.entry == 2, "restored with the visitor too"
        await give_value(h)
        await opening(h)
        await ticker(h)
        tickets = [again(h, j) for j in (*before, after)]
        assert len({t.number for t in tickets}) == 6
        # The fourth did not come back until now; in drawn order it is where it would have been.
        await h.room.positions.standing(await h.period(), tickets[3])
        known = sorted(await rows_of(database, period))
        assert sorted(known + await called(h, most=6 - len(known))) == sorted(t.number for t in tickets)


async def test_a_loss_between_the_freeze_in_redis_and_in_sql(database: Database, redis_url: str) -> None:
    """A process stops in the middle of the freeze, everything is lost, another one freezes: what the first then writes
    is refused or changes nothing, and all who entered are counted."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h, hall(database, redis_url) as other:
        before = [await h.join(f"v{n}") for n in range(3)]
        await opening(h)
        period = await h.period()
        epoch = await h.room.epochs.current(period.uid)
        last = await scripts.freeze(h.room.line, period.uid, epoch, period.opens_at)
        assert last == 3
        await lose(h.redis)
        await ticker(other)
        frozen = await read_period(database, period)
        assert frozen.entries == frozen.entry_mark
        late = await database.write(lambda conn: schedule.freeze(conn, period.uid, epoch, 3, now_ms()))
        assert late.entries == frozen.entries
        await h.period()
        numbers = order(SEED, "essai", frozen.entries or 0, VALUE)
        assert [again(h, j).number for j in before] == [numbers[e] for e in (1, 2, 3)]
        for joined in before:
            assert (
                builtins(await h.room.positions.standing(await h.period(), again(h, joined)))["state"]
                == "waiting"
            )
        assert sorted(await called(other, most=3)) == sorted(numbers[e] for e in (1, 2, 3))


async def test_a_stale_epoch_freezes_nothing(database: Database, redis_url: str) -> None:
    """A process that slept since before a loss and wakes before anybody froze is told STALE, asks again, and counts
    what could have been given since."""
    await make_draw(database)
    async with hall(database, redis_url) as h, hall(database, redis_url) as other:
        await h.join("v")
        await other.period()
        await lose(h.redis)
        joined = await other.join("w")
        await opening(h)
        after = await h.room.entries.freeze(await h.period())
        assert (after.entries or 0) >= joined.ticket.entry > 1


async def test_what_the_epoch_protects_the_freeze_from(database: Database, redis_url: str) -> None:
    """The twin: were the count of the process that slept written in the epoch of now, an entry would be lost."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        await h.join("v")
        slept = 1
        await lose(h.redis)
        joined = await h.join("w")
        await opening(h)
        period = await h.period()
        await database.write(lambda conn: schedule.freeze(conn, period.uid, period.epoch, slept, now_ms()))
        await schedule.open_due(database, now_ms())
        await h.period()
        assert h.room.tickets.read(joined.text) is None


async def test_no_number_is_given_before_the_entries_are_counted(database: Database, redis_url: str) -> None:
    """A join that reaches the line between the opening and the freeze is too early; the twin, without the line knowing
    the mode, gives number 1, which an entry will draw."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        await h.join("v")
        await opening(h)
        period = await h.period()
        epoch = await h.room.epochs.current(period.uid)
        await set_period(database, period, mark=50)
        await h.room.line.copy(await read_period(database, period))

        async def asked() -> list[tuple[JoinReply, int]]:
            return await h.room.line.join(period.uid, epoch, period.opens_at, 10**15, [Join(("late",))])

        assert await asked() == [("EARLY", 0)]
        await h.redis.hdel(f"wr1:{{{period.uid}}}:state", "mode", "entries")
        assert await asked() == [("NEW", 1)]


async def test_a_process_that_dies_in_the_middle_holds_nobody_up(database: Database, redis_url: str) -> None:
    """Frozen in Redis only: a join that comes then completes it and gets a later number; twice changes nothing."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        await h.join("v")
        await opening(h)
        period = await h.period()
        await h.room.epochs.fenced(
            period.uid, lambda epoch: scripts.freeze(h.room.line, period.uid, epoch, period.opens_at)
        )
        assert (await h.join("late")).ticket.number == 2
        period = await h.period()
        assert period.entries == 1
        assert (await h.room.entries.freeze(period)).version == period.version


async def test_two_processes_freeze_at_once(database: Database, redis_url: str) -> None:
    """Ten at the same moment, over two processes: one number of entries, one line in the audit."""
    period = await make_draw(database)
    async with hall(database, redis_url) as one, hall(database, redis_url) as two:
        for n in range(7):
            await one.join(f"v{n}")
        await opening(one)
        row = await two.period()
        found = await asyncio.gather(*((one, two)[n % 2].room.entries.freeze(row) for n in range(10)))
        assert {p.entries for p in found} == {7}
        a = audit.audit.c
        lines = sa.select(sa.func.count()).where(a.subject_id == period.uid, a.act == "freeze")
        assert (await database.read(lambda conn: conn.execute(lines))).scalar_one() == 1


async def test_an_opening_without_redis_waits_for_it(on_sqlite: Database, valkey: Valkey) -> None:
    """Redis is away at the instant, and comes back with or without its data: nothing is frozen or opened meanwhile, who
    entered sees the entry, and afterwards everybody is drawn (the room fails closed, the display soft)."""
    await make_draw(on_sqlite, public_value=VALUE)
    async with hall(on_sqlite, valkey.url) as h:
        joined = [await h.join(f"v{n}") for n in range(3)]
        await opening(h)
        valkey.stop()
        with pytest.raises(Unavailable):
            await ticker(h)
        with pytest.raises(Unavailable):
            await h.room.entries.freeze(await h.period())
        period = await h.period()
        assert (period.state, period.entries) == ("armed", None)
        me = builtins(await h.room.positions.standing(period, joined[1].ticket))
        assert (me["state"], me["entry"]) == ("entered", 2)
        valkey.start(deadline_seconds=START_SECONDS)
        deadline = time.monotonic() + 30
        while (await h.period()).seed is None:
            assert time.monotonic() < deadline
            with contextlib.suppress(Unavailable):
                await ticker(h)
        period = await h.period()
        assert period.entries == period.entry_mark, (
            "a restart is a new epoch: what may have been given is counted"
        )
        numbers = {again(h, one).number for one in joined}
        assert len(numbers) == 3
        gone = set(await rows_of(on_sqlite, period))
        assert sorted(gone) + await called(h, most=3 - len(gone)) == sorted(numbers), (
            "the kept line needed nobody"
        )


async def test_a_loss_after_the_draw(database: Database, redis_url: str) -> None:
    """FLUSHALL when numbers are known: entries come back as their numbers, on a process that has only just learned of
    the draw too, later joins go on above everything, nothing is drawn again (P1, P8)."""
    await make_draw(database, public_value=VALUE, calls_per_minute=0)
    async with hall(database, redis_url) as h, hall(database, redis_url) as fresh:
        joined = [await h.join(f"v{n}") for n in range(6)]
        await opening(h)
        await ticker(h)
        await lose(h.redis)
        await ticker(h)
        assert (await h.look()).waiting == 0
        period = await fresh.period()
        for one in joined:
            me = builtins(await fresh.room.positions.standing(period, again(fresh, one)))
            assert (me["state"], me["number"]) == (
                "waiting",
                order(SEED, "essai", 6, VALUE)[one.ticket.entry],
            )
        assert (await fresh.look()).waiting == 6
        assert (await h.join("late")).ticket.number > 6
        await set_period(database, period, calls_per_minute=60)
        assert (await called(h, most=6))[:6] == [1, 2, 3, 4, 5, 6]


async def test_a_loss_between_the_draw_and_the_line(database: Database, redis_url: str) -> None:
    """Drawn in SQL, and everything lost before the line knew of it: nobody is called before people are back."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        joined = [await h.join(f"v{n}") for n in range(4)]
        await opening(h)
        await h.room.entries.freeze(await h.period())
        await schedule.open_due(database, now_ms())
        await lose(h.redis)
        period = await h.period()
        assert (await h.turn()).called == []
        for one in joined:
            await h.room.positions.standing(period, again(h, one))
        assert await called(h, most=4) == [1, 2, 3, 4]


async def test_a_ticker_that_slept_before_the_line_was_told(database: Database, redis_url: str) -> None:
    """It looked at the entries, slept while another drew and called, and writes at last: nobody called waits again."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        for n in range(4):
            await h.join(f"v{n}")
        await opening(h)
        await h.room.entries.freeze(await h.period())
        await schedule.open_due(database, now_ms())
        period = await h.period()
        epoch = await h.room.epochs.current(period.uid)
        slept = await scripts.lots(h.room.line, period.uid, epoch)
        assert await called(h, most=2) == [1, 2]
        numbers = h.room.tickets.orders[period.uid]
        assert not await scripts.drawn(h.room.line, period.uid, epoch, 4, slept, numbers)
        assert list(members((await h.look()).front)) == [3, 4]
        # The twin: without the mark that it was done, only `gone` stands between the called and the line.
        await h.redis.hdel(f"wr1:{{{period.uid}}}:state", "drawn")
        await h.redis.delete(f"wr1:{{{period.uid}}}:gone")
        assert await scripts.drawn(h.room.line, period.uid, epoch, 4, slept, numbers)
        assert list(members((await h.look()).front)) == [1, 2, 3, 4]


async def test_an_entry_of_no_draw_is_no_ticket(database: Database, redis_url: str) -> None:
    """A signed entry above those that were frozen, or of another period, is not a place."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        await h.join("v")
        await opening(h)
        await ticker(h)
        period = await h.period()
        forged = h.room.tickets.issue(Ticket(period.uid, 0, "x" * 32, 9))
        assert h.room.tickets.read(forged) is None


# Clocks


@contextmanager
def clock_off(monkeypatch: pytest.MonkeyPatch, by_ms: int) -> Iterator[None]:
    """This host's clock is wrong by so much, wherever the room reads it."""
    shift_clock(monkeypatch, by_ms)
    yield
    monkeypatch.undo()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_web_host_an_hour_off(
    database: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Nothing opens by one clock: one that is ahead freezes nothing early, one that is behind takes entries
    until the others freeze them, and every one of those is counted."""
    await make_draw(database, opens_at=now_ms() + HOUR_MS // 2)
    async with hall(database, redis_url) as h:
        await h.join("v")
        if hours > 0:
            with clock_off(monkeypatch, HOUR_MS):
                with pytest.raises(Refusal, match="room_not_open"):
                    await h.room.entries.freeze(await h.period())
                assert (await h.join("w")).ticket.entry == 2
            return
        await opening(h)
        with clock_off(monkeypatch, -HOUR_MS):
            assert (await h.join("w")).ticket.entry == 2, "as for a line that is an hour ahead of everybody"
        await ticker(h)
        assert (await h.period()).entries == 2
        with clock_off(monkeypatch, -HOUR_MS):
            assert (await h.join("late")).ticket.number == 3


# The secret


async def test_the_seed_is_nowhere_before_the_draw(
    database: Database, redis_url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Announced by an operator, entered, frozen: no row that anybody reads, no audit line, no key of Redis, no log has
    the seed, until the value is there."""
    now = now_ms()
    rule = Rule(mode="draw", value_is="Lotto", entries_from=now - 1000)
    made = await database.write(
        lambda conn: preparing.create(
            conn, DEMO, "essai", now + 60_000, now + HOUR_MS, 9, "agnes", now, rule=rule, reason="essai"
        )
    )
    assert made.commitment is None
    await database.write(lambda conn: preparing.announce(conn, made.uid, DEMO, "agnes", now))
    await database.write(lambda conn: operating.arm(conn, made.uid, retyped(made), "boris", now))
    secret = (await database.read(lambda conn: conn.execute(sa.select(store.draw_seed.c.seed)))).scalar_one()
    async with hall(database, redis_url) as h:

        async def seen() -> str:
            period = await h.period()
            audit = (await database.read(lambda conn: conn.execute(sa.select(foundation_audit.audit)))).all()
            kept: list[Any] = []
            for key in await h.redis.keys("*"):
                kept.append(await h.redis.dump(key))
                if await h.redis.type(key) == b"hash":
                    kept.append(await h.redis.hgetall(key))
            said = [
                msgspec.structs.asdict(period),
                builtins(h.summary(period)),
                audit,
                kept,
                caplog.text,
            ]
            return repr([*said, capsys.readouterr()])

        entry = await h.join("v")
        assert commitment(secret) in await seen()
        assert secret not in await seen()
        await opening(h)
        await ticker(h)
        builtins(await h.room.positions.standing(await h.period(), entry.ticket))
        assert (await h.period()).entries == 1
        assert secret not in await seen()
        await give_value(h)
        await ticker(h)
        assert secret in await seen()


async def test_a_seed_that_was_exchanged_never_opens(database: Database, redis_url: str) -> None:
    """Somebody wrote another seed into the store: the period does not open, others do; nothing is revealed."""
    period = await make_draw(database, public_value=VALUE)
    await make_period(database, id="autre", state="armed", opens_at=now_ms() - 1000)
    other = sa.update(store.draw_seed).where(store.draw_seed.c.period == period.uid).values(seed="ab" * 32)
    await database.write(lambda conn: conn.execute(other))
    async with hall(database, redis_url) as h:
        await h.join("v")
        await opening(h)
        await h.room.entries.freeze(await h.period())
        with pytest.raises(BrokenCommitment, match="essai"):
            await schedule.open_due(database, now_ms())
        opened = await database.read(lambda conn: ledger.period_by_id(conn, "autre"))
        assert opened.state == "open"
        assert ((await h.period()).state, (await h.period()).seed) == ("armed", None)
        closed = await database.write(lambda conn: operating.close(conn, period.uid, "agnes", now_ms()))
        assert closed.state == "closed", "an operator can still end it"


# What an operator may still change


async def refused_value(h: Hall, value: str) -> str:
    with pytest.raises(Refusal) as refused:
        await give_value(h, value)
    return refused.value.code


async def test_the_value_is_frozen_with_the_entries(database: Database, redis_url: str) -> None:
    """Before the freeze it can be corrected, after it never; the same again changes nothing; a late one is final."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        await h.join("v")
        await give_value(h, "01-02")
        await give_value(h)
        await opening(h)
        await h.room.entries.freeze(await h.period())
        assert await refused_value(h, "01-02") == "move_not_allowed"
        assert (await give_value(h)).public_value == VALUE
        await ticker(h)
        assert await refused_value(h, "01-02") == "move_not_allowed"
        assert (await h.period()).public_value == VALUE


async def test_what_is_no_value_and_where_there_is_none(database: Database, redis_url: str) -> None:
    """Two lines or nothing are invalid; a period in order of arrival has no value."""
    await make_draw(database)
    async with hall(database, redis_url) as h:
        assert await refused_value(h, "a\nb") == "invalid"
        assert await refused_value(h, " ") == "invalid"
        period = await make_period(database, id="autre", state="armed")
        with pytest.raises(Refusal, match="move_not_allowed"):
            await database.write(lambda conn: operating.set_value(conn, period.uid, "1", "agnes", now_ms()))


async def test_the_journal_has_the_entries_and_the_draw(database: Database, redis_url: str) -> None:
    """Entries as they were given, those that came back, and the numbers that the draw put into the line."""
    period = await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        for n in range(3):
            await h.join(f"v{n}")
        await opening(h)
        await ticker(h)
        await journal.copy(database, h.room.line, period.uid)
        rows = await database.read(
            lambda conn: conn.execute(sa.select(journal.journal).order_by(journal.journal.c.stream_id))
        )
        found = [(row.kind, row.first, row.last) for row in rows]
        assert [one for one in found if one[0] == "drawn"] == [("drawn", 1, 3)]
        assert [one[0] for one in found].count("entry") == 3
