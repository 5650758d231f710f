"""Redis: the only speaker of it. One method a script, one script a decision; the scripts are in `lua/`.

Key glossary. Every key begins with `wr1:{period uid}:` (one hash tag a period); none has a lifetime but
`feeds`, `probe` and what begins with `look`.

| key           | type       | owner  | what                                                                        |
|---------------|------------|--------|-----------------------------------------------------------------------------|
| `state`       | hash       | ticker | epoch, replid, memory, beat, ticked, hold, and a copy of the period's row    |
| `seq`         | counter    | joins  | last number given                                                           |
| `joins`       | hash       | joins  | hash of a visitor id or idempotency key -> number, below 0 if it owes a proof |
| `waiting`     | bitmap     | joins  | bit n set: number n waits                                                   |
| `gone`        | bitmap     | ticker | bit n set: number n has a row in SQL; only grows within an epoch            |
| `journal`     | stream     | joins  | joins, restores and leaves, until SQL has them                              |
| `present:0-7` | bitmaps    | feeds  | bit n set: number n was seen in this slot of 15 s; present = the last five  |
| `scratch`     | bitmap     | feeds  | lives within one script                                                     |
| `entrants`    | hash       | draw   | as `joins`, before the opening in mode draw: -> entry, below 0 if it owes   |
| `entered`     | bitmap     | draw   | bit n set: entry n stands and owes no proof                                 |
| `here:0-7`    | bitmaps    | draw   | bit n set: entry n was seen in this slot                                    |
| `feeds`       | sorted set | feeds  | web processes heard of lately; `feeds:<process>`: sockets by number, 15 s    |
| `probe`       | string     | health | whether it may be written, 60 s                                             |
| `look`        | hash       | looks  | the look that web processes share: id, seq, state; `look:waiting`, `:front`, |
|               |            |        | `:gone` its bitmaps, `:changes` a stream of what changed to it, `:next`; 60 s |

One key is of no period: `wr1:{stops}`, a hash of stops that SQL has not recorded yet (`stops.py`), by their names.

Each method fails closed with `Unavailable` when Redis does not answer in time, and raises `Stale` when the line here is
of another epoch than the caller's.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from foundation.errors import Stale, Unavailable
from quota.pace import MOST_STEP_MS
from quota.store import Period
from waitingroom.line import setbacks, shared_look
from waitingroom.line.durability import Durability, durability, least
from waitingroom.line.replies import CopyReply, JoinReply, LookReply, RebuildReply, SeenReply, SocketsReply
from waitingroom.line.setbacks import Recollection
from waitingroom.line.shared_look import SharedLook, fields
from waitingroom.line.snapshot import Snapshot
from waitingroom.line.states import GoneKind, JoinTerms, JournalKind, OwedProof

log = structlog.get_logger()

LUA = Path(__file__).parent / "lua"

UNFENCED = frozenset({"sockets"})
"""Scripts that are of no epoch: what they keep is right again within seconds of any loss."""

ANSWER_SECONDS = 3.0
"""A script takes about a millisecond; past this Redis is away."""

AWAY_SECONDS = 1.0
"""Circuit breaker: after a silence Redis is asked nothing for so long; questions meanwhile fail at once."""

PROBE_SECONDS = 0.5
"""And the first question after that has this timeout, so that a frozen server costs little each time."""

PATIENCE_SECONDS = 2.0
"""Backpressure: a question that would wait longer in its queue is refused with the time to come back."""

PROBE_LASTS_MS = 60_000
"""What `/readyz` writes to see whether it may goes by itself."""

NEVER = 10**15
"""An instant that no clock reaches."""

SLOT_MS = 15_000
"""Presence is marked in slots of so much beat."""

SLOTS = 8
"""Bitmaps that slots take turns in; those that are not read are emptied before their next turn."""

PRESENT_SLOTS = 5
"""Seen in the last so many slots is present: 60 to 75 s; silent for longer is parked, and not called (ADR 0003)."""

PRELUDE = f"local SLOT_MS, SLOTS, PRESENT_SLOTS = {SLOT_MS}, {SLOTS}, {PRESENT_SLOTS}\n"
"""What Lua knows of these numbers; it stands before the fence."""

STOPS = "wr1:{stops}"

GONE_TOGETHER = 1000
"""Numbers that leave the line in one script: Lua takes some 8,000 arguments."""

_JOIN_REPLIES = {reply.encode(): reply for reply in JoinReply}

_SEEN_REPLIES = {reply.encode(): reply for reply in SeenReply}

T = TypeVar("T")


class Join(NamedTuple):
    """A browser that asks for a number, or an entry: the hashes it is known by, the ended numbers it may replace, and
    on which terms it gets a new one (see `join.lua`)."""

    identities: tuple[str, ...]
    replaces: tuple[int, ...] = ()
    terms: JoinTerms = JoinTerms.PLAIN


class Seen(NamedTuple):
    """A ticket that was presented: its number or entry, its visitor's hash, and what of a proof (see `seen.lua`)."""

    number: int
    visitor: str
    proof: OwedProof = OwedProof.NOTHING


