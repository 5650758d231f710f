"""The collector of a web process: no pause that people notice, and nothing that stays for ever."""

import gc
import weakref
from collections import deque
from collections.abc import Iterator

import pytest

from config.web import ALL_TICKS, collect, quiet_collector


@pytest.fixture
def kept() -> Iterator[None]:
    """The collector as a web process has it, and as it was afterwards."""
    before = gc.get_threshold()
    quiet_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


def most_at_a_time(ticks: bool) -> int:
    """How many new objects were once there to look at, while a thousand came and went again and again."""
    here: deque[list[int]] = deque([number] for number in range(50_000))
    gc.collect(0)
    most = 0
    for tick in range(50):
        for number in range(1_000):
            here.append([number])
            here.popleft()
        most = max(most, len(gc.get_objects(generation=0)))
        if ticks:
            collect(tick)
    return most


def test_new_objects_are_looked_at_before_they_are_many(kept: None) -> None:
    assert most_at_a_time(ticks=True) < 3_000


def test_by_itself_the_collector_lets_them_gather(kept: None) -> None:
    """Twin: it counts off those that went, and never begins."""
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
    assert most_at_a_time(ticks=False) > 30_000


class Circle:
    def __init__(self) -> None:
        self.me = self


def test_a_circle_is_found_with_the_next_tick_and_an_old_one_with_all(kept: None) -> None:
    young = weakref.ref(Circle())
    old = Circle()
    collect(0)
    assert young() is None
    gone = weakref.ref(old)
    del old
    collect(1)
    assert gone() is not None  # it was not new any more
    collect(ALL_TICKS - 1)
    assert gone() is None
