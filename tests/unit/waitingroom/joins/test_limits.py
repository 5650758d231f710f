"""Limits: a shared address survives its neighbours, a flood is told truly when to come back."""

import asyncio
import time

import pytest

from foundation.errors import Refusal
from server.rate_limits import Buckets, Rate
from tests.support.people.attackers import AttackReply, AttackSiege, Ground
from waitingroom.joins import limits
from waitingroom.joins.limits import JoinLimits


def test_the_crowd_of_an_address_is_generous_and_waiting_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand at once come as people; whoever waited instead of working has a rate of its own."""
    one = JoinLimits(on=True)
    assert sum(one.crowded("192.0.2.1") for _ in range(1_000)) == 0
    assert one.crowded("192.0.2.1") is True
    assert one.crowded("198.51.100.1") is False
    off = JoinLimits(on=False)
    assert not any(off.crowded("192.0.2.1") for _ in range(2_000))
    monkeypatch.setattr(limits, "WAITED_ADDRESS", Rate(2, 1))
    few = JoinLimits(on=True)
    few.waited("192.0.2.1")
    few.waited("192.0.2.1")
    with pytest.raises(Refusal, match="rate_limited"):
        few.waited("192.0.2.1")


def refused(limits: JoinLimits, address: str, person: str | None = None) -> int:
    """After how many seconds this join may come back; 0 when it passed."""
    try:
        limits.spend(address, person)
    except Refusal as refusal:
        return int(refusal.fields["retry_after"])
    return 0


def test_a_flood_from_an_address_is_slowed_and_its_neighbours_are_not() -> None:
    """Whoever shows nothing shares the address; a known person and another address go on, each at their own rate."""
    limits = JoinLimits(on=True, address=Rate(3, 0.5), network=Rate(5, 0.5), person=Rate(2, 0.5))
    assert [refused(limits, "192.0.2.1") for _ in range(4)] == [0, 0, 0, 2]
    assert [refused(limits, "192.0.2.1", "anne") for _ in range(3)] == [0, 0, 2]
    assert refused(limits, "192.0.2.1", "marc") == 0
    assert [refused(limits, "192.0.2.2") for _ in range(3)] == [0, 0, 2]  # the network is used up
    assert refused(limits, "198.51.100.1") == 0


def test_switched_off_nobody_is_limited() -> None:
    """Twin: the same flood passes."""
    limits = JoinLimits(on=False, address=Rate(3, 0.5))
    assert [refused(limits, "192.0.2.1") for _ in range(10)] == [0] * 10


def test_counted_by_address_alone_a_neighbour_would_be_refused() -> None:
    """Twin: with the person not told apart, a script next door uses up what anne needs."""
    limits = JoinLimits(on=True, address=Rate(3, 0.5))
    for _ in range(3):
        limits.spend("192.0.2.1")
    assert refused(limits, "192.0.2.1") > 0
    assert refused(limits, "192.0.2.1", "anne") == 0


def test_the_hour_to_come_back_is_true() -> None:
    """At that second there is one, and not a second before."""
    buckets = Buckets(Rate(1, 0.25))
    buckets.take("a", 100.0)
    assert buckets.wait("a", 100.0) == 4.0
    assert buckets.wait("a", 103.9) > 0
    assert buckets.wait("a", 104.0) == 0


async def crowd(siege: AttackSiege, people: int) -> list[int]:
    """The statuses of so many people's joins: page first, then the button."""

    async def one() -> int:
        person = siege.person()
        await person.ask("GET", f"/periodes/{siege.period.id}", Accept="text/html")
        return (await person.join()).status

    return list(await asyncio.gather(*(one() for _ in range(people))))


@pytest.mark.asyncio(loop_scope="module")
async def test_three_hundred_people_behind_one_address_all_get_in(limited: Ground) -> None:
    """Within a minute, while a script without cookies at the same address uses up what it has and is slowed (WR-07)."""
    siege = await limited.siege()
    began = time.monotonic()
    robot = siege.person()
    first: list[AttackReply] = []
    while (
        len(first) < 900 and sum(answer.status != 201 for answer in first) < 20
    ):  # it gets five more a second
        first.append(await robot.join(keep=False))
    statuses = await crowd(siege, 300)
    last = [await robot.join(keep=False) for _ in range(20)]
    elapsed = time.monotonic() - began
    assert elapsed < 60
    assert statuses == [201] * 300
    passed = [answer for answer in first + last if answer.status == 201]
    assert len(passed) <= 300 + 5 * elapsed + 1
    slowed = [answer for answer in first + last if answer.status != 201]
    assert {answer.code for answer in slowed} == {"rate_limited"}
    assert all(int(dict(answer.headers)["retry-after"]) >= 1 for answer in slowed)
    assert [(await person.join()).status for person in siege.honest] == [200] * 3
    assert (await siege.honest[0].me())["number"] == 1
    await siege.nobody_got_ahead()


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP"],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_another_address_in_a_header_is_no_way_round(limited: Ground, header: str) -> None:
    """No proxy is trusted here: the flood is counted where it comes from, whatever it claims."""
    siege = await limited.siege(0)
    codes = set()
    for n in range(340):
        value = f"198.51.100.{n % 250}" if header != "Forwarded" else f"for=198.51.100.{n % 250}"
        codes.add((await siege.person().join(**{header: value})).code)
        if "rate_limited" in codes:
            break
    assert "rate_limited" in codes