class BeatStep(NamedTuple):
    """One tick of the beat: Redis TIME, by how much the beat moved, where it stands, until when nobody is called."""

    now_ms: int
    delta_ms: int
    beat_ms: int
    hold_ms: int


class JournalEntry(NamedTuple):
    """One journal entry still in the stream."""

    stream_id: str
    epoch: int
    kind: JournalKind
    first: int
    last: int


def script(name: str) -> str:
    """The text of a script by its path in `lua/`, behind the fence that it begins with."""
    text = (LUA / f"{name}.lua").read_text()
    if name in UNFENCED:
        return text
    fence = PRELUDE + (LUA / "fence.lua").read_text()
    return (fence + (LUA / "draw" / "fence.lua").read_text() if name.startswith("draw/") else fence) + text


def script_names() -> list[str]:
    """The scripts there are: each file of `lua/` that is no fence."""
    paths = [path.relative_to(LUA).with_suffix("") for path in LUA.rglob("*.lua") if path.stem != "fence"]
    return sorted(path.as_posix() for path in paths)


def copied(period: Period) -> dict[str, str | int]:
    """What the line keeps of a period's row: what a join and a screen need."""
    return {
        "state": period.state,
        "paused": int(period.paused),
        "suspended": int(period.suspended),
        "mark": period.mark,
        "held": period.held,
        "accepted": period.accepted,
        "cap": period.cap,
        "clock": period.clock,
        "notice": period.notice or "",
        "mode": period.mode,
        "entry_mark": period.entry_mark,
        "entries": -1 if period.entries is None else period.entries,
    }


def _of_this_epoch(reply: Any) -> Any:
    """The reply of a script behind the fence. Raises Stale when it is of another epoch."""
    if reply == b"STALE" or (isinstance(reply, list) and reply[0] == b"STALE"):
        raise Stale
    return reply


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def keys(uid: str) -> list[str]:
    """The keys of a period in the order in which `lua/fence.lua` names them."""
    names = (
        "state",
        "seq",
        "joins",
        "waiting",
        "gone",
        "journal",
        *(f"present:{n}" for n in range(SLOTS)),
        "scratch",
    )
    return [f"wr1:{{{uid}}}:{name}" for name in names]


def entry_keys(uid: str) -> list[str]:
    """Those, and the keys of mode draw, as `lua/draw/fence.lua` names them."""
    names = ("entrants", "entered", *(f"here:{n}" for n in range(SLOTS)))
    return keys(uid) + [f"wr1:{{{uid}}}:{name}" for name in names]


def look_keys(uid: str) -> list[str]:
    """Those of a period, and the keys of the shared look, as `lua/look.lua` names them."""
    names = ("look", *(f"look:{name}" for name in ("waiting", "front", "gone", "changes", "next")))
    return keys(uid) + [f"wr1:{{{uid}}}:{name}" for name in names]


