"""Who reaches what: every route of the application is gated, free, staff's or public, and behaves like it (WR-05)."""

import re
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from config.app import STAFF_ADDRESSES, create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.turns import gates
from submission.turns.gates import GATED, WithoutToken
from tests.support.candidates.files import COMPUTER
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS, make_period


class Access(StrEnum):
    """Who reaches an address."""

    GATED = "gated"
    """Whoever was called, and nobody else."""
    FREE = "free"
    """Whoever is signed in, at any hour, without the room."""
    STAFF = "staff"
    """Members of staff, each by their role."""
    PUBLIC = "public"
    """Everybody."""


FREE = (
    r"/compte(/.*)?", r"/documents(/.*)?", r"/recus/.*", r"/dossiers/.*", r"/brouillons?(/.*)?",
    r"/demande(/.*)?",
    r"/volets(/.*)?", r"/api/v1/streams(/.*)?", r"/connexion", r"/deconnexion",
    r"/compte/renseignements(/.*)?", r"/messages(/.*)?", r"/mes-renseignements(/.*)?", r"/recuperation(/.*)?",
    r"/session/prolonger",
    r"/courriel/.*", r"/verifier(/.*)?", r"/api/v1/session(/renew)?", r"/api/v1/submissions/.*", r"/api/v1/drafts/.*",
    r"/api/v1/account(/.*)?", r"/api/v1/messages(/.*)?",
)  # fmt: skip
"""What an account is reached by, with its own sign-in: consulting is no submission."""

PUBLIC = (
    r"/", r"/periodes/\{id\}", r"/periodes/\{id\}/(joindre|quitter|tirage)", r"/questions",
    r"/documents-utiles(/procuration|/modification)?", r"/frais",
    r"(/en)?/guides/.*", r"/refus/.*", r"/static/.*", r"/favicon.ico", r"/healthz", r"/readyz", r"/metrics",
    r"/openapi.json", r"/\.well-known/.*", r"/api/v1/periods(/\{id\})?",
    r"/api/v1/periods/\{id\}/(tickets(/me)?|entries(/me)?|draw|live|challenge)",
    r"/api/v1/programmes(/.*)?", r"/api/v1/accounts(/confirm)?", r"/api/v1/recovery", r"/api/v1/deadlines",
    r"/inscription(/.*)?", r"/calcul-de-delai",
    r"/invitation", r"/demo/.*", r"/accessibilite", r"/confidentialite", r"/robots.txt", r"/webhooks/.*",
    r"/inscription(/.*)?",
    r"/invitation", r"/demo/.*", r"/accessibilite", r"/confidentialite", r"/robots.txt",
    r"/webhooks/.*", r"/api/v1/payments/webhook",
)  # fmt: skip

STAFF = (
    *(re.escape(address) + r"(/.*)?" for address in STAFF_ADDRESSES),
    r"/agents?(/.*)?",
    r"/personnel(/.*)?",
)


def access_of(path: str) -> set[Access]:
    """All that an address is by the tables above: one, or the test says so."""
    if any(one.path == path for one in GATED):
        return {Access.GATED}
    tables = {Access.FREE: FREE, Access.STAFF: STAFF, Access.PUBLIC: PUBLIC}
    return {access for access, table in tables.items() if any(re.fullmatch(one, path) for one in table)}


def inside(app: Any) -> Starlette:
    """The application inside its layers."""
    while not isinstance(app, Starlette):
        app = app.app
    return app


def routes_in(app: Any) -> Iterator[BaseRoute]:
    for route in inside(app).routes:
        yield from route.routes if isinstance(route, Mount) else [route]


class Served(NamedTuple):
    app: Any
    url: str


@pytest.fixture
async def served(database: Database, database_url: str, redis_url: str) -> AsyncIterator[Served]:
    """The whole application on a port, with an open period."""
    await make_period(database, ticked_at=now_ms())
    made = create_app(Settings(
        database_url=database_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    ))  # fmt: skip
    with serving(made, lifespan=True) as port:
        yield Served(made, f"http://127.0.0.1:{port}")


async def test_every_route_is_in_one_table(served: Served) -> None:
    """A new route is gated, free, staff's or public: whoever adds one says which, here or in `gates.py`."""
    paths = {route.path for route in routes_in(served.app) if isinstance(route, Route | WebSocketRoute)}
    wrong = {path: sorted(found) for path in sorted(paths) if len(found := access_of(path)) != 1}
    assert wrong == {}
    assert {one.path for one in GATED} <= paths


async def test_a_gated_address_leads_to_the_room_and_nothing_else_does(served: Served) -> None:
    """Without a live token: by 303 where it is a page, also the sign-in that is to lead there; a refusal in the API.
    Whatever is free or public answers by itself."""
    headers = {"User-Agent": COMPUTER, "Origin": served.url}
    async with httpx.AsyncClient(base_url=served.url, headers=headers) as client:
        for route in routes_in(served.app):
            if not isinstance(route, Route) or "GET" not in (route.methods or set()):
                continue
            is_gated = access_of(route.path) == {Access.GATED}
            if route.path.startswith("/periodes/") and not is_gated:
                continue  # the room's own
            path = re.sub(r"\{[^}]*\}", "essai", route.path)
            answer = await client.get(path)
            to_room = answer.is_redirect and answer.headers["location"].startswith("/periodes/")
            assert to_room == is_gated, route.path
        for gated in GATED:
            path = gated.path.replace("{id}", "essai")
            if gated.without_token is WithoutToken.REFUSAL:
                body = {"token": "", "declaration": True, "signature": {"capacity": "candidate"}}
                refused = await client.post(path, json=body)
                assert refused.status_code == 401, gated.path
                continue
            led = await client.get("/connexion", params={"suite": path})
            assert (led.status_code, led.headers["location"]) == (303, path)
            room = await client.get(path)
            assert (room.status_code, room.headers["location"]) == (303, "/periodes/essai?retour=1")


@pytest.mark.parametrize(
    "path",
    ["/compte", "/periodes/essai", "/periodes/essai/demande/../..", "//periodes/essai/demande", "/periodes/E/demande"],
)  # fmt: skip
def test_what_only_looks_gated_is_not(path: str) -> None:
    """A sign-in is led to no address that somebody else made up."""
    assert not gates.is_gated(path)
    assert gates.is_gated("/periodes/essai-2/demande") and gates.is_gated("/periodes/essai/connexion")
