"""Hashing is bounded, costs what it should, and tells nobody which names exist."""

import asyncio
import os
import sys
import threading
from typing import Literal

import argon2
import pytest

from accounts import passwords
from accounts.passwords import NICENESS, Hasher, HashingLane
from foundation.errors import Unavailable
from tests.support.desks import CountingHasher


async def test_all_hashes_are_verified_whatever_the_first_says() -> None:
    """A wrong password, a missing account and a spoilt hash cost as much as a right one."""
    cost = CountingHasher()
    hasher = Hasher(1, cost=cost)
    right, answers = await hasher.hash("secret", "answers")
    assert await hasher.check((right, "secret"), (answers, "answers")) == [True, True]
    for pairs in [((right, "wrong"), (answers, "answers")), ((None, "secret"), (None, "answers"))]:
        before = cost.verified
        assert not all(await hasher.check(*pairs))
        assert cost.verified - before == 2
    assert await hasher.check(("not a hash", "secret")) == [False]
    hasher.close()


async def test_too_many_at_once_are_told_to_come_back() -> None:
    """A line that is full refuses with `unavailable` and a time; who is in it still gets an answer."""
    hold = threading.Event()

    class Slow(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            hold.wait(10)
            return super().verify(hash, password)

    hasher = Hasher(1, in_line=2, cost=Slow(time_cost=1, memory_cost=8, parallelism=1))
    (known,) = await hasher.hash("secret")
    waiting = [asyncio.create_task(hasher.check((known, "secret"))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await hasher.check((known, "secret"))
    assert refused.value.fields["retry_after"] > 0
    hold.set()
    assert await asyncio.gather(*waiting) == [[True]] * 3
    assert await hasher.check((known, "secret")) == [True]
    hasher.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority of a thread")
async def test_a_hash_gives_way_to_the_event_loop() -> None:
    """Its thread has a lower priority; the one of the loop keeps its own (ADR 0034)."""
    found: list[int] = []

    class Watched(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return super().verify(hash, password)

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    hasher = Hasher(1, cost=Watched(time_cost=1, memory_cost=8, parallelism=1))
    (known,) = await hasher.hash("secret")
    for lane in HashingLane:
        assert await hasher.check((known, "secret"), lane=lane) == [True]
    hasher.close()
    assert found == [max(before, NICENESS)] * len(HashingLane)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


async def test_where_a_thread_has_no_priority_hashes_are_made_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sandbox that refuses the call costs nobody their sign-in."""

    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    hasher = Hasher(1, cost=CountingHasher())
    assert len(await hasher.hash("secret")) == 1
    hasher.close()


async def test_a_caller_who_goes_away_keeps_their_place_in_the_line() -> None:
    """Closing the connection frees no thread: a flood of aborted sign-ins cannot outgrow the line."""
    hold = threading.Event()

    class Slow(argon2.PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            hold.wait(10)
            return super().hash(password, salt=salt)

    hold.set()
    hasher = Hasher(1, in_line=0, cost=Slow(time_cost=1, memory_cost=8, parallelism=1))
    hold.clear()
    gone = asyncio.create_task(hasher.hash("secret"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    with pytest.raises(Unavailable):
        await hasher.hash("secret")
    hold.set()
    hasher.close()


def test_the_cost_is_what_owasp_asks_for() -> None:
    """Argon2id with 19 MiB and two passes; less would be cheaper for a thief too."""
    cost = passwords.COST
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (argon2.Type.ID, 19_456, 2, 1)


async def test_a_hash_that_is_not_made_yet_is_nobodys_and_costs_as_much() -> None:
    """Nothing that is typed belongs to it, not even nothing; the time of the answer is that of any other."""
    cost = CountingHasher()
    hasher = Hasher(1, cost=cost)
    before = cost.verified
    assert await hasher.check((passwords.UNMADE, "secret"), (passwords.UNMADE, "")) == [False, False]
    assert cost.verified - before == 2
    hasher.close()


def test_a_hash_is_of_our_cost() -> None:
    """Of another one the time of an answer would tell whose account it is."""
    made = passwords.COST.hash("secret")
    assert passwords.is_hash(made)
    dearer = argon2.PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1).hash("secret")
    for other in (
        "",
        "secret",
        made[:-1],
        made.replace("argon2id", "argon2i"),
        dearer,
        f"{made}\n",
        f" {made}",
    ):
        assert not passwords.is_hash(other), other
