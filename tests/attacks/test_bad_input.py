"""Bad input to the composed service: always a clear refusal, never a 5xx, never a hang. On both stores."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from typing import Any

import msgspec
import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from accounts import staff
from config import openapi
from config.app import create_app
from config.assets import renderer
from config.settings import Settings
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota.store import Period
from server.problems import TABLE, Problems
from submission.drafts.pages import LONGER_BODIES
from tests.support import desks
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS, make_period
from tests.unit.server.test_problems import ask
from waitingroom.tickets import Ticket, Tickets

LONGEST_SECONDS = 5.0

FORM = "application/x-www-form-urlencoded"

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

BODIES: list[bytes] = [
    b"{", b"nonsense", b"[]", b"null", b"1", b'"text"', b"\xff\xfe\x00", b"\x00", b'{"username":"\xff"}',
    b'{"username":NaN,"text":NaN}', b"[" * 50_000, b'{"a":' * 10_000,
    b'{"device":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    b'{"username":1,"password":2,"answers":3,"token":4,"text":5,"id":6,"calls_per_minute":"7","device":8}',
    b'{"username":{},"password":[],"text":[],"id":{},"cap":{},"calls_per_minute":{},"token":[],"device":[]}',
    b'{"username":"\\u0000","password":"x","answers":[],"text":"\\u0000","id":"\\u0000","programme":"demo",'
    b'"opens_at":"\\u0000","calls_per_minute":-1,"token":"\\u0000","device":{"pointer":"\\u0000"}}',
    b'{"username":"\\ud800","text":"\\udc00"}', b'{"device":{"touch_points":"5"},"calls_per_minute":1.5,"text":null}',
]  # fmt: skip

ODD = [
    "%00", "%0A", "%ff%fe", "%F0%9F%98%80", "..", "%2e%2e%2f", "x" * 3000, "'%20or%201=1--", "0", "-1", "NaN", "%",
    "%zz", "{id}", "%ED%A0%80", "essai%20", "ESSAI", "%C2%A0", "9" * 400, "essai/", "essai%2Fx",
]  # fmt: skip

COOKIES = [
    "ticket-essai=garbage; session=garbage; operator=garbage; visitor=garbage", 'ticket-essai="\\000\\377"',
    "ticket-essai=; session=; operator=; visitor=", "=; ;;;=;", "session=%00%ff", "session=" + "x" * 20_000,
    "ticket-essai=" + "A" * 3000 + "." + "B" * 43, "session=é", "visitor=.....; operator=.", "ticket-essai=v1.e30.e30",
]  # fmt: skip


class ComposedService:
    """The whole service on one port, and everything that a signed-in person of each kind carries."""

    def __init__(self, port: int, app: ASGIApp, period: Period) -> None:
        self.port, self.period = port, period
        self.routes = starlette(app).routes
        self.connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST_SECONDS)
        self.cookies = ""

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, as the person it is, from our own page. Fails when it takes long."""
        connection = self.connection
        sent = {
            "User-Agent": BROWSER,
            "Origin": f"http://127.0.0.1:{self.port}",
            "Cookie": self.cookies,
        } | headers
        started = time.monotonic()
        connection.putrequest(method, path)
        for name, value in (sent | ({} if body is None else {"Content-Length": str(len(body))})).items():
            connection.putheader(name.replace("_", "-"), value.encode("latin-1"))
        connection.endheaders(body)
        got = connection.getresponse()
        answered = got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
        assert time.monotonic() - started < LONGEST_SECONDS, f"{method} {path[:60]} is slow"
        return answered

    def http(self) -> Iterator[tuple[str, str]]:
        """Every method and path template of the service."""
        for route in self.routes:
            if isinstance(route, Route):
                for method in sorted(route.methods or ()):
                    yield method, route.path


def starlette(app: Any) -> Starlette:
    """The application inside its frame."""
    while not isinstance(app, Starlette):
        app = app.app
    return app


@pytest.fixture
async def stage(database_url: str, redis_url: str) -> AsyncIterator[ComposedService]:
    """On both stores: what is asked here may reach SQL."""
    async with staged(database_url, redis_url) as stage:
        yield stage


@pytest.fixture
async def one_stage(sqlite_url: str, redis_url: str) -> AsyncIterator[ComposedService]:
    """For what is decided before SQL is asked."""
    async with staged(sqlite_url, redis_url) as stage:
        yield stage


