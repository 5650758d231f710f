"""A line of millions that lives by its own scripts: laid into Redis as bitmaps, then joined, called, left for a while.

One in ten is gone, three in eight of the others are parked. Of every million 300 go silent and 300 come back a second;
whoever goes silent is parked with all others of their slot of 15 s.
"""

import random
import secrets
import time
from collections.abc import Iterator

from quota.store import Period
from tests.support.rooms import Hall
from waitingroom.line.snapshot import members
from waitingroom.line.store import SLOT_MS, SLOTS, Join, Seen, look_keys

MILLION = 1_000_000

JOINS, CALLS = 2000, 25
"""A second."""

CHURN_OF_A_MILLION = 300
"""Go silent, and come back, a second."""

REMEMBERED = 50_000
"""Numbers given to see what memory one takes."""

MARK_SECONDS = 5
"""As a web process marks those who are connected."""

FROM = 4 * SLOTS * SLOT_MS
"""Where the beat begins."""


def random_bits(chance: random.Random, size: int) -> int:
    """So many bytes of which five bits in eight are set."""
    one, two, three = (int.from_bytes(chance.randbytes(size), "big") for _ in range(3))
    return one | two & three


class MovingLine:
    """A line that lives: who is connected is known here, what is seen of it stands in Redis."""

    def __init__(self, hall: Hall, period: Period, tickets: int) -> None:
        self.line, self.redis, self.uid, self.tickets = hall.room.line, hall.redis, period.uid, tickets
        self.names, self.size = look_keys(period.uid), (tickets >> 3) + 1
        self.chance, self.churn = random.Random(tickets), tickets * CHURN_OF_A_MILLION // MILLION
        self.connected, self.seq, self.second = bytearray(), tickets, 0
        self.calls: Iterator[int] = iter(())
        self.marks = list[float]()

    async def lay(self) -> None:
        """One in ten, those with the lowest numbers, is gone; in the slots is also who went silent a while ago."""
        last, gone = self.tickets, self.size // 10
        waiting = bytearray(b"\0" * gone + b"\xff" * (self.size - gone))
        for number in range(last + 1, self.size * 8):
            waiting[number >> 3] &= ~(0x80 >> (number & 7)) & 0xFF
        mask = int.from_bytes(waiting, "big")
        self.connected = bytearray((random_bits(self.chance, self.size) & mask).to_bytes(self.size, "big"))
        self.calls = members(bytes(self.connected[: gone + self.size // 10]))
        slots: dict[str, bytes | int] = {
            self.names[1]: self.tickets,
            self.names[3]: bytes(waiting),
            self.names[4]: b"\xff" * gone,
        }
        seen = bytearray(self.connected)
        for back in range(SLOTS - 3):
            slots[self.names[6 + (FROM // SLOT_MS - back) % SLOTS]] = bytes(seen)
            for number in self._some(self.churn * SLOT_MS // 1000, seen, False):
                seen[number >> 3] |= 0x80 >> (number & 7)
        for name, value in slots.items():
            await self.redis.set(name, value)
        await self.redis.hset(self.names[0], "beat", FROM)

    def _some(self, count: int, bits: bytearray, there: bool) -> list[int]:
        """Numbers that wait, and are, or are not, among these."""
        found = list[int]()
        while len(found) < count:
            number = self.chance.randrange(self.tickets // 9, self.tickets)
            if bool(bits[number >> 3] & (0x80 >> (number & 7))) == there:
                found.append(number)
        return found

    async def live(self) -> None:
        """What happens in a second, all of it within its first tenth or two."""
        line, uid = self.line, self.uid
        self.second += 1
        await line.tick(uid, 1)
        for start in range(0, JOINS, 500):
            people = [Join((f"{self.second}-{one}",)) for one in range(start, start + 500)]
            self.seq = (await line.join(uid, 1, 0, 10**15, people))[-1][1]
        self.connected.extend(bytes((self.seq >> 3) + 1 - len(self.connected)))
        for number in range(self.seq - JOINS + 1, self.seq + 1):
            self.connected[number >> 3] |= 0x80 >> (number & 7)
        await line.gone(uid, 1, [next(self.calls) for _ in range(CALLS)])
        for number in self._some(self.churn, self.connected, True):
            self.connected[number >> 3] &= ~(0x80 >> (number & 7)) & 0xFF
        back = self._some(self.churn, self.connected, False)
        for number in back:
            self.connected[number >> 3] |= 0x80 >> (number & 7)
        for start in range(0, len(back), 500):
            await line.seen(uid, 1, [Seen(number, "-") for number in back[start : start + 500]])
        if self.second % MARK_SECONDS == 0:
            began = time.perf_counter()
            await line.mark(uid, 1, bytes(self.connected))
            self.marks.append((time.perf_counter() - began) * 1000)

    async def memory_of_a_number(self) -> float:
        """Bytes that Redis grows by for each number, given to a browser known by its visitor and by a key."""
        before = await self._used_memory()
        for _ in range(0, REMEMBERED, 500):
            people = [Join((secrets.token_hex(16), secrets.token_hex(16))) for _ in range(500)]
            await self.line.join(self.uid, 1, 0, 10**15, people)
        return (await self._used_memory() - before) / REMEMBERED

    async def _used_memory(self) -> int:
        return int((await self.redis.info("memory"))["used_memory"])
