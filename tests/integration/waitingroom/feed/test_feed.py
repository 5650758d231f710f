"""The loops of the feed: turns, signs of life, presence, and the end."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import now_ms
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from quota import annulment, ledger
from tests.support.outages import NOWHERE, turning
from tests.support.processes.statements import heard
from tests.support.rooms import Hall, RecordingWire, hall, make_period, set_period
from waitingroom.feed import feed as feeds
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher
from waitingroom.feed.watcher_set import WatcherSet
from waitingroom.positions import Me
from waitingroom.tickets import Ticket


async def test_people_stay_present_while_their_process_cannot_reach_sql(
    database: Database, redis_url: str
) -> None:
    """Marking needs Redis alone: heartbeats and rows that cannot be had do not park anybody (P8)."""
    period = await make_period(database, calls_per_minute=1)
    async with hall(database, redis_url) as h:
        called, waiting = await h.join("a"), await h.join("b")
        await h.turn()
        feed = h.feed()
        await h.room.looks.look(await h.period())
        for joined in (called, waiting):
            feed.add(Watcher("essai", joined.ticket, RecordingWire()))
        await h.absent(2)
        away = Database(NOWHERE)
        h.on(away)
        feed.pulse = Heartbeat(away, "web")
        async with turning(feed):
            async with asyncio.timeout(3):
                while True:
                    epoch = await h.room.epochs.current(period.uid)
                    if (await h.room.line.snapshot(period.uid, epoch)).next(9) == [2]:
                        break
                    await asyncio.sleep(0.05)


async def test_after_an_outage_of_all_the_first_one_back_draws_nobody_away(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were blind for a minute. That the other marks again a moment sooner closes no socket here (P8).

    Only when it goes on doing better for seconds are people sent there, spread over ten seconds.
    """
    monkeypatch.setattr(feeds, "SURE_SECONDS", 0.3)
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        blind, other = h.feed(), h.feed()
        people = [
            Watcher("essai", Ticket((await h.period()).uid, n, "v"), RecordingWire()) for n in range(1, 21)
        ]
        for watcher in people:
            blind.add(watcher)
        blind._marked_at -= 60
        for feed in (other, blind):
            await feed.pulse.beat()
        await other.mark()
        for feed in (other, blind):
            await feed.pulse.beat()
        assert blind.pulse.others_mark()
        await blind.turn()
        assert [watcher.closing for watcher in people] == [None] * 20
        await asyncio.sleep(0.4)
        await blind.turn()
        assert [watcher.closing for watcher in people].count(1012) == 3
        await blind.mark()
        for watcher in people:
            watcher.closing = None
        await blind.turn()
        assert [watcher.closing for watcher in people] == [None] * 20


@pytest.mark.parametrize(("late", "cut"), [(False, 1), (True, 0)])
async def test_a_process_that_is_late_itself_drops_nobody(
    on_sqlite: Database, redis_url: str, late: bool, cut: int
) -> None:
    """What it did not get to read is nobody's silence; twin: one that is on time drops who gave no sign of life."""
    period = await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed, ears = h.feed(), [RecordingWire() for _ in range(10)]
        for number, ear in enumerate(ears, 1):
            feed.add(Watcher("essai", Ticket(period.uid, number, "v"), ear))
        ears[0].answers = False
        for _ in range(feeds.ALONE_ROUNDS):
            await feed.ping()
        assert [ear.pings for ear in ears] == [1] * 10 and not any(ear.cut for ear in ears)
        feed._asked_at -= 3 * feeds.PING_SECONDS * late
        for _ in range(feeds.ANSWER_ROUNDS):
            await feed.ping()
        assert [ear.cut for ear in ears].count(True) == cut
        for _ in range(feeds.ALONE_ROUNDS + feeds.ANSWER_ROUNDS):
            await feed.ping()
        assert ears[0].cut, "sooner or later it is"


