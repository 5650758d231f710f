"""What honest people notice of slow clients: the figure, and what they ask for."""

from itertools import repeat

from loadtests.bench.slow_clients import SlowKind
from loadtests.bench.slowloris import DEMO, PATH, HonestPerson, p99_ms


def test_the_slowest_hundredth_in_milliseconds() -> None:
    """Of what each request took."""
    assert 98.0 < p99_ms([n / 1000 for n in range(100)]) <= 100.0


def test_an_honest_person_asks_for_their_own_position() -> None:
    """With the ticket that the join gave."""
    person = HonestPerson("h", 1, repeat(b""))
    person.ticket = "t"
    assert person._position().startswith(f"GET {PATH}/me HTTP/1.1\r\nHost: h:1\r\n".encode())
    assert b"Authorization: Bearer t\r\n" in person._position()


def test_nobody_is_called_meanwhile() -> None:
    """Only connections are tried."""
    assert "--calls-per-minute" in DEMO
    assert len(SlowKind) == 4