class Line:
    """The lines of all periods in one Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._away_until: float | None = None
        self._scripts = {name: redis.register_script(script(name)) for name in script_names()}

    async def _ask(self, name: str, on: list[str], *args: Any) -> Any:
        return await self._answer(lambda: self._scripts[name](keys=on, args=args))

    async def _answer(self, ask: Callable[[], Awaitable[T]], *, insisting: bool = False) -> T:
        """The answer, or Unavailable; by a circuit breaker, so that waits do not add up. `insisting` asks all the
        same."""
        if not insisting and self._away_until is not None and time.monotonic() < self._away_until:
            raise Unavailable("redis")
        try:
            async with asyncio.timeout(ANSWER_SECONDS if self._away_until is None else PROBE_SECONDS):
                answer = await ask()
        except (RedisTimeout, TimeoutError) as problem:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise Unavailable("redis") from problem
        except (RedisError, OSError) as problem:
            raise Unavailable("redis") from problem
        self._away_until = None
        return answer

    async def _fenced(self, name: str, uid: str, epoch: int, *args: Any) -> Any:
        return _of_this_epoch(await self._ask(name, keys(uid), epoch, *args))

    async def of_draw(self, name: str, uid: str, epoch: int, *args: Any) -> Any:
        """The reply of a script of mode draw; `waitingroom/draw/scripts.py` has a typed method for each."""
        return _of_this_epoch(await self._ask(f"draw/{name}", entry_keys(uid), epoch, *args))

    async def join(
        self, uid: str, epoch: int, opens_at: int, closes_at: int, joins: Sequence[Join]
    ) -> list[tuple[JoinReply, int]]:
        """A reply and a number for each; EARLY, FULL and CLOSED are the same for all, and have none (0)."""
        packed = msgspec.msgpack.encode(joins)
        reply = await self._fenced("join", uid, epoch, opens_at, closes_at, packed)
        if reply[0] != b"OK":
            return [(_JOIN_REPLIES[reply[0]], 0)] * len(joins)
        return [(_JOIN_REPLIES[reply[i]], reply[i + 1]) for i in range(1, len(reply), 2)]

    async def spend_proof(self, uid: str, proof: str, owner: str, milliseconds: int) -> bool:
        """Remember for so long that this proof was used, and by whom; False when another owner used it before.

        Its owner may show it again with a repeated request (idempotency): the answer may have been lost.
        """
        key = f"wr1:{{{uid}}}:proof:{proof}"
        before = await self._answer(
            lambda: self._redis.set(key, owner or "-", nx=True, px=max(1, milliseconds), get=True)
        )
        return before is None or (bool(owner) and before == owner.encode())

    async def seen(self, uid: str, epoch: int, tickets: Sequence[Seen]) -> list[SeenReply]:
        """Mark the numbers of these tickets present, and restore those that a loss took; a reply for each."""
        reply = await self._fenced("seen", uid, epoch, msgspec.msgpack.encode(tickets))
        return [_SEEN_REPLIES[code] for code in reply[1:]]

    async def mark(self, uid: str, epoch: int, bitmap: bytes) -> None:
        """Mark the numbers of this bitmap present."""
        await self._fenced("mark", uid, epoch, bitmap)

    async def gone(
        self, uid: str, epoch: int, numbers: Sequence[int], kind: GoneKind = GoneKind.CALL
    ) -> None:
        """Take numbers that have a row in SQL out of the line."""
        for start in range(0, len(numbers), GONE_TOGETHER):
            await self._fenced("gone", uid, epoch, kind, *numbers[start : start + GONE_TOGETHER])

    async def tick(self, uid: str, epoch: int, most_ms: int = MOST_STEP_MS) -> BeatStep:
        """Move the beat by the time since the last tick, at most by this."""
        reply = await self._fenced("tick", uid, epoch, most_ms)
        return BeatStep(*(int(part) for part in reply[1:]))

    async def copy(self, period: Period) -> bool:
        """Copy the period's row. False when the line has a newer version, which stays."""
        flat = [part for item in copied(period).items() for part in item]
        reply = await self._fenced("copy", period.uid, period.epoch, period.version, *flat)
        return bool(reply == CopyReply.OK.encode())

    async def recollect(self, uid: str) -> Recollection:
        """What the line knows of the period, in whatever epoch. Raises Unavailable."""
        is_intact, seq, state, gone = await self._ask("recollect", keys(uid))
        return setbacks.of_line(bool(is_intact), seq, fields(state), gone)

    async def server(self, uid: str) -> str:
        """The id of the history of the server that holds this period's line. Raises Unavailable."""
        return bytes(await self._ask("server", keys(uid))).decode()

    async def rebuild(self, period: Period, gone: bytes, hold_ms: int, server: str) -> bool:
        """Begin the epoch of `period` on this server. False when one as new stands there, or it is another server."""
        flat = [part for item in copied(period).items() for part in item]
        args = (period.epoch, gone, period.mark, hold_ms, server, period.version, *flat)
        return bool(await self._ask("rebuild", keys(period.uid), *args) == RebuildReply.OK.encode())

    async def snapshot(self, uid: str, epoch: int) -> Snapshot:
        """The line read whole, as it stands."""
        _ok, now, seq, state, waiting, gone, *slots = await self._fenced("snapshot", uid, epoch)
        return Snapshot.of(now, seq, fields(state), waiting, gone, slots)

    async def look(self, uid: str, epoch: int, held: SharedLook | None = None) -> SharedLook | None:
        """The look that all processes share, from the one held; None where the line is to be read whole."""
        name = held.id if held else ""
        reply = _of_this_epoch(await self._ask("look", look_keys(uid), epoch, name, *shared_look.terms()))
        if reply[0] == LookReply.SHORT.encode():
            return None
        found = shared_look.following(held, reply)
        return await self.look(uid, epoch) if found is None and held else found

    async def sockets(
        self, uid: str, process: str, counts: Sequence[tuple[int, int]], most: int
    ) -> list[bool]:
        """Say how many sockets this web process holds of each (number, count). False where all would hold over `most`.

        A number, not a step: said twice, or late after a failure, it is as right as before. Without any it says only
        that the process lives; empty when nothing is known of it.
        """
        flat = [part for pair in counts for part in pair]
        reply = await self._ask("sockets", [f"wr1:{{{uid}}}:feeds"], process, most, *flat)
        return [answer == SocketsReply.OK.encode() for answer in reply]

    async def journal(self, uid: str, count: int = 1000) -> list[JournalEntry]:
        """The oldest entries of the stream."""
        rows: Any = await self._answer(lambda: self._redis.xrange(keys(uid)[5], count=count))
        return [
            JournalEntry(
                id.decode(),
                int(row[b"epoch"]),
                JournalKind(row[b"kind"].decode()),
                int(row[b"first"]),
                int(row[b"last"]),
            )
            for id, row in rows
        ]

    async def trim(self, uid: str, through: str) -> None:
        """Drop the entries that SQL has, up to and with this stream id."""
        milliseconds, counter = through.split("-")
        minid = f"{milliseconds}-{int(counter) + 1}"
        await self._answer(lambda: self._redis.xtrim(keys(uid)[5], minid=minid, approximate=False))

    async def write_stop(self, name: str, mark: bytes) -> None:
        """Keep a stop until SQL has it. It is asked for even where Redis was silent just now."""
        await self._answer(lambda: self._redis.hset(STOPS, name, mark), insisting=True)

    async def stops(self) -> dict[str, bytes]:
        """The stops that are kept, by their names."""
        kept: Any = await self._answer(lambda: self._redis.hgetall(STOPS))
        return {name.decode(): mark for name, mark in kept.items()}

    async def erase_stops(self, *names: str) -> None:
        """Forget those that SQL has."""
        await self._answer(lambda: self._redis.hdel(STOPS, *names))

    async def time(self) -> int:
        """The instant by the server's clock, in ms. Raises Unavailable."""
        seconds, microseconds = await self._answer(lambda: self._redis.time())
        return int(seconds) * 1000 + int(microseconds) // 1000

    async def writable(self, uids: Sequence[str]) -> None:
        """Raises Unavailable when the line of one of these periods takes no writes: out of memory, a replica, a log
        that cannot be written. Without periods any key is tried."""
        for uid in uids or ("probe",):
            await self._answer(lambda uid=uid: self._redis.set(f"wr1:{{{uid}}}:probe", 1, px=PROBE_LASTS_MS))  # type: ignore[misc]

    async def durability(self) -> Durability:
        """What a crash of Redis would leave of the line. Raises Unavailable."""
        found: Any = await self._answer(lambda: self._redis.info("persistence"))
        servers = [found] if "aof_enabled" in found else list(found.values())
        try:
            shown: Any = await self._redis.config_get("appendfsync")
        except RedisError:  # our user may not, or it went away in between
            shown = {}
        fsync = {_text(key): _text(value) for key, value in shown.items()}.get("appendfsync")
        return least(durability(one, fsync) for one in servers)

    async def ping(self) -> None:
        """Raises Unavailable when Redis does not answer."""
        await self._answer(lambda: self._redis.ping())