@pytest.mark.parametrize("values", [{}, {"calls_per_minute": 0}, {"paused": True}])
async def test_a_sign_of_life_is_asked_for_along_with_a_position(
    on_sqlite: Database, redis_url: str, values: dict[str, Any]
) -> None:
    """Whoever hears each second, each three and each five: no question costs a message of its own."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 20)
        period = await h.period()
        await set_period(h.db, period, **values)
        for turn in range(30):
            h.room.periods._refreshed_at = -1.0  # read the row again
            await feed.turn()
            heard = [len(ear.heard) for ear in ears_of(crowd)]
            await feed.ping()
            assert [len(ear.heard) for ear in ears_of(crowd)] == heard
            assert turn < feeds.ALONE_ROUNDS or all(ear.pings for ear in ears_of(crowd))
        assert {ear.alone for ear in ears_of(crowd)} == {0}
        assert all(2 <= ear.pings <= 4 for ear in ears_of(crowd))


async def told_of_a_pause(database: Database, redis_url: str, among: range) -> tuple[list[int], list[int]]:
    """People far away, a tab that nobody sees, one who came just now and one who was told by an older row: how many
    heard of a pause, and then of its end, in the turn that saw it."""
    period = await make_period(database, calls_per_minute=0)
    async with hall(database, redis_url) as h:
        feed, heard = h.feed(), list[list[int]]()
        crowd = await a_crowd(h, feed, among.start, among.stop - 1)
        crowd[0].hidden = True
        for paused in (True, False):
            await set_period(database, period, paused=paused)
            h.room.periods._refreshed_at = -1.0
            before = [len(ear.heard) for ear in ears_of(crowd)]
            await feed.turn()
            told = [ear.last["type"] for ear in ears_of(crowd)]
            assert set(told) == {"paused" if paused else "resumed"}
            heard.append([len(ear.heard) - n for ear, n in zip(ears_of(crowd), before, strict=True)])
        return heard[0], heard[1]


async def test_news_is_told_to_everybody_in_the_turn_that_sees_it(
    on_sqlite: Database, redis_url: str
) -> None:
    """However rarely somebody hears of positions, a pause and its end come at once, and once."""
    told, again = await told_of_a_pause(on_sqlite, redis_url, range(1, 41))
    assert told == again == [1] * 40


async def test_with_only_those_who_are_due_some_would_wait_for_news(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a crowd that takes for known what it was never told."""
    monkeypatch.setattr(WatcherSet, "knows", lambda self, news: True)
    with pytest.raises(AssertionError):
        await told_of_a_pause(on_sqlite, redis_url, range(1, 41))


async def test_who_was_told_by_an_older_row_is_set_right_by_the_next_turn(
    on_sqlite: Database, redis_url: str
) -> None:
    """The first frame may come from rows that the turn before has left behind: it waits for no turn of its own."""
    period = await make_period(on_sqlite, calls_per_minute=0)
    async with hall(on_sqlite, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 12)
        older = await h.period()
        await set_period(on_sqlite, period, notice="Un instant.")
        h.room.periods._refreshed_at = -1.0
        await feed.turn()
        late = Watcher("essai", Ticket(period.uid, 13, "v13"), RecordingWire())
        feed.add(late)
        await feed.turn()
        late.offer(h.room.positions.show(older, h.room.looks.last(period.uid), 13, None))
        assert late.notice is None
        feed.check(late)
        await feed.turn()
        assert [one.notice for one in (*crowd, late)] == ["Un instant."] * 13


async def test_who_was_asked_a_moment_ago_is_not_judged(on_sqlite: Database, redis_url: str) -> None:
    """A turn asks somebody whom a round of questions has on its list: the answer has its time all the same."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 3 * feeds.SLICE)
        feed._pings = 100
        asking = asyncio.create_task(feed.ping())
        await asyncio.sleep(0)  # the first slice is done
        for watcher, ear in zip(crowd[feeds.SLICE :], ears_of(crowd)[feeds.SLICE :], strict=True):
            ear.answers, watcher.asked = False, feed._pings
            ear.push(b"{}", asking=True)
        await asking
        assert not any(ear.cut for ear in ears_of(crowd))


async def a_crowd(h: Hall, feed: Feed, first: int, last: int) -> list[Watcher]:
    """People with these numbers watch, and are in line."""
    uid = (await h.period()).uid
    crowd = [
        Watcher("essai", Ticket(uid, number, f"v{number}"), RecordingWire())
        for number in range(first, last + 1)
    ]
    for watcher in crowd:
        feed.add(watcher)
    await feed.turn()  # the line does not know them yet: they are put back into it
    await h.room.looks.look(await h.period(), 0.0)
    return crowd


def ears_of(crowd: list[Watcher]) -> list[RecordingWire]:
    return [watcher.wire for watcher in crowd if isinstance(watcher.wire, RecordingWire)]


async def processed(redis: "Redis") -> int:
    return int((await redis.info("stats"))["total_commands_processed"])


async def test_a_turn_asks_redis_as_much_for_ten_as_for_a_thousand(
    on_sqlite: Database, redis_url: str
) -> None:
    """At most ten commands with the mark that comes every fifth time, those inside scripts too."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        feed, costs = h.feed(), list[int]()
        for first, last in ((1, 10), (11, 1000)):
            crowd = await a_crowd(h, feed, first, last)
            await feed.turn()
            await feed.mark()
            assert {watcher.state for watcher in crowd} == {"waiting"}
            assert [watcher.ahead for watcher in crowd] == list(range(first - 1, last))
            before = await processed(h.redis)
            for _ in range(5):
                await h.room.looks.look(await h.period(), 0.0)
            await feed.mark()
            costs.append(await processed(h.redis) - before - 1)
        assert costs[0] == costs[1] <= 50


