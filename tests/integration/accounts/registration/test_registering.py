"""Asking for an account: what it costs, and what it leaves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from accounts.passwords import HashingLane
from accounts.registration import registering
from accounts.registration.store import registration
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.registering import ANSWERS, IDENTITY, RegistrationPlace, registration_place
from tests.support.desks import crowded
from tests.support.processes.statements import heard


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RegistrationPlace]:
    async with registration_place(database, limited=True) as made:
        yield made


@pytest.fixture
async def client(place: RegistrationPlace) -> AsyncIterator[httpx.AsyncClient]:
    async with place.browser() as browser:
        yield browser


async def test_one_address_gets_three_messages_a_day(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """Whoever asks, and under whatever name: nobody is flooded with our messages, and the answer is the same."""
    for number in range(registering.MOST_MESSAGES + 2):
        assert (await place.register(client, username=f"essai-{number}")).status_code == 202
    assert len(await place.messages()) == registering.MOST_MESSAGES


async def test_hashing_has_a_lane_of_its_own(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """Without room in it there is an honest 503, and nothing is kept; those who sign in have other threads."""
    with crowded(place.desk, HashingLane.NEWCOMERS):
        refused = await place.register(client)
    assert (refused.status_code, refused.json()["store"]) == (503, "hashing")
    with crowded(place.desk, HashingLane.CANDIDATES):
        assert (await place.register(client)).status_code == 202


async def test_what_has_waited_too_long_is_forgotten(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """With everything it held; what still waits stays."""
    await place.register(client)
    count = sa.select(sa.func.count()).select_from(registration)
    for now, left in ((now_ms(), 1), (now_ms() + (registering.KEPT_DAYS + 1) * registering.DAY_MS, 0)):
        await place.db.write(lambda conn, at=now: registering.sweep(conn, at))  # type: ignore[misc]
        assert (await place.db.read(lambda conn: conn.execute(count))).scalar_one() == left


async def test_a_network_is_counted(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """Codes too: 429 with when to come back."""
    answers = [await client.post("/api/v1/accounts/confirm", json={"code": "ABCDE-FGHJK"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {410}
    assert answers[-1].status_code == 429 and int(answers[-1].headers["retry-after"]) >= 1


async def statements_of(place: RegistrationPlace, client: httpx.AsyncClient, **changes: str) -> list[str]:
    """The statements that a registration costs, by their first words."""
    counted: list[str] = []

    with heard(lambda statement: counted.append(" ".join(statement.split()[:3]))):
        assert (await place.register(client, **changes)).status_code == 202
    return counted


async def test_a_taken_address_costs_the_same_statements(
    place: RegistrationPlace, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the answer nor the work tells a stranger which addresses have accounts.

    Twin: where a taken address were turned away instead of kept, its work would be another.
    """
    await place.registered(client)
    free = await statements_of(place, client, username="libre", email="libre@exemple.invalid")
    taken = await statements_of(place, client, username="autre")
    assert free == taken and len(free) > 5

    async def refused(*_: Any) -> None:
        """No message: what a shortcut would save."""

    monkeypatch.setattr(registering, "write_to", refused)
    assert await statements_of(place, client, username="encore") != free


@pytest.mark.parametrize("again", [True, False])
async def test_a_form_whose_answer_was_lost_is_sent_again(
    place: RegistrationPlace, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """It is answered as it was, once and at once too, and its address is written to once. Twin: without it one's own
    user name is taken."""
    if not again:
        monkeypatch.setattr(registering, "REPEATED_MS", -600_000)
    answers = await asyncio.gather(*(place.register(client, username="Ève Essai") for _ in range(2)))
    answers.append(await place.register(client, username="eve essai "))
    assert [one.status_code for one in answers].count(202) == (3 if again else 1)
    assert len(await place.messages()) == 1
    assert (
        await client.post("/api/v1/accounts/confirm", json={"code": await place.code()})
    ).status_code == 200
    after = await place.register(client, username="Ève Essai")
    assert after.json()["code"] == "username_taken", "it is an account by now"


@pytest.mark.parametrize(
    "other",
    [
        {"email": "autre@exemple.invalid"},
        {"password": "quarante girafes sous la pluie"},
        {"answers": [*ANSWERS[:2], {"question": ANSWERS[2]["question"], "answer": "Un roman"}]},
        {"identity": IDENTITY | {"passport": "ES 000 0002"}},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_who_does_not_know_all_of_it_is_told_no_more(
    place: RegistrationPlace, client: httpx.AsyncClient, other: dict[str, Any]
) -> None:
    """The name is taken, whoever has it; and all secrets are verified in vain, so that time tells nothing."""
    await place.register(client)
    refused = await place.register(client, **other)
    assert (refused.status_code, refused.json()["code"]) == (409, "username_taken")
    assert len(await place.messages()) == 1
