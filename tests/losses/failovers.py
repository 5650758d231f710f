"""A primary dies or stands still while its replica is behind, and the replica takes over."""

import asyncio
import signal

from tests.losses.stage import Scene
from tests.support.people.crowds import CrowdPerson, everybody
from tests.support.processes.fleets import FleetServer, Guarded, Shard
from tests.support.processes.services import until

FOUND_SECONDS = 90.0
"""To notice, to agree and to promote; where a vote is split they wait before they vote again."""

DEMOTED_SECONDS = 60.0
"""To make a replica of an old primary that is back; Sentinels look at it for some ten seconds first."""


async def a_to_b(scene: Scene) -> None:
    """A is killed and B takes over."""
    fleet = scene.on.fleet
    assert fleet is not None
    await takes_over(scene, fleet, fleet.a, fleet.b)


async def a_to_b_to_a(scene: Scene) -> None:
    """After that A comes back believing in itself, is made a replica, and takes over from B."""
    await a_to_b(scene)
    fleet = scene.on.fleet
    assert fleet is not None
    await asyncio.to_thread(fleet.a.start)
    scene.mark("the old primary is back")
    await follows(fleet, fleet.a, DEMOTED_SECONDS)
    scene.mark("it follows the new one")
    await takes_over(scene, fleet, fleet.b, fleet.a)


async def frozen_and_back(scene: Scene) -> None:
    """A stands still with every connection open; it wakes beside B, believing in itself, until it is made a replica."""
    fleet = scene.on.fleet
    assert fleet is not None
    await takes_over(scene, fleet, fleet.a, fleet.b, frozen=True)
    await follows(fleet, fleet.a, DEMOTED_SECONDS)
    scene.mark("it follows the new one")


async def takes_over(
    scene: Scene, fleet: Guarded | Shard, primary: FleetServer, replica: FleetServer, *, frozen: bool = False
) -> None:
    """People join and are called while the replica hears nothing; then the primary is killed.

    A `frozen` one stands still instead, and goes on in the moment in which it is replaced.
    """
    await follows(fleet, replica, FOUND_SECONDS)
    crowd, uid = scene.crowd, (await scene.period()).uid
    counter, newcomers = f"wr1:{{{uid}}}:seq", [CrowdPerson() for _ in range(max(5, scene.size.people // 10))]
    scene.mark("the replica hears nothing any more")
    with fleet.behind(replica):
        called = await scene.called_in_all()
        await everybody(crowd, newcomers)
        for one in newcomers:
            crowd.start(crowd.stay(one))
        await scene.next_call()
        called = await scene.called_in_all() - called
        given = primary.number(counter)
        if frozen:
            primary.signal(signal.SIGSTOP)
        else:
            primary.stop()
        lost = scene.mark("the primary stands still" if frozen else "the primary is killed")
    missed = given - replica.number(counter)
    assert missed >= len(newcomers), f"the replica has heard of all but {missed} joins"
    assert called, "nobody was called whom the replica takes for one who waits"
    told = scene.notes.setdefault("joins and people called that the replica never heard of", [])
    told.append([missed, called])

    async def promoted() -> bool:
        return await asyncio.to_thread(fleet.names, replica)

    await until(promoted, FOUND_SECONDS, "the replica is the primary")
    found = scene.mark("the replica is the primary")
    if frozen:
        primary.signal(signal.SIGCONT)
        scene.mark("the old primary goes on")
        assert primary.role() == "master", "it does not know that it was replaced"
    await scene.called_again(found + scene.size.hold_seconds / 2)
    scene.mark("calls go on")
    assert not scene.closed_since(lost), "no feed was closed"


async def follows(fleet: Guarded | Shard, replica: FleetServer, seconds: float) -> None:
    """Return when this server is a replica that has heard all there is."""

    async def level() -> bool:
        return await asyncio.to_thread(fleet.follows, replica)

    await until(level, seconds, "the replica has all of it")
