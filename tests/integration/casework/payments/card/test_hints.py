"""The door for webhooks: verified, written down once, answered at once."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from casework.payments.card import asking, hints, opening, states
from casework.payments.card.hints import WebhookDoor
from casework.payments.card.services import CardTask
from casework.payments.card.store import provider_event
from config.assets import renderer
from config.demo.card_provider.deliveries import signature
from foundation import outbox
from foundation.sql.database import Database
from server.problems import Problems
from server.rate_limits import Rate
from tests.support.processes.card_providers import CardHere, card_here
from tests.support.tasks import submitted

HERE = "/webhooks/stripe"


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


def client(database: Database, card: CardHere, **services: Any) -> httpx.AsyncClient:
    """A program that speaks to the door."""
    problems = Problems("http://guichet.test", renderer())
    door = WebhookDoor(database, msgspec.structs.replace(card.services, **services))
    app = Starlette(routes=door.routes(), exception_handlers=problems.handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://guichet.test")


def body(id: str = "evt_1", kind: str = "payment_intent.succeeded", **about: Any) -> bytes:
    """An event about something."""
    shown = {"id": id, "object": "event", "type": kind, "created": 9, "data": {"object": about}}
    return json.dumps(shown).encode()


async def send(
    http: httpx.AsyncClient, card: CardHere, content: bytes, at: float = 0, to: str = HERE, secret: str = ""
) -> httpx.Response:
    header = signature(content, secret or card.secrets.webhook_secret, int(at or time.time()))
    return await http.post(to, content=content, headers={"Stripe-Signature": header})


async def rows(database: Database) -> list[tuple[Any, ...]]:
    e = provider_event.c
    found = await database.read(
        lambda conn: conn.execute(sa.select(e.event, e.type, e.charge).order_by(e.id))
    )
    return [tuple(row) for row in found]


async def staged(database: Database) -> int:
    t = outbox.task
    count = sa.select(sa.func.count()).where(t.c.kind == CardTask.HINT)
    return int((await database.read(lambda conn: conn.execute(count))).scalar_one())


async def test_an_event_is_written_down_and_asked_about_once(database: Database, card: CardHere) -> None:
    """Replayed, it is the same event; at either address."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    async with client(database, card) as http:
        content = body(id="evt_1", object="payment_intent", metadata={"charge": charge.reference})
        found = [await send(http, card, content, to=to) for to in (HERE, HERE, "/api/v1/payments/webhook")]
    assert [one.status_code for one in found] == [200] * 3
    assert [one.json()["new"] for one in found] == [True, False, False]
    assert await rows(database) == [("evt_1", "payment_intent.succeeded", charge.id)]
    assert await staged(database) == 1


async def test_without_the_unique_id_a_replay_would_be_asked_about_twice(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where each event has another id, two tasks are staged."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    read = card.provider.event
    numbers = iter("12")
    other = lambda content, header: msgspec.structs.replace(read(content, header), id=next(numbers))  # noqa: E731
    monkeypatch.setattr(card.provider, "event", other)
    async with client(database, card) as http:
        for _ in range(2):
            await send(http, card, body(metadata={"charge": charge.reference}))
    assert await staged(database) == 2


async def paid_one_and_its_news(database: Database, card: CardHere) -> int:
    """How many questions the news of a payment lead to that is recorded: twice that it is paid, then that it came
    back."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    await card.pay(charge)
    await asking.ask_and_hear(database, card.services, charge)
    about = {"metadata": {"charge": charge.reference}}
    async with client(database, card) as http:
        await send(http, card, body("evt_1", "checkout.session.completed", **about))
        await send(http, card, body("evt_2", "payment_intent.succeeded", **about))
        await send(http, card, body("evt_3", "charge.refunded", **about))
    assert len(await rows(database)) == 3
    return await staged(database)


async def test_a_payment_that_is_recorded_is_not_asked_about_again(
    database: Database, card: CardHere
) -> None:
    """Only where money came back: its news are asked about whatever is known (P15)."""
    assert await paid_one_and_its_news(database, card) == 1


async def test_if_all_news_of_what_is_paid_were_old_a_refund_would_not_be_seen(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with the refund among what says « paid » nobody asks."""
    monkeypatch.setattr(states, "SAY_PAID", states.SAY_PAID | {"charge.refunded"})
    assert await paid_one_and_its_news(database, card) == 0


async def test_what_is_not_ours_changes_nothing(database: Database, card: CardHere) -> None:
    """Signed, but of an unknown charge or type: taken, so that the provider stops, and written down."""
    await submitted(database)
    charge, _new = await opening.open_charge(database, card.services, 1, "anne")
    async with client(database, card) as http:
        unknown = await send(http, card, body("evt_1", metadata={"charge": "x"}))
        strange = await send(
            http, card, body("evt_2", "customer.created", metadata={"charge": charge.reference})
        )
    assert (unknown.status_code, strange.status_code) == (200, 200)
    assert [row[2] for row in await rows(database)] == [None, charge.id]
    assert await staged(database) == 0


async def test_forged_old_and_broken_ones_are_refused_in_words(database: Database, card: CardHere) -> None:
    async with client(database, card) as http:
        forged = await send(http, card, body(), secret="whsec_guessed")
        old = await send(http, card, body(), at=time.time() - 301)
        none = await http.post(HERE, content=body())
        broken = [
            await send(http, card, content) for content in (b"", b"[]", b"\xff\xfe", b'{"object":"event"}')
        ]
    assert [one.status_code for one in (forged, old, none, *broken)] == [400] * 7
    assert [one.json()["problem"] for one in (forged, old, none)] == ["signature", "too_old", "signature"]
    assert all(one.json()["code"] == "bad_request" for one in broken)
    assert await rows(database) == []


async def test_who_forges_much_waits_and_the_provider_does_not(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "WRONG_ONES", Rate(at_once=2, per_second=0.001))
    async with client(database, card) as http:
        for number in range(5):
            assert (await send(http, card, body(f"evt_{number}"))).status_code == 200
        found = [await http.post(HERE, content=b"x") for _ in range(3)]
    assert [one.status_code for one in found] == [400, 400, 429]
    assert int(found[-1].headers["Retry-After"]) > 100


async def test_without_a_key_there_is_no_door(database: Database, card: CardHere) -> None:
    async with client(database, card, provider=None) as http:
        assert (await send(http, card, body())).status_code == 404
    async with client(database, card) as http:
        assert (await send(http, card, body(), to="/webhooks/other")).status_code == 404
