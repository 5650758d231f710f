"""Every reply of every Lua script, on a real server."""

import pytest

from foundation.errors import Stale, Unavailable
from foundation.sql.database import Database
from quota.store import Period
from tests.support.rooms import hall, make_period, read_period, set_period
from waitingroom.line.replies import JoinReply
from waitingroom.line.snapshot import bitmap
from waitingroom.line.states import GoneKind, JoinTerms, OwedProof
from waitingroom.line.store import NEVER, Join, Seen


async def test_the_line_keeps_a_number_that_owes_and_does_not_count_it(
    database: Database, redis_url: str
) -> None:
    """Given, asked for again, shown after a loss: it waits and is not present, until the proof."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await h.join("honest")
        epoch = await h.room.epochs.current(uid)

        async def ask(*terms: tuple[str, str]) -> list[tuple[JoinReply, int]]:
            joins = [Join((name,), (), JoinTerms(term)) for name, term in terms]
            return await line.join(uid, epoch, 0, NEVER, joins)

        assert await ask(("a", "none")) == [("PROOF", 0)]
        given = await ask(("a", "owes"), ("b", ""), ("a", "owes"), ("c", "proved"))
        assert given == [("NEW", 2), ("NEW", 3), ("OWES", 2), ("NEW", 4)]
        assert (await h.look()).next(9) == [1, 3, 4]
        assert await ask(("a", ""), ("a", "none"), ("b", "owes")) == [("OWES", 2), ("OWES", 2), ("SAME", 3)]
        await line.seen(uid, epoch, [Seen(2, "a", OwedProof.OWES)])
        assert (await h.look()).next(9) == [1, 3, 4]
        await line.seen(uid, epoch, [Seen(2, "a", OwedProof.PROVED)])
        assert (await h.look()).next(9) == [1, 2, 3, 4]
        assert await ask(("a", "")) == [("SAME", 2)]
        assert await ask(("d", "owes"), ("d", "proved")) == [("NEW", 5), ("SAME", 5)]
        assert (await h.look()).next(9) == [1, 2, 3, 4, 5]


FAR = 10**15


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The scripts never see SQL; one store is enough."""
    return sqlite_url


async def started(database: Database, redis_url: str, mark: int = 10) -> tuple[Period, int]:
    """A period in its first epoch, with numbers up to `mark`."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        epoch = await h.room.epochs.current(period.uid)
        await set_period(database, period, mark=mark)
        await h.room.line.copy(await read_period(database, period))
        return await read_period(database, period), epoch


def named(name: str) -> Join:
    return Join((name,))


async def test_join_answers(database: Database, redis_url: str) -> None:
    """NEW in order, SAME for a browser that waits, ASK for one that is gone, RAISE at the mark."""
    period, epoch = await started(database, redis_url, mark=3)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        joins = [named("a"), named("b"), named("a"), Join(())]
        replies = await line.join(uid, epoch, 0, FAR, joins)
        assert replies == [("NEW", 1), ("NEW", 2), ("SAME", 1), ("NEW", 3)]
        assert await line.join(uid, epoch, 0, FAR, [named("c")]) == [("RAISE", 0)]
        await line.gone(uid, epoch, [1])
        assert await line.join(uid, epoch, 0, FAR, [named("a")]) == [("ASK", 1)]
        await set_period(database, period, mark=5)
        await line.copy(await read_period(database, period))
        again = Join(("a",), (1,))
        assert await line.join(uid, epoch, 0, FAR, [again, again]) == [("NEW", 4), ("SAME", 4)]


async def test_join_looks_at_the_key_before_the_visitor(database: Database, redis_url: str) -> None:
    """A fresh key beside a known visitor is the visitor's number, and knows it from then on."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        assert await line.join(uid, epoch, 0, FAR, [named("visitor")]) == [("NEW", 1)]
        assert await line.join(uid, epoch, 0, FAR, [Join(("key", "visitor"))]) == [("SAME", 1)]
        assert await line.join(uid, epoch, 0, FAR, [named("key")]) == [("SAME", 1)]


