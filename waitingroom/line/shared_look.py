"""The look at a long line that all web processes share: its terms, and how one comes from the last to the next. Pure.

A line of a million is 875 kB, read whole. Of that a few thousand bits change in a second; `lua/look.lua` finds them
where they are, and gives each process what changed since the look it holds (ADR 0025). A look has three bitmaps. What
changed in one is where it differs from that of the look before (XOR), its bytes that are not zero as runs:

    varint(2 * gap), byte                      one byte, `gap` bytes after the end of the run before
    varint(2 * gap + 1), varint(n), n bytes    n of them

A varint has seven bits a byte, the lowest first, and a byte of 128 and more goes on (LEB128).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from waitingroom.line.replies import LookReply
from waitingroom.line.snapshot import Snapshot

SHORT_LINE = 131_072
"""A line that has given fewer numbers is read whole by each process: seven bitmaps of 16 KiB at most. That costs Redis
no more than a shared look, and takes no write."""

LOOK_GAP_MS = 250
"""A shared look is at most this old when a process gets it."""

LOOKS_AT_ONCE = 4
"""So many may be made without a gap: up to four processes that look once a second each get one of their own moment."""

LOOKS_KEPT = 64
"""Of so many looks it is kept what changed: 16 s where looks are made without a pause. Whoever holds an older one, or
none, gets the bitmaps themselves."""

LOOKS_LAST_MS = 60_000
"""What nobody looks at any more goes by itself."""


class SharedLook(msgspec.Struct, frozen=True, kw_only=True):
    """A look as a process holds it. `id` is epoch and version; `age_ms` is how old it was when it came.

    `waiting` is who waits, present or not; the rest is in the snapshot.
    """

    id: str
    age_ms: int
    waiting: bytes
    snapshot: Snapshot


def terms() -> tuple[int, int, int, int, int]:
    """What `look.lua` is told, after the look that is held."""
    return SHORT_LINE, LOOK_GAP_MS, LOOKS_AT_ONCE, LOOKS_KEPT, LOOKS_LAST_MS


def following(held: SharedLook | None, reply: Sequence[Any]) -> SharedLook | None:
    """The look that a reply of `look.lua` leads to from the one held; None where it leads nowhere.

    Whether it did is seen by the count of those in front: a place worked out from the wrong look is worse than none.
    """
    code, name, age_ms, taken_at, seq, in_front, state, *rest = reply
    if code == LookReply.ALL.encode():
        waiting, front, gone = rest
    elif held is None:
        return None
    else:
        waiting, front, gone = (
            patched(bits, [one[plane] for one in rest])
            for plane, bits in enumerate((held.waiting, held.snapshot.front, held.snapshot.gone))
        )
    snapshot = Snapshot.parted(taken_at, seq, fields(state), waiting, front, gone)
    if snapshot.waiting != in_front:
        return None
    return SharedLook(id=name.decode(), age_ms=age_ms, waiting=waiting, snapshot=snapshot)


def fields(state: Sequence[bytes]) -> dict[str, str]:
    """The hash `state` as a script replies it: field, value, ..."""
    return {state[i].decode(): state[i + 1].decode() for i in range(0, len(state), 2)}


def patched(bits: bytes, changes: Sequence[bytes]) -> bytes:
    """The bitmap after these changes, one after the other."""
    if not any(changes):
        return bits
    found = bytearray(bits)
    for change in changes:
        at = position = 0
        while position < len(change):
            token, position = _varint(change, position)
            at += token >> 1
            length = 1
            if token & 1:
                length, position = _varint(change, position)
            if at + length > len(found):
                found.extend(bytes(at + length - len(found)))
            for byte in change[position : position + length]:
                found[at] ^= byte
                at += 1
            position += length
    return bytes(found)


def _varint(text: bytes, position: int) -> tuple[int, int]:
    """The number there, and where it ends."""
    value, shift = text[position], 7
    if value < 128:
        return value, position + 1
    value &= 127
    while True:
        position += 1
        byte = text[position]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position + 1
        shift += 7
