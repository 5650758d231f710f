"""Limits: a shared address survives its neighbours, a flood is told truly when to come back."""

import asyncio
import time

import pytest

from accounts import known_browsers
from accounts.known_browsers import MOST_ACCOUNTS, KnownBrowsers
from accounts.throttling import FREE_TRIES, AttemptSource, SourceBudgets
from foundation.errors import Refusal
from foundation.sql.database import Database
from server.rate_limits import Bucket, Buckets, Rate, around, filled, wait_seconds
from tests.support.attackers import AttackSiege, Ground
from tests.support.desks import Desk, credentials, make_account, make_desk, visit
from tests.support.rooms import KEYS
from waitingroom.join_limits import JoinLimits

SLOW = Rate(3, 0.5)


@pytest.mark.parametrize(
    ("bucket", "now", "left"),
    [(None, 0, 3), (Bucket(0, 10), 10, 0), (Bucket(0, 10), 12, 1), (Bucket(2.5, 10), 14, 3), (Bucket(1, 10), 9, 1),
     (Bucket(3, 0), 1e9, 3)],
)  # fmt: skip
def test_a_bucket_fills_with_time_up_to_its_edge(bucket: Bucket | None, now: float, left: float) -> None:
    """Unknown ones are full; a clock that went back fills nothing."""
    assert filled(bucket, SLOW, now) == left


@pytest.mark.parametrize(("left", "seconds"), [(3, 0), (1, 0), (0.75, 0.5), (0, 2), (-1, 4)])
def test_the_wait_is_until_there_is_one(left: float, seconds: float) -> None:
    """In seconds; nothing to wait for while there is one."""
    assert wait_seconds(left, SLOW) == seconds


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::/64", "2001:db8:1::/48"), ("local", "local"),
     ("2001:db8:1:ffff::/64", "2001:db8:1::/48"), ("", "")],
)  # fmt: skip
def test_the_network_around_an_address(address: str, network: str) -> None:
    """A /24 or a /48; what is no address is alone."""
    assert around(address) == network


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
    first = [await robot.join(keep=False) for _ in range(320)]
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


def test_a_browser_is_known_for_the_accounts_that_signed_in_there() -> None:
    """For these and no others, the last eight; and for nobody after a change of one letter or of all keys."""
    ours = KnownBrowsers(KEYS)
    cookie = ours.after("", "anne")
    name = ours.known(cookie, "anne")
    assert name
    assert ours.known(cookie, "marc") is None
    for n in range(MOST_ACCOUNTS):
        cookie = ours.after(cookie, f"person-{n}")
    assert ours.known(cookie, "person-0") == name
    assert ours.known(cookie, "anne") is None
    assert ours.after(cookie, "person-3").count(".") == cookie.count(".")
    assert ours.known(cookie[:-3] + "AAA", "person-0") is None
    assert KnownBrowsers(("another key, long enough for anybody",)).known(cookie, "person-0") is None
    assert len(cookie) < 400


async def code_of(desk: Desk, username: str, password: str, **values: object) -> str:
    try:
        await desk.sign_in(visit(**values), credentials(username=username, password=password))  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal.code
    return ""


async def test_a_neighbour_cannot_delay_the_owner(database: Database) -> None:
    """Wrong tries from the owner's own address: a browser that knows the account goes on at once."""
    desk = make_desk(database)
    await make_account(desk)
    first = await desk.sign_in(visit({"visitor": "v"}), credentials())
    for _ in range(FREE_TRIES):
        assert await code_of(desk, "essai-00001", "a guess") == "bad_credentials"
    assert await code_of(desk, "essai-00001", "a guess") == "rate_limited"
    owner = visit({"visitor": "v", known_browsers.COOKIE: first.browser})
    assert (await desk.sign_in(owner, credentials())).session.username == "essai-00001"
    desk.accounts.hasher.close()


async def test_in_a_browser_that_does_not_know_it_the_owner_would_be_delayed(database: Database) -> None:
    """Twin: without the cookie the same address is the same budget."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(FREE_TRIES):
        await code_of(desk, "essai-00001", "a guess")
    with pytest.raises(Refusal, match="rate_limited"):
        await desk.sign_in(visit({"visitor": "v"}), credentials())
    desk.accounts.hasher.close()


async def test_one_password_on_many_names_is_slowed_by_address(database: Database) -> None:
    """Each name has its free tries; together they have the address's, and others' addresses have theirs."""
    tries = SourceBudgets(on=True)
    here, there = AttemptSource.address("192.0.2.1"), AttemptSource.address("203.0.113.9")
    for _ in range(300):
        tries.charge(here)
    with pytest.raises(Refusal) as refusal:
        tries.charge(here)
    assert refusal.value.fields == {"retry_after": 1}
    tries.charge(there)
    tries.forgive(here)
    tries.charge(here)
    for _ in range(500):
        SourceBudgets(on=False).charge(here)


async def test_right_tries_cost_an_address_nothing(database: Database) -> None:
    """A lecture hall signs in without a mistake: the address has as many wrong tries left as before."""
    desk = make_desk(database)
    await make_account(desk)
    for _ in range(20):
        await desk.sign_in(visit(), credentials())
    left = desk.accounts.budgets._addresses._buckets["192.0.2.1"].left
    assert left == 300
    desk.accounts.hasher.close()