async def test_join_before_the_opening_after_the_end_and_at_the_cap(
    database: Database, redis_url: str
) -> None:
    """EARLY by the server's clock, CLOSED by state and by time, FULL at the cap, ANNULLED once it was taken back."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await set_period(database, period, state="armed")
        await line.copy(await read_period(database, period))
        assert await line.join(uid, epoch, FAR, FAR, [named("a")]) == [("EARLY", 0)]
        assert await line.join(uid, epoch, 0, 1, [named("a")]) == [("CLOSED", 0)]
        for state, code in (
            ("cap_reached", "FULL"),
            ("closed", "CLOSED"),
            ("annulled", "ANNULLED"),
            ("announced", "EARLY"),
        ):
            await set_period(database, period, state=state)
            await line.copy(await read_period(database, period))
            assert await line.join(uid, epoch, 0, FAR, [named("a")]) == [(code, 0)]


async def test_seen_answers(database: Database, redis_url: str) -> None:
    """WAITING, RESTORED for a number the line lost, GONE for one with a row, RAISE above the mark."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await line.join(uid, epoch, 0, FAR, [named("a"), named("b")])
        await line.gone(uid, epoch, [2])
        codes = await line.seen(uid, epoch, [Seen(1, "a"), Seen(2, "b"), Seen(7, "g"), Seen(11, "k")])
        assert codes == ["WAITING", "GONE", "RESTORED", "RAISE"]
        assert (await line.snapshot(uid, epoch)).next(9) == [1, 7]
        assert await line.join(uid, epoch, 0, FAR, [named("g"), named("new")]) == [("SAME", 7), ("NEW", 8)]


