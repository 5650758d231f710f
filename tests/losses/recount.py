"""One loss from the first join to the recount: what people were told, held against the books."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
import uvloop

from foundation.clock import now_ms
from foundation.outbox import task
from quota import store
from submission.store import submission
from tests.losses.stage import Loss, Scene, Size, stage
from tests.support.people import crowd_checks as checks
from tests.support.people.crowds import Crowd, CrowdPerson, CrowdSeen, crowd_of, everybody
from tests.support.processes.services import Browser, until, verify


class LossProof(msgspec.Struct, kw_only=True):
    """What became of one loss: findings (none when all is well), and what was measured on the way."""

    loss: str
    people: int
    findings: list[str]
    seconds: float
    marks: list[tuple[float, str]]
    calls_stood_seconds: float
    feeds_closed: int
    answers: dict[str, int]
    notes: dict[str, Any]
    looks: dict[int, list[tuple[float, int]]]


async def prove(
    loss: Loss, size: Size, environment: dict[str, str] | None = None, *, to_the_cap: bool = True
) -> LossProof:
    """One loss from the first join to the recount; unless `to_the_cap`, it ends when the loss is over."""
    began = time.monotonic()
    with stage(loss, size, environment) as on:
        async with crowd_of(on.service) as crowd:
            scene = Scene(on, crowd, size)
            try:
                await fill(scene)
                await loss.lose(scene)
                if to_the_cap:
                    await to_the_end(scene)
                return await recounted(loss, scene, began)
            finally:
                await scene.books.close()


async def fill(scene: Scene) -> None:
    """Everybody joins and holds a feed; calls begin; newcomers trickle in until the end."""
    crowd, size = scene.crowd, scene.size
    silent = 0

    async def on_call(person: CrowdPerson) -> None:
        nonlocal silent
        if silent < size.silent and person.number % 5 == 0:
            silent += 1
            return
        await crowd.file(person, dawdle=crowd.random.uniform(0, size.token_seconds / 8))

    crowd.on_call = on_call
    people = [CrowdPerson(polls=n % 25 == 7) for n in range(size.people)]
    for n in range(7):  # some who are called before, during and after the loss, for the picture
        people[min(size.cap * (4 + n) // 8, size.people - 1)].looks = []
    began = time.monotonic()
    await everybody(crowd, people)
    scene.notes["seconds for all to join"] = round(time.monotonic() - began, 1)
    for person in people:
        crowd.start(crowd.stay(person))
    crowd.start(trickle(crowd))
    await scene.together(120)
    scene.notes["seconds until all hold a feed"] = round(time.monotonic() - began, 1)

    async def enough() -> bool:
        return len(crowd.called) >= size.before

    await until(enough, 60, "calls are under way")


async def trickle(crowd: Crowd) -> None:
    """Newcomers, a few a second, as long as the room takes them."""
    while True:
        person = CrowdPerson()
        await crowd.join(person)
        if person.refused:
            return
        crowd.start(crowd.stay(person))
        await asyncio.sleep(crowd.random.uniform(0.2, 0.6))


async def to_the_end(scene: Scene) -> None:
    """Until every place is taken, everybody has heard that it is over, and every job is done."""
    crowd, size = scene.crowd, scene.size
    operator, base = Browser(scene.service.url), "/api/v1/operator"
    await operator.call("POST", f"{base}/session", scene.service.ready["operator"])
    faster = await operator.call("PATCH", f"{base}/periods/demo/pace", {"calls_per_minute": size.hurry})
    await operator.close()
    assert faster[0] == 200 or await scene.all_held(), faster

    async def full() -> bool:
        return sum(bool(one.receipts) for one in crowd.people) >= size.cap

    await until(full, 90 + 4 * size.token_seconds, "every place is taken", every=0.2)
    ended = time.monotonic()

    async def all_told() -> bool:
        return all(one.done or one.refused for one in crowd.people if one.number)

    await until(all_told, 60, "everybody knows how it ended", every=0.2)
    scene.notes["seconds until everybody heard of the end"] = round(time.monotonic() - ended, 1)

    assert (await scene.period()).accepted == size.cap, "the cap is exact"

    async def settled() -> bool:
        staged = (
            sa.select(sa.func.count())
            .select_from(task)
            .where(task.c.state == "staged", task.c.due_at <= now_ms())
        )
        return bool((await scene.books.read(lambda conn: conn.execute(staged))).scalar_one() == 0)

    await until(settled, 90, "all jobs are done", every=0.5)


async def recounted(loss: Loss, scene: Scene, began: float) -> LossProof:
    """All checks, then `guichet verify`."""
    crowd = scene.crowd
    people = [one for one in crowd.people if one.number]
    calls, receipts = await read_books(scene)
    findings = checks.all_of(
        lambda: checks.numbers_kept(people),
        lambda: checks.numbers_distinct(one.number for one in people),
        lambda: checks.in_order_of_joining(
            checks.AskedQuestion(one.sent, one.answered, one.number) for one in people
        ),
        lambda: checks.nobody_passed(people),
        lambda: checks.called_in_order(calls, (one.number for one in people if one.away)),
        lambda: checks.never_called_back(people),
        lambda: checks.receipts_kept(people, receipts),
        lambda: checks.cap_exact((rank for _, rank in receipts.values()), len(receipts)),
        lambda: checks.served_in_time(people, scene.size.token_seconds),
        lambda: crowd.faults,
    )
    try:
        await verify(scene.service)
    except AssertionError as broken:
        findings.append(f"guichet verify: {broken}")
    at = sorted(moment for moment, _ in crowd.called)
    zero = scene.marks[0][0]
    around = [(a, b) for a, b in itertools.pairwise(at) if b >= zero and a <= scene.marks[-1][0]]
    return LossProof(
        loss=loss.name,
        people=len(people),
        findings=findings,
        seconds=round(time.monotonic() - began, 1),
        marks=[(round(moment - zero, 1), what) for moment, what in scene.marks],
        calls_stood_seconds=round(max((b - a for a, b in around), default=0.0), 1),
        feeds_closed=sum(at > zero and code != 1000 for one in people for at, code in one.codes),
        answers={f"{what} {status}": count for (what, status), count in sorted(crowd.answers.items())},
        notes=scene.notes,
        looks={one.number: waits(one.looks, zero) for one in people if one.looks},
    )


def waits(looks: list[CrowdSeen], zero: float) -> list[tuple[float, int]]:
    """How many were ahead, by the instant of each look."""
    return [(round(look.at - look.age - zero, 1), look.ahead) for look in looks if look.state == "waiting"]


async def read_books(scene: Scene) -> tuple[list[list[int]], dict[str, tuple[int, int]]]:
    """The numbers of each call in the order of calls, and receipt -> (number, rank)."""
    t = store.token.c
    rows = await scene.books.read(
        lambda conn: conn.execute(sa.select(t.call, t.number).where(t.call.is_not(None)))
    )
    calls: defaultdict[int, list[int]] = defaultdict(list)
    for call, number in rows:
        calls[call].append(number)
    kept = await scene.books.read(
        lambda conn: conn.execute(sa.select(submission.c.receipt, submission.c.number, submission.c.rank))
    )
    return [calls[call] for call in sorted(calls)], {row[0]: (row[1], row[2]) for row in kept}


def run(work: Callable[[], Any]) -> Any:
    """Run it on the loop that the service has too: thousands of sockets are then no work."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())
