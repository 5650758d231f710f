"""A request whose user is killed goes on, is waited for at the end, and is told when nothing ever comes."""

import time

import gevent
import pytest
from gevent.event import Event

from loadtests.in_flight import InFlight, Settled


def test_what_was_asked_comes_back() -> None:
    """The answer or the exception, as without it."""
    requests = InFlight()
    assert requests.run(lambda: 7) == 7

    def broken() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        requests.run(broken)
    gevent.sleep(0)
    assert len(requests) == 0
    assert requests.settle(1.0) == Settled(0, 0)


def test_a_request_outlives_its_user_and_is_waited_for() -> None:
    """Its user is killed, as Locust does at the end; the answer that comes a little later counts."""
    requests, answered = InFlight(), []

    def ask() -> None:
        gevent.sleep(0.05)
        answered.append(True)

    user = gevent.spawn(requests.run, ask)
    gevent.sleep(0.01)
    user.kill()
    assert (len(requests), answered) == (1, [])
    assert requests.settle(5.0) == Settled(1, 0)
    assert answered == [True]


def test_one_that_is_never_answered_is_told_and_given_up() -> None:
    """After the time it has, not later."""
    requests, never = InFlight(), Event()
    user = gevent.spawn(requests.run, never.wait)
    gevent.sleep(0.01)
    user.kill()
    began = time.monotonic()
    assert requests.settle(0.1) == Settled(1, 1)
    assert time.monotonic() - began < 5.0


def test_without_it_a_killed_user_takes_the_request_along() -> None:
    """Twin: the user asks by itself, as Locust's own do; nothing comes of it and nobody knows."""
    answered: list[bool] = []

    def ask() -> None:
        gevent.sleep(0.05)
        answered.append(True)

    user = gevent.spawn(ask)
    gevent.sleep(0.01)
    user.kill()
    gevent.sleep(0.1)
    assert answered == []