async def test_a_period_that_nobody_watches_is_not_looked_at(on_sqlite: Database, redis_url: str) -> None:
    """A past period, or one before its opening, costs Redis nothing; whoever asks is shown a fresh look."""
    await make_period(on_sqlite)
    async with hall(on_sqlite, redis_url) as h:
        joined = await h.join("a")
        feed = h.feed()
        before = await processed(h.redis)
        for _ in range(3):
            await feed.turn()
        assert await processed(h.redis) - before == 1
        assert (await h.room.positions.me(await h.period(), joined.ticket)).waiting == 1


async def test_the_end_is_told_to_a_thousand_with_one_question_to_sql(
    database: Database, redis_url: str
) -> None:
    """Nobody is told « drained » on the line's word alone, and asking costs one statement a turn, not one each 500."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 1200)
        epoch = await h.room.epochs.current(period.uid)
        called = await database.write(
            lambda conn: ledger.call(
                conn, period.uid, epoch=epoch, candidates=[1], passed_over=b"", listed_at=0, age_ms=0
            )
        )
        assert called.numbers == [1]
        await set_period(database, period, state="closed")
        asked: list[str] = []
        with heard(asked.append):
            await feed.turn()
        assert len([one for one in asked if "FROM token" in one]) == 1
        states = [watcher.state for watcher in crowd]
        assert states == ["called"] + ["drained"] * 1199
        await feed.turn()
        assert [watcher.closing for watcher in crowd] == [None] + [1000] * 1199
        ears: list[Any] = [watcher.wire for watcher in crowd]
        assert [len(ear.ended) for ear in ears] == [0] + [1] * 1199


async def test_an_annulment_ends_every_socket_with_its_word(database: Database, redis_url: str) -> None:
    """Whoever waits and whoever holds a token hear `annulled` within a turn, and are then closed."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        feed = h.feed()
        crowd = await a_crowd(h, feed, 1, 20)
        epoch = await h.room.epochs.current(period.uid)

        async def take(conn: AsyncConnection) -> None:
            await ledger.call(
                conn, period.uid, epoch=epoch, candidates=[1], passed_over=b"", listed_at=0, age_ms=0
            )
            await annulment.annul(conn, period.uid, "essai", "agnes", now_ms(), nothing_to_void)

        await database.write(take)
        await feed.turn()
        await feed.turn()
        assert {watcher.state for watcher in crowd} == {"annulled"}
        assert [watcher.closing for watcher in crowd] == [1000] * len(crowd)
        assert all(watcher.wire.last["type"] == "annulled" for watcher in crowd)  # type: ignore[attr-defined]


async def nothing_to_void(conn: AsyncConnection, uid: str, now: int) -> int:
    return 0


class FeedWitness(RecordingWire):
    """Notes with all others in one list what comes of it."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def push(self, text: bytes, asking: bool = False) -> bool:
        self.seen.append("told")
        return super().push(text, asking)

    def end(self, code: int) -> None:
        self.seen.append("closed")
        super().end(code)


async def told_and_closed(database: Database, redis_url: str) -> list[str]:
    """What comes of 500 people at the end of a period, in its order."""
    period = await make_period(database)
    async with hall(database, redis_url) as h:
        feed, seen = h.feed(), list[str]()
        for watcher in await a_crowd(h, feed, 1, 500):
            watcher.wire = FeedWitness(seen)
        await set_period(database, period, state="closed")
        await feed.turn()
        return seen


async def test_everybody_hears_of_the_end_before_the_first_socket_is_closed(
    on_sqlite: Database, redis_url: str
) -> None:
    """To close costs twice what it costs to tell, and nobody waits for that (81,000 within 10 s)."""
    assert await told_and_closed(on_sqlite, redis_url) == ["told"] * 500 + ["closed"] * 500


async def test_with_each_socket_closed_as_it_is_told_the_last_wait_for_all_closings(
    on_sqlite: Database, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin."""

    offer = Watcher.offer

    def offer_and_part(watcher: Watcher, me: Me) -> None:
        offer(watcher, me)
        watcher.part()

    monkeypatch.setattr(Watcher, "offer", offer_and_part)
    assert await told_and_closed(on_sqlite, redis_url) == ["told", "closed"] * 500
