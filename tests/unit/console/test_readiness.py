"""Facts about an installation, and whether it is ready: what is green, what is said, what keeps an act back."""

from datetime import date
from typing import Any

import pytest

from console.readiness import (
    LEAST_FREE_BYTES,
    LOOKS,
    LOW_FREE_BYTES,
    MOST_CLOCK_MS,
    STATE_WORDS,
    TITLES,
    Check,
    CheckState,
    ReadinessFacts,
    blocking,
    described,
    findings,
    is_ready,
)
from submission.readiness import ReadyCandidates
from waitingroom.line.durability import Durability


def counted(ready: int) -> ReadyCandidates:
    return ReadyCandidates(accounts=ready, too_recent=0, drafts=ready, complete=ready, expired=0, ready=ready)


GOOD: dict[str, Any] = {
    "at": 0, "sql": True, "is_migrated": True, "redis": True, "durability": Durability.ALL, "sql_offset_ms": 12,
    "redis_offset_ms": -40, "alive": {"ticker": True, "web": True, "worker": True}, "programme": True,
    "public_url": "https://guichet.test", "missing_files": (), "free_bytes": 40 * 10**9, "candidates": counted(6_000),
}  # fmt: skip


def found(**changed: Any) -> dict[Check, CheckState]:
    return {one.check: one.state for one in findings(ReadinessFacts(**(GOOD | changed)))}


def test_every_check_is_looked_at_and_has_its_words() -> None:
    """In the order of the enumeration, each with a title and a sentence that ends."""
    assert list(LOOKS) == list(Check)
    assert set(TITLES) == set(Check)
    assert set(STATE_WORDS) == set(CheckState)
    for facts in (GOOD, {"at": 0, "sql": False}):
        for one in findings(ReadinessFacts(**facts)):
            assert one.message.endswith("."), one


def test_a_whole_installation_is_green() -> None:
    """Every check, and then it is ready; the demo is, without https."""
    assert set(found().values()) == {CheckState.GREEN}
    assert set(found(public_url="http://127.0.0.1:8000", is_demo=True).values()) == {CheckState.GREEN}
    assert described(ReadinessFacts(**GOOD))["ready"] is True


@pytest.mark.parametrize(
    ("changed", "check", "state"),
    [
        ({"sql": False}, Check.SQL, CheckState.BLOCKS),
        ({"is_migrated": False}, Check.TABLES, CheckState.BLOCKS),
        ({"is_migrated": None}, Check.TABLES, CheckState.UNKNOWN),
        ({"redis": False}, Check.REDIS, CheckState.BLOCKS),
        ({"redis": None}, Check.REDIS, CheckState.UNKNOWN),
        ({"durability": Durability.NONE}, Check.DURABILITY, CheckState.BLOCKS),
        ({"durability": Durability.SECONDS}, Check.DURABILITY, CheckState.WARNS),
        ({"durability": Durability.UNTOLD}, Check.DURABILITY, CheckState.UNKNOWN),
        ({"durability": None}, Check.DURABILITY, CheckState.UNKNOWN),
        ({"sql_offset_ms": MOST_CLOCK_MS}, Check.CLOCKS, CheckState.GREEN),
        ({"sql_offset_ms": MOST_CLOCK_MS + 1}, Check.CLOCKS, CheckState.BLOCKS),
        ({"redis_offset_ms": -MOST_CLOCK_MS - 1}, Check.CLOCKS, CheckState.BLOCKS),
        ({"sql_offset_ms": None}, Check.CLOCKS, CheckState.GREEN),
        ({"sql_offset_ms": None, "redis_offset_ms": None}, Check.CLOCKS, CheckState.UNKNOWN),
        ({"alive": {"ticker": False}}, Check.TICKER, CheckState.BLOCKS),
        ({"alive": {}}, Check.TICKER, CheckState.UNKNOWN),
        ({"alive": {"web": False}}, Check.WEB, CheckState.WARNS),
        ({"alive": {"worker": False}}, Check.WORKER, CheckState.WARNS),
        ({"programme": False}, Check.PROGRAMME, CheckState.BLOCKS),
        ({"public_url": "http://guichet.test"}, Check.PUBLIC_URL, CheckState.WARNS),
        ({"public_url": None}, Check.PUBLIC_URL, CheckState.UNKNOWN),
        ({"missing_files": ("room.js",)}, Check.STATIC, CheckState.BLOCKS),
        ({"free_bytes": LEAST_FREE_BYTES - 1}, Check.DISK, CheckState.BLOCKS),
        ({"free_bytes": LOW_FREE_BYTES - 1}, Check.DISK, CheckState.WARNS),
        ({"candidates": counted(0)}, Check.CANDIDATES, CheckState.WARNS),
        ({"registration_due": date(2016, 9, 15)}, Check.REGISTRATION, CheckState.WARNS),
        ({"fees_missing_from": date(2017, 1, 1)}, Check.FEES, CheckState.WARNS),
    ],
)
def test_each_fact_has_its_weight(changed: dict[str, Any], check: Check, state: CheckState) -> None:
    """What the day could not be held with keeps the act back; what is not known is said and does not."""
    assert found(**changed)[check] is state


def test_what_cannot_be_found_out_keeps_nothing_back() -> None:
    """A host with the address of one store alone may still announce and arm."""
    facts = ReadinessFacts(at=0, sql=True)
    assert is_ready(findings(facts))
    assert blocking(findings(ReadinessFacts(at=0, sql=False)))[0].check is Check.SQL


def test_a_wrong_clock_says_which_and_which_way() -> None:
    """The store whose clock is ahead finds this host late."""
    facts = ReadinessFacts(**(GOOD | {"sql_offset_ms": 5_400, "redis_offset_ms": -3_000}))
    (one,) = blocking(findings(facts))
    assert "5,4\N{NO-BREAK SPACE}s avec la base de données (en retard ici)" in one.message
    assert "3,0\N{NO-BREAK SPACE}s avec Redis (en avance ici)" in one.message
