"""What changed between two looks leads from the first to the second, for every reader, whatever it missed."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from waitingroom.line.shared_look import SharedLook, fields, following, patched
from waitingroom.line.snapshot import Snapshot, bitmap, without

HIGHEST = 5000
"""Of the numbers here: gaps need two bytes of a varint, and a run of everybody too."""

numbers = st.sets(st.integers(0, HIGHEST)) | st.sets(st.sampled_from(range(0, HIGHEST, 3)))

runs = st.tuples(st.integers(0, HIGHEST), st.integers(0, 1200)).map(
    lambda run: set(range(run[0], min(HIGHEST, run[0] + run[1])))
)

states = st.tuples(numbers | runs, numbers | runs, numbers | runs)
"""Who waits, who was seen, who is gone."""


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(128 + number % 128)
        number //= 128
    return bytes([*found, number])


def packed(before: bytes, after: bytes) -> bytes:
    """What `look.lua` says of two bitmaps, in the words of another language."""
    size = max(len(before), len(after))
    differs = bytes(a ^ b for a, b in zip(before.ljust(size, b"\0"), after.ljust(size, b"\0"), strict=True))
    found, end, at = b"", 0, 0
    while at < size:
        if not differs[at]:
            at += 1
            continue
        last = at
        while last < size and differs[last]:
            last += 1
        gap, run = at - end, differs[at:last]
        found += varint(2 * gap) + run if len(run) == 1 else varint(2 * gap + 1) + varint(len(run)) + run
        at = end = last
    return found


def planes(state: tuple[set[int], set[int], set[int]]) -> tuple[bytes, bytes, bytes]:
    waiting, seen, gone = state
    return bitmap(waiting - gone), bitmap(waiting & seen - gone), bitmap(gone)


def reply(
    code: bytes, version: int, state: tuple[set[int], set[int], set[int]], rest: Sequence[Any]
) -> list[Any]:
    in_front = len(state[0] & state[1] - state[2])
    return [code, b"1-%d" % version, 0, version, HIGHEST, in_front, [b"mode", b"queue"], *rest]


def same(left: Snapshot, right: Snapshot) -> bool:
    """Whether two looks say the same of everybody; zeros at the end of a bitmap say nothing."""
    return (
        (left.taken_at, left.seq, left.state, left.waiting)
        == (right.taken_at, right.seq, right.state, right.waiting)
        and all(
            getattr(left, one).rstrip(b"\0") == getattr(right, one).rstrip(b"\0")
            for one in ("front", "parked", "gone")
        )
        and left.standings(range(HIGHEST)) == right.standings(range(HIGHEST))
    )


@given(numbers | runs, numbers | runs)
def test_what_changed_leads_from_one_bitmap_to_the_other(before: set[int], after: set[int]) -> None:
    """And back: it says where they differ."""
    old, new = bitmap(before), bitmap(after)
    assert patched(old, [packed(old, new)]).rstrip(b"\0") == new
    assert patched(new, [packed(old, new)]).rstrip(b"\0") == old


@given(numbers | runs)
def test_nothing_changed_is_nothing_to_say(members: set[int]) -> None:
    """Not a byte."""
    bits = bitmap(members)
    assert packed(bits, bits) == b""
    assert patched(bits, [b"", b""]) is bits


@given(st.lists(states, min_size=2, max_size=6), st.data())
def test_any_reader_that_missed_any_looks_has_the_same_as_all_others(
    line: list[tuple[set[int], set[int], set[int]]], data: st.DataObject
) -> None:
    """It begins with all bitmaps at any look, reads at any later ones, and has each time what a whole read has."""
    at = data.draw(st.integers(0, len(line) - 1))
    held = following(None, reply(b"ALL", at, line[at], planes(line[at])))
    assert held is not None
    for now in sorted(data.draw(st.sets(st.integers(at, len(line) - 1)))):
        missed = [
            [packed(*pair) for pair in zip(planes(line[one - 1]), planes(line[one]), strict=True)]
            for one in range(at + 1, now + 1)
        ]
        held = following(held, reply(b"SINCE", now, line[now], missed))
        waiting, seen, gone = line[now]
        whole = Snapshot.of(now, HIGHEST, {"mode": "queue"}, bitmap(waiting), bitmap(gone), [bitmap(seen)])
        assert held is not None and same(held.snapshot, whole)
        assert held.waiting.rstrip(b"\0") == without(bitmap(waiting), bitmap(gone)).rstrip(b"\0")
        assert held.id == f"1-{now}"
        at = now


def test_a_look_that_was_not_led_to_is_seen_by_its_count() -> None:
    """Begun from another look than the one meant, it would show places of nobody: it is refused."""
    one, two, three = ({1, 2, 3}, {1, 2, 3}, set[int]()), ({1, 2, 3}, {1}, {2}), ({1, 2}, {1}, {3})
    held = following(None, reply(b"ALL", 1, one, planes(one)))
    change = [packed(*pair) for pair in zip(planes(two), planes(three), strict=True)]
    assert held is not None
    assert following(held, reply(b"SINCE", 3, three, [change])) is None
    assert following(None, reply(b"SINCE", 3, three, [change])) is None


def test_the_state_is_read_as_pairs() -> None:
    """Field, value, field, value."""
    assert fields([b"mode", b"draw", b"notice", "été".encode()]) == {"mode": "draw", "notice": "été"}


def test_a_look_knows_its_name_and_age() -> None:
    """As the script said them."""
    state = ({1}, {1}, set[int]())
    found = following(None, [b"ALL", b"3-17", 42, 9, 1, 1, [], *planes(state)])
    assert isinstance(found, SharedLook)
    assert (found.id, found.age_ms, found.snapshot.taken_at, found.snapshot.seq) == ("3-17", 42, 9, 1)