@asynccontextmanager
async def staged(database_url: str, redis_url: str) -> AsyncIterator[ComposedService]:
    db = Database(database_url)
    desk = desks.make_desk(db)
    period = await make_period(db)
    await desks.make_account(desk)
    await db.write(
        lambda conn: staff.add_operator(conn, "operatrice", "un mot de passe d’opératrice", now_ms())
    )
    settings = Settings(
        database_url=database_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    app = create_app(settings)
    with serving(app, lifespan=True) as port:
        stage = ComposedService(port, app, period)
        sign_in(stage)
        yield stage
        stage.connection.close()
    desk.accounts.hasher.close()
    await db.close()


def sign_in(stage: ComposedService) -> None:
    """One browser that is in the line, signed in as a candidate, and signed in as an operator."""
    candidate = {"username": "essai-00001", "password": desks.PASSWORD, "answers": desks.ANSWERS}
    operator = {"username": "operatrice", "password": "un mot de passe d’opératrice"}
    jar = []
    for path, body in (
        (f"/api/v1/periods/{stage.period.id}/tickets", {}),
        ("/api/v1/session", candidate),
        ("/api/v1/operator/session", operator),
    ):
        status, headers, answered = stage.ask("POST", path, msgspec.json.encode(body))
        assert status in (200, 201), answered
        jar.append(headers["set-cookie"].partition(";")[0])
    stage.cookies = "; ".join(jar)


def filled(path: str, value: str) -> str:
    """The path with this in the place of each parameter."""
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def wrong(answered: tuple[int, dict[str, str], bytes], problem: bool) -> str:
    """What is wrong with a refusal; empty when it is a clear one."""
    status, headers, body = answered
    if not 400 <= status < 500:
        return f"status {status}"
    if "x-request-id" not in headers:
        return "no id"
    if problem:
        if headers.get("content-type") != "application/problem+json":
            return f"content type {headers.get('content-type')}"
        if json.loads(body)["code"] not in TABLE:
            return "unknown code"
    return ""


async def test_every_wrong_body_of_every_call_is_a_clear_refusal(stage: ComposedService) -> None:
    """Malformed JSON, wrong types, NUL, lone surrogates, deep nesting: a problem document that says so."""
    found = []
    calls = [call for call in openapi.CALLS if call.body is not None]
    assert len(calls) > 5
    for call in calls:
        for body in BODIES:
            answered = stage.ask(call.method.upper(), filled(call.path, stage.period.id), body)
            # A body may be wrong for one call and fine for another: all that this one reads is optional.
            if answered[0] in (200, 201) and body[:1] == b"{":
                continue
            if trouble := wrong(answered, True):
                found.append(f"{call.method} {call.path} {body[:40]!r}: {trouble} {answered[2][:80]!r}")
    assert found == []


async def test_a_body_beyond_64_kib_is_413_at_every_call(one_stage: ComposedService) -> None:
    """As a problem document, whoever asks and whatever for."""
    for call in openapi.CALLS:
        if call.method in ("post", "put", "patch"):
            status, headers, body = one_stage.ask(
                call.method.upper(), filled(call.path, "essai"), b"x" * 70_000
            )
            assert (status, json.loads(body)["code"]) == (413, "too_large"), call.path
            assert headers["content-type"] == "application/problem+json"


async def test_a_text_that_is_far_too_long_comes_back_in_the_page(one_stage: ComposedService) -> None:
    """Also to whoever is no longer signed in. Twin: beyond the limit of that page nothing comes back."""
    most = LONGER_BODIES["/demande/"]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for size, statuses in ((most - 100, (401, 422)), (most + 1, (413,))):
        body = b"training.school=" + b"x" * (size - 16)
        answered = one_stage.ask("POST", "/demande/demo/training", body, **headers)
        assert answered[0] in statuses
        assert (b"x" * (size - 16) in answered[2]) is (size <= most)


async def test_wrong_methods_are_405_everywhere(one_stage: ComposedService) -> None:
    """With `Allow`, for every address of the service."""
    served = [route for route in one_stage.routes if isinstance(route, Route)]
    assert len(served) > 20
    for path in sorted({filled(route.path, "essai") for route in served}):
        methods = {
            method for route in served if route.path_regex.match(path) for method in route.methods or ()
        }
        for method in {"PUT", "PATCH", "DELETE", "OPTIONS", "POST", "PROPFIND"} - methods:
            status, headers, _ = one_stage.ask(method, path)
            assert (status, headers.get("allow")) == (405, ", ".join(sorted(methods))), f"{method} {path}"


@pytest.mark.slow
async def test_odd_addresses_are_refused_or_unknown(stage: ComposedService) -> None:
    """NUL, bad UTF-8, endless and invented names in the place of every parameter, for every method."""
    found = []
    for method, path in stage.http():
        if "{" not in path:
            continue
        for odd in ODD:
            status, headers, body = stage.ask(method, filled(path, odd), b"" if method != "GET" else None)
            if status >= 500 or (status >= 400 and "x-request-id" not in headers):
                found.append(f"{method} {filled(path, odd)[:80]}: {status} {body[:80]!r}")
    assert found == []


async def test_odd_queries_are_refused_or_ignored(stage: ComposedService) -> None:
    """What a query may hold, and what it must not."""
    for method, path in stage.http():
        if method == "GET":
            if path == "/readyz":
                continue  # there is no ticker here: it is rightly not ready
            for query in (
                "?since=%FF&limit=%FF",
                "?since=1e400&limit=-1",
                "?limit=" + "9" * 500,
                "?&&&=%zz",
                "?%00=1",
            ):
                status, _, body = stage.ask("GET", filled(path, "essai") + query)
                assert status < 500, f"{path}{query[:40]}: {body[:80]!r}"


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
async def test_broken_cookies_and_forged_bearers_are_as_none(stage: ComposedService) -> None:
    """Nobody is let in by them, and nothing breaks: pages and calls alike."""
    found = []
    bearers = [{"Authorization": "Bearer " + "x.y.z" * 9}, {"Authorization": "Bearer é\x80"}]
    carried = [*({"Cookie": cookie} for cookie in COOKIES), *(bearer | {"Cookie": ""} for bearer in bearers)]
    for method, path in stage.http():
        if method == "HEAD" or path == "/readyz":
            continue
        for headers in carried:
            kind = "application/json" if path.startswith("/api/") else "text/html"
            body = None if method == "GET" else b""
            status, _, text = stage.ask(method, filled(path, "essai"), body, Accept=kind, **headers)
            if status >= 500:
                found.append(f"{method} {path} {headers}: {status} {text[:80]!r}")
            if "/operator/" in path and status < 400:
                found.append(f"{method} {path}: let in by {headers}")
    assert found == []


async def test_a_ticket_with_one_changed_character_is_none(one_stage: ComposedService) -> None:
    """Any character, anywhere in it."""
    ticket = Tickets(KEYS).issue(Ticket(uid=one_stage.period.uid, number=1, visitor="0" * 32))
    one_stage.cookies = ""
    path = f"/api/v1/periods/{one_stage.period.id}/tickets/me"
    assert one_stage.ask("GET", path, Authorization=f"Bearer {ticket}")[0] == 200
    for place in range(0, len(ticket) - 1, 5):
        forged = ticket[:place] + ("A" if ticket[place] != "A" else "B") + ticket[place + 1 :]
        status, _, body = one_stage.ask("GET", path, Authorization=f"Bearer {forged}")
        assert (status, json.loads(body)["code"]) == (401, "no_ticket"), place


async def test_a_ticket_of_other_keys_or_another_period_is_none(one_stage: ComposedService) -> None:
    """Signed by somebody else, or for another life of this period."""
    path = f"/api/v1/periods/{one_stage.period.id}/tickets/me"
    one_stage.cookies = ""
    for keys, uid in ((("another key, long enough for anybody",), one_stage.period.uid), (KEYS, "0" * 16)):
        ticket = Tickets(keys).issue(Ticket(uid=uid, number=1, visitor="0" * 32))
        status, headers, body = one_stage.ask("GET", path, Authorization=f"Bearer {ticket}")
        assert (status, json.loads(body)["code"]) == (401, "no_ticket")
        assert headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
async def test_wrong_forms_are_clear_refusals(stage: ComposedService) -> None:
    """Every form of the pages: bad UTF-8, files, too many fields, NUL, nothing at all."""
    found = []
    forms = [
        (FORM, b"a=%FF"), (FORM, b"\xff=\xff"), (FORM, b"&".join([b"a=1"] * 500)), (FORM, b""), (FORM, b"=&=&="),
        (FORM, b"username=%00&password=%00&text=%00&token=%00"), ("text/plain", b"username=x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        (FORM, b"username=" + b"x" * 60_000), (FORM, b"touch_points=" + b"9" * 5000),
        (FORM, b"calls_per_minute=9999999999999999999999&most_live_tokens=-1&cap=x&opens_at=x&text=" + b"x" * 9000),
    ]  # fmt: skip
    for method, path in stage.http():
        if method == "POST" and not path.startswith("/api/"):
            for kind, body in forms:
                carried = {"Content-Type": kind, "Accept": "text/html"}
                status, headers, text = stage.ask("POST", filled(path, "essai"), body, **carried)
                if status >= 500 or "x-request-id" not in headers:
                    found.append(f"{path} {body[:40]!r}: {status} {text[:80]!r}")
    assert found == []


async def test_unknown_paths_are_404(one_stage: ComposedService) -> None:
    """As a problem document for programs, as a page for people; static files too."""
    for path in (
        "/api",
        "/api/v1",
        "/api/v2/periods",
        "/nothing",
        "/static/nothing.css",
        "/static/../app.py",
        "/.env",
    ):
        status, headers, _ = one_stage.ask("GET", path, Accept="application/json")
        assert (status, headers["content-type"]) == (404, "application/problem+json"), path
    status, headers, body = one_stage.ask("GET", "/nothing", Accept="text/html")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert TABLE["not_found"].title in body.decode()


async def test_every_refusal_has_its_real_page() -> None:
    """The real template shows reason and remedy of each code, with whatever fields it has."""
    problems = Problems("http://guichet.test", renderer())

    async def fail(request: Request) -> Response:
        fields = [{"name": "x", "reason": "y"}]
        raise Refusal(request.path_params["id"], fields=fields, missing=["z"], retry_after=3)

    routes = [Route("/periodes/{id}", fail), *problems.routes()]
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    for code, entry in TABLE.items():
        for path, status in ((f"/periodes/{code}", entry.status), (f"/refus/{code}", 200)):
            shown = await ask(app, path, accept="text/html")
            assert shown.status_code == status
            assert entry.remedy in shown.text


async def live(stage: ComposedService, period: str, **headers: str) -> websockets.ClientConnection:
    url = f"ws://127.0.0.1:{stage.port}/api/v1/periods/{period}/live"
    return await websockets.connect(url, additional_headers=headers, open_timeout=5, compression=None)


async def closed_with(connection: websockets.ClientConnection) -> int | None:
    """The code it was closed with, whatever was sent before."""
    try:
        async for _ in connection:
            pass
    except websockets.ConnectionClosed:
        pass
    return connection.close_code


async def test_a_socket_that_sends_what_it_must_not_is_closed(one_stage: ComposedService) -> None:
    """Binary is 1003, more than 1 KiB is 1009; the place stays."""
    frames: list[tuple[str | bytes, int]] = [(b"binary", 1003), ("x" * 2000, 1009), (b"x" * 2000, 1009)]
    for frame, code in frames:
        async with await live(one_stage, "essai", Cookie=one_stage.cookies) as connection:
            assert json.loads(await connection.recv())["type"] == "position"
            await connection.send(frame)
            assert await closed_with(connection) == code
    assert one_stage.ask("GET", "/api/v1/periods/essai/tickets/me")[0] == 200


async def test_a_socket_without_a_good_ticket_is_4401(one_stage: ComposedService) -> None:
    """Accepted first, so that a browser's script can read why."""
    for cookie in (*COOKIES, ""):
        if len(cookie) < 8000:  # a longer one ends the handshake with 431
            headers = {"Cookie": cookie} if cookie else {}
            async with await live(one_stage, "essai", **headers) as connection:
                assert await closed_with(connection) == 4401, cookie


async def test_a_socket_of_an_unknown_period_is_4404(one_stage: ComposedService) -> None:
    """Whoever asks."""
    async with await live(one_stage, "nothing", Cookie=one_stage.cookies) as connection:
        assert await closed_with(connection) == 4404


async def test_the_document_names_every_call_and_no_other(one_stage: ComposedService) -> None:
    """`/openapi.json` and the routes of the composed service, both ways."""
    status, headers, body = one_stage.ask("GET", "/openapi.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    paths = json.loads(body)["paths"]
    written = {(method.upper(), path) for path, calls in paths.items() for method in calls}
    served = {(method, path) for method, path in one_stage.http() if method != "HEAD"}
    served |= {("GET", route.path) for route in one_stage.routes if isinstance(route, WebSocketRoute)}
    public = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/.well-known/jwks.json"}
    assert written == {
        (method, path) for method, path in served if path.startswith("/api/") or path in public
    }


def test_the_document_holds_together() -> None:
    """Every reference leads somewhere, every operation has its own id."""
    document = openapi.document()
    text = msgspec.json.encode(document).decode()
    references = {part.partition('"')[0] for part in text.split('"$ref":"#/components/schemas/')[1:]}
    assert references <= set(document["components"]["schemas"])
    operations = [call for calls in document["paths"].values() for call in calls.values()]
    ids = [operation["operationId"] for operation in operations if "operationId" in operation]
    assert len(ids) == len(set(ids))
    assert len(ids) == len(openapi.CALLS) + 3, "and three lists as tables"