async def test_presence_lasts_five_slots_of_beat(database: Database, redis_url: str) -> None:
    """Who was marked is present for 60 to 75 s of beat, then parked, then back when marked again."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        state = f"wr1:{{{uid}}}:state"
        await line.join(uid, epoch, 0, FAR, [named("a")])
        for slot in range(1, 8):
            # The beat is moved to just before the next slot; a tick steps over the edge.
            await h.redis.hset(state, mapping={"beat": slot * 15_000 - 1})
            await h.redis.hincrby(state, "ticked", -1500)
            await line.tick(uid, epoch)
            look = await line.snapshot(uid, epoch)
            assert (look.waiting, look.parked_count) == ((1, 0) if slot <= 4 else (0, 1))
        await line.mark(uid, epoch, bitmap([1]))
        assert (await line.snapshot(uid, epoch)).next(1) == [1]


async def test_the_beat_follows_no_step_of_the_clock(database: Database, redis_url: str) -> None:
    """A clock an hour ahead moves it 2 s, an hour back not at all (as when the host's clock steps)."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        for step, moved in ((-3_600_000, 2000), (3_600_000, 0)):
            await h.redis.hincrby(f"wr1:{{{uid}}}:state", "ticked", step)
            assert (await line.tick(uid, epoch)).delta_ms == moved


async def test_a_late_copy_is_refused(database: Database, redis_url: str) -> None:
    """The row of version 5 does not overwrite version 6, whichever process was slower."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        old = await read_period(database, period)
        await set_period(database, period, notice="nouveau")
        await h.room.line.copy(await read_period(database, period))
        await h.room.line.copy(old)
        assert (await h.room.line.snapshot(period.uid, epoch)).state["notice"] == "nouveau"


async def test_rebuild_answers(database: Database, redis_url: str) -> None:
    """OK for a newer epoch, REFUSED for one that slept; what waits is kept, what has a row is gone."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await line.join(uid, epoch, 0, FAR, [named("a"), named("b"), named("c")])
        await set_period(database, period, epoch=epoch + 1)
        newer = await read_period(database, period)
        assert not await line.rebuild(newer, b"", 0, "0" * 40), "meant for another server"
        server = await line.server(uid)
        assert await line.rebuild(newer, bitmap([2]), 35_000, server)
        assert not await line.rebuild(newer, b"", 0, server)
        look = await line.snapshot(uid, epoch + 1)
        assert (look.next(9), look.place(2), look.seq) == ([1, 3], "gone", 10)
        assert (await line.tick(uid, epoch + 1)).hold_ms >= 35_000


async def test_who_was_present_in_an_old_file_only_is_not_by_the_end_of_the_hold(
    database: Database, redis_url: str
) -> None:
    """It may be yesterday's: present for half a minute, so that no page jumps; parked before calls go on."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await line.join(uid, epoch, 0, FAR, [named("a"), named("b")])
        await set_period(database, period, epoch=epoch + 1)
        assert await line.rebuild(await read_period(database, period), b"", 35_000, await line.server(uid))
        assert (await line.snapshot(uid, epoch + 1)).waiting == 2
        state = f"wr1:{{{uid}}}:state"
        tick = await line.tick(uid, epoch + 1)
        while tick.beat_ms < tick.hold_ms:
            await line.mark(uid, epoch + 1, bitmap([2]))  # one of the two is back
            await h.redis.hincrby(state, "ticked", -1500)
            tick = await line.tick(uid, epoch + 1)
        assert (await line.snapshot(uid, epoch + 1)).next(9) == [2]


async def test_every_script_refuses_another_epoch(database: Database, redis_url: str) -> None:
    """STALE from each of them: an older epoch, a newer one, another server's replid, or nothing there at all."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid

        async def all_refuse(asked: int) -> None:
            for attempt in (
                line.join(uid, asked, 0, FAR, [named("a")]),
                line.seen(uid, asked, [Seen(1, "a")]),
                line.mark(uid, asked, b"\x40"),
                line.gone(uid, asked, [1]),
                line.tick(uid, asked),
                line.snapshot(uid, asked),
                line.look(uid, asked),
            ):
                with pytest.raises(Stale):
                    await attempt

        await all_refuse(epoch - 1)
        await all_refuse(epoch + 1)
        await h.redis.hset(f"wr1:{{{uid}}}:state", mapping={"replid": "0" * 40, "memory": "another one's"})
        await all_refuse(epoch)
        await h.redis.flushall()
        await all_refuse(epoch)
        with pytest.raises(Stale):
            await line.copy(await read_period(database, period))


async def test_sockets_are_counted_over_processes(database: Database, redis_url: str) -> None:
    """Three sockets of a ticket, wherever they are; a closed one makes room; another ticket is not concerned."""
    period, _ = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        counts = (("p", 1), ("q", 1), ("p", 2), ("q", 2))
        assert [await line.sockets(uid, p, [(1, n)], 3) for p, n in counts] == [
            [True],
            [True],
            [True],
            [False],
        ]
        assert await line.sockets(uid, "p", [(1, 2)], 3) == [True], "the same once more changes nothing"
        told = await line.sockets(uid, "q", [(2, 1), (1, 2), (2, 3), (2, 4)], 3)
        assert told == [True, False, True, False], "each of those told together is judged by itself"
        assert await line.sockets(uid, "p", [(1, 1)], 3) == [True]
        assert await line.sockets(uid, "q", [(1, 2)], 3) == [True]


async def test_the_journal_keeps_joins_restores_and_leaves(database: Database, redis_url: str) -> None:
    """One entry for numbers given together; trimmed through the entry that SQL has."""
    period, epoch = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        await line.join(uid, epoch, 0, FAR, [named("a"), named("b")])
        await line.seen(uid, epoch, [Seen(5, "e")])
        await line.gone(uid, epoch, [1], GoneKind.LEAVE)
        entries = await line.journal(uid)
        assert [(e.kind, e.first, e.last) for e in entries] == [
            ("join", 1, 2),
            ("restore", 5, 5),
            ("leave", 1, 1),
        ]
        await line.trim(uid, entries[1].stream_id)
        assert [e.kind for e in await line.journal(uid)] == ["leave"]


async def test_a_redis_that_is_away_is_unavailable(database: Database, tmp_path: object) -> None:
    """Nothing but Unavailable reaches the callers."""
    period = await make_period(database)
    async with hall(database, f"unix://{tmp_path}/nobody.sock") as h:
        with pytest.raises(Unavailable):
            await h.room.line.snapshot(period.uid, 1)


async def test_a_loss_takes_the_counts_of_sockets_and_that_is_noticed(
    database: Database, redis_url: str
) -> None:
    """Without a number: OK while something is known of the process, nothing when it is not."""
    period, _ = await started(database, redis_url)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        assert await line.sockets(uid, "p", [], 3) == []
        assert await line.sockets(uid, "p", [(1, 1)], 3) == [True]
        assert await line.sockets(uid, "p", [], 3) == [True]
        await h.redis.flushall()
        assert await line.sockets(uid, "p", [], 3) == []
