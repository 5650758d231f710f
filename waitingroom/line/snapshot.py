"""The line as a value: who waits, who is present, how many are ahead, who is next. Pure.

A bitmap is why a line of a million costs 125 kB and a rank is a count of bits. Bit n is number n, in the order of Redis
SETBIT: byte n >> 3, mask 0x80 >> (n & 7).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from waitingroom.line.states import LinePlace

GONE, LOST = -1, -2
"""What `Snapshot.standings` says of a number that has no rank."""

BLOCK = 64
"""Bytes a block of the running count: one look-up counts at most this many bytes."""


def bitmap(numbers: Iterable[int]) -> bytes:
    """The bitmap of these numbers."""
    numbers = list(numbers)
    bits = bytearray((max(numbers) >> 3) + 1) if numbers else bytearray()
    for number in numbers:
        bits[number >> 3] |= 0x80 >> (number & 7)
    return bytes(bits)


def has(bits: bytes, number: int) -> bool:
    byte = number >> 3
    return byte < len(bits) and bool(bits[byte] & (0x80 >> (number & 7)))


def members(bits: bytes) -> Iterator[int]:
    """The numbers of a bitmap, ascending."""
    length = len(bits)
    at = length - len(bits.lstrip(b"\0"))
    while at < length:
        byte = bits[at]
        if byte:
            yield from (at * 8 + bit for bit in range(8) if byte & (0x80 >> bit))
            at += 1
        else:
            at = length - len(bits[at:].lstrip(b"\0"))


def _and(left: bytes, right: bytes) -> bytes:
    size = min(len(left), len(right))
    return (int.from_bytes(left[:size], "big") & int.from_bytes(right[:size], "big")).to_bytes(size, "big")


def without(left: bytes, right: bytes) -> bytes:
    size = len(left)
    mask = int.from_bytes(right[:size].ljust(size, b"\0"), "big")
    return (int.from_bytes(left, "big") & ~mask).to_bytes(size, "big")


def union(parts: Sequence[bytes]) -> bytes:
    """The bitmap of what is in any of these."""
    size = max(map(len, parts), default=0)
    together = 0
    for part in parts:
        together |= int.from_bytes(part.ljust(size, b"\0"), "big")
    return together.to_bytes(size, "big")


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a line. `taken_at` is Redis TIME in ms; `front` waits and is present, `parked` waits only."""

    taken_at: int
    seq: int
    state: Mapping[str, str]
    front: bytes
    parked: bytes
    gone: bytes
    counts: tuple[int, ...]

    @classmethod
    def of(
        cls,
        taken_at: int,
        seq: int,
        state: Mapping[str, str],
        waiting: bytes,
        gone: bytes,
        slots: Sequence[bytes],
    ) -> "Snapshot":
        """The line as it is read whole: `slots` are the bitmaps of who was seen lately."""
        waiting = without(waiting, gone)
        return cls.parted(taken_at, seq, state, waiting, _and(waiting, union(slots)), gone)

    @classmethod
    def parted(
        cls, taken_at: int, seq: int, state: Mapping[str, str], waiting: bytes, front: bytes, gone: bytes
    ) -> "Snapshot":
        """The same where it is known who of those who wait is present."""
        total, counts = 0, [0]
        for start in range(0, len(front), BLOCK):
            total += int.from_bytes(front[start : start + BLOCK], "big").bit_count()
            counts.append(total)
        return cls(
            taken_at=taken_at,
            seq=seq,
            state=state,
            front=front,
            parked=without(waiting, front),
            gone=gone,
            counts=tuple(counts),
        )

    @property
    def waiting(self) -> int:
        """How many wait and are present."""
        return self.counts[-1]

    @property
    def parked_count(self) -> int:
        return int.from_bytes(self.parked, "big").bit_count()

    def ahead(self, number: int) -> int:
        """How many wait and are present with a lower number (WR-06)."""
        if number > self.seq:  # joined after this look, behind everybody it saw
            return self.waiting + number - self.seq - 1
        byte = number >> 3
        if byte >= len(self.front):
            return self.waiting
        block = byte // BLOCK
        head = self.front[block * BLOCK : byte]
        last = self.front[byte] & ~(0xFF >> (number & 7)) & 0xFF
        return self.counts[block] + int.from_bytes(head, "big").bit_count() + last.bit_count()

    def place(self, number: int) -> LinePlace:
        if has(self.gone, number):
            return LinePlace.GONE
        if number > self.seq or has(self.front, number) or has(self.parked, number):
            return LinePlace.WAITING
        return LinePlace.LOST

    def standings(self, numbers: Sequence[int]) -> list[int]:
        """For each of these numbers, which ascend: how many are ahead of it, or GONE, or LOST.

        What `place` and `ahead` say, for everybody in one walk along the line: a call for each would take five times
        as long. A number after the last one given joined after this look and waits.
        """
        front, parked, gone, seq = self.front, self.parked, self.gone, self.seq
        found: list[int] = []
        at = counted = below = here = waits = out = 0
        byte = -1
        for number in numbers:
            if number > seq:
                found.append(GONE if has(gone, number) else self.ahead(number))
                continue
            if number >> 3 != byte:
                byte = number >> 3
                below = counted + int.from_bytes(front[at:byte], "big").bit_count()
                at, counted = byte, below
                here = front[byte] if byte < len(front) else 0
                waits = here | (parked[byte] if byte < len(parked) else 0)
                out = gone[byte] if byte < len(gone) else 0
            bit = number & 7
            mask = 0x80 >> bit
            if out & mask:
                found.append(GONE)
            elif waits & mask:
                found.append(below + (here >> (8 - bit)).bit_count())
            else:
                found.append(LOST)
        return found

    def next(self, most: int) -> list[int]:
        """The lowest numbers that wait and are present: whom to call (P7)."""
        found: list[int] = []
        for number in members(self.front):
            if len(found) >= most:
                break
            found.append(number)
        return found

    def passed_over(self, number: int) -> bytes:
        """The bitmap of the parked numbers below this one: the record of whom a call passed over."""
        cut = self.parked[: (number >> 3) + 1]
        if len(cut) == (number >> 3) + 1:
            cut = cut[:-1] + bytes([cut[-1] & ~(0xFF >> (number & 7)) & 0xFF])
        return cut


def estimate(ahead: int, calls_per_minute: int, seen_per_minute: float | None) -> tuple[int, int] | None:
    """How long a wait may be, in seconds, as (low, high): at the announced pace, and at what was seen lately.

    None when calls stand still: no honest range can be given.
    """
    if calls_per_minute <= 0:
        return None
    return between(ahead, calls_per_minute, slowest(calls_per_minute, seen_per_minute))


def slowest(calls_per_minute: int, seen_per_minute: float | None) -> float:
    """The pace at which a wait is longest: what was seen lately, as far as it is slower, but not next to nothing."""
    seen = min(calls_per_minute, seen_per_minute) if seen_per_minute else calls_per_minute
    return max(seen, calls_per_minute / 10)


def between(ahead: int, calls_per_minute: int, slow_per_minute: float) -> tuple[int, int]:
    """The range of `estimate`, to be asked for thousands at once: the slow pace is the same for all of them."""
    low = ahead * 60 / calls_per_minute
    high = ahead * 75 / slow_per_minute  # a quarter more than the slowest pace would have it
    return int(low), int(high if high > low + 15 else low + 15)
