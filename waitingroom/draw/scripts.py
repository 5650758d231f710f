"""The scripts of mode draw as typed methods (`lua/draw/`): entries in Redis until their order is drawn.

Each fails closed with `Unavailable`, and raises `Stale` in another epoch, like those of `store.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from waitingroom.line.replies import DrawnReply, EnteredReply, EnterReply, FreezeReply
from waitingroom.line.snapshot import bitmap, members, union
from waitingroom.line.store import Join, Line, Seen


class DrawEntries(NamedTuple):
    """Entries as bitmaps: those that stand and owe nothing, and those of them whose people were seen lately."""

    entered: bytes
    here: bytes


async def enter(
    line: Line, uid: str, epoch: int, entries_from: int, opens_at: int, joins: Sequence[Join]
) -> list[tuple[EnterReply, int]]:
    """A reply and an entry for each; EARLY is the same for all. `entries_from` and `opens_at` are instants."""
    flat = [part for join in joins for part in (",".join(join.identities), join.terms)]
    reply = await line.of_draw("enter", uid, epoch, entries_from, opens_at, *flat)
    if reply[0] != b"OK":
        return [(EnterReply(reply[0].decode()), 0)] * len(joins)
    return [(EnterReply(reply[i].decode()), reply[i + 1]) for i in range(1, len(reply), 2)]


async def entered(
    line: Line, uid: str, epoch: int, opens_at: int, tickets: Sequence[Seen]
) -> list[EnteredReply]:
    """Mark the people of these entries present, and restore those that a loss took; a reply for each. An instant."""
    flat = (part for ticket in tickets for part in ticket)
    reply = await line.of_draw("entered", uid, epoch, opens_at, *flat)
    return [EnteredReply(code.decode()) for code in reply[1:]]


async def freeze(line: Line, uid: str, epoch: int, opens_at: int) -> int | None:
    """The last entry given; none is given after this. None before the opening by the line's clock."""
    reply = await line.of_draw("freeze", uid, epoch, opens_at)
    return int(reply[1]) if reply[0] == FreezeReply.OK.encode() else None


async def lots(line: Line, uid: str, epoch: int) -> DrawEntries:
    """What is to be drawn."""
    _ok, stands, *slots = await line.of_draw("lots", uid, epoch)
    return DrawEntries(stands, union(slots))


async def drawn(
    line: Line, uid: str, epoch: int, entries: int, found: DrawEntries, numbers: Sequence[int]
) -> bool:
    """Put the numbers of the entries into the line; `numbers` has that of each entry. False when it was done before."""
    waiting = sorted(numbers[entry] for entry in members(found.entered) if entry <= entries)
    present = (numbers[entry] for entry in members(found.here) if entry <= entries)
    flat = [end for span in spans(waiting) for end in span]
    args = (entries, bitmap(waiting), bitmap(present), *flat)
    return bool(await line.of_draw("drawn", uid, epoch, *args) == DrawnReply.OK.encode())


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as unbroken ranges: first, last."""
    first = last = -1
    for number in numbers:
        if number != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = number
        last = number
    if first >= 0:
        yield first, last
