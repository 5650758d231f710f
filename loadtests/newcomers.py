"""People of a rehearsal who have no account yet: before the opening they register, confirm by the code of the mail,
fill in, save, and meet a conflict; on the day they come like everybody else, and submit.

They go by the contract (`loadtests/journey/preparing.py`), a few at a time, each from an address of their own. Bounded
in time. Whoever did not get to the end of it comes with the account that was there for them.
"""

import asyncio
import random
import time
from collections import Counter

import aiohttp
import msgspec

from loadtests.crowd import REQUEST_SECONDS, Driver
from loadtests.journey.accounts import AccountPattern
from loadtests.journey.personas import order_of_arrival, persona
from loadtests.journey.plan import straight
from loadtests.journey.preparing import preparation
from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.journey.steps import Outcome
from loadtests.people.addresses import own_address
from loadtests.people.scale import Scale
from loadtests.people.tally import CrowdTally

SHARE = 0.02
"""Of the people, unless said otherwise."""

MOST = 100
"""Of them, unless said otherwise: each costs four hashes, a quarter of a second of one core."""

AT_ONCE = 8

EACH_SECONDS, MOST_SECONDS = 2.0, 60.0
"""For all together: a minute, and two seconds for each."""

PLACES = 200_000
"""Their addresses begin here, behind those of everybody who comes."""


class NewcomersSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What became of them: whose accounts (from 0) were made, why others were not, which promises broke."""

    asked: int = 0
    accounts: list[int] = []
    refused: dict[str, int] = {}
    broken: list[str] = []
    seconds: float = 0.0

    @property
    def prepared(self) -> int:
        return len(self.accounts)


def how_many(people: int, share: float | None) -> int:
    """So many of these people are newcomers; without a share as many as cost little. Pure."""
    return min(MOST, round(SHARE * people)) if share is None else round(share * people)


def chosen(scale: Scale, seed: int, count: int) -> list[int]:
    """The accounts of the newcomers: of candidates who are spread over those that come first. Pure."""
    places = order_of_arrival(scale.people, seed)
    everybody = [persona(index, places[index], scale, seed) for index in range(scale.people)]
    candidates = sorted(
        (one for one in everybody if one.kind is PersonaKind.CANDIDATE), key=lambda one: one.at
    )
    first = list(dict.fromkeys(one.account for one in candidates[: max(scale.cap, count)]))
    step = max(1, len(first) // max(1, count))
    return sorted(first[::step][:count])


async def prepare(
    url: str, programme: str, accounts: AccountPattern, wanted: list[int], seed: int, *, addresses: bool
) -> NewcomersSeen:
    """Let them all get ready. Nothing but a fault of our own raises."""
    began, gate, tally = time.monotonic(), asyncio.Semaphore(AT_ONCE), CrowdTally()
    made: list[int] = []
    newcomers = msgspec.structs.replace(accounts, newcomers=tuple(wanted))

    async def one(place: int, account: int) -> None:
        async with gate:
            outcome = await _ready(
                url, programme, newcomers, account, seed, PLACES + place if addresses else None
            )
        tally.add(outcome)
        if outcome.kind is JourneyEnd.PREPARED:
            made.append(account)

    try:
        async with asyncio.timeout(MOST_SECONDS + EACH_SECONDS * len(wanted)), asyncio.TaskGroup() as group:
            for place, account in enumerate(wanted):
                group.create_task(one(place, account))
    except TimeoutError:
        tally.codes["too_slow"] += len(wanted) - len(tally.ended)
    refused = Counter(str(end.code) for end in tally.ended if end.kind is JourneyEnd.REFUSED)
    return NewcomersSeen(
        asked=len(wanted), accounts=sorted(made), refused=dict(refused + tally.codes),
        broken=[end.reason or "" for end in tally.ended if end.kind is JourneyEnd.FAILED],
        seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip


async def _ready(
    url: str, programme: str, accounts: AccountPattern, account: int, seed: int, place: int | None
) -> Outcome:
    rng = random.Random(f"{seed} newcomer {account}")
    plan = msgspec.structs.replace(straight(rng), second_tab=True, typing=0.0, seed=rng.getrandbits(31))
    local = None if place is None else (own_address(place), 0)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(local_addr=local), cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
    ) as client:  # fmt: skip
        driver = Driver(client, url, asyncio.Semaphore(1), CrowdTally())
        way = preparation(accounts.person(account), plan, time.monotonic, programme=programme, origin=url)
        return await driver.travel(way)
