"""Header games and smuggling: whatever a request says of itself, only a signature is a place."""

from typing import Any

import pytest

from config import openapi
from server.request_checks import SameOrigin
from tests.support.people.attackers import FORM, Attacker, AttackSiege, Ground, parsed, request, send

pytestmark = pytest.mark.asyncio(loop_scope="module")


BELIEVED: dict[str, dict[str, Any]] = {
    "X-Forwarded-For": {"X-Forwarded-For": "192.0.2.7"},
    "a chain of them": {"X-Forwarded-For": ["192.0.2.7, 127.0.0.1", "::1"]},
    "Forwarded": {"Forwarded": 'for="[2001:db8::1]";proto=https;host=guichet.test'},
    "X-Real-IP": {"X-Real-IP": "127.0.0.1", "True-Client-IP": "127.0.0.1", "CF-Connecting-IP": "127.0.0.1"},
    "X-Original-URL": {"X-Original-URL": "/api/v1/operator/periods", "X-Rewrite-URL": "/operateur"},
    "a method override": {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method-Override": "PUT"},
    "a foreign Host": {"Host": "guichet.invalid"},
    "X-Forwarded-Host": {"X-Forwarded-Host": "guichet.invalid", "X-Host": "guichet.invalid"},
    "another scheme": {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    "who it is": {"X-User": "operatrice", "X-Remote-User": "essai-00001", "Remote-User": "root", "X-Number": "1"},
    "a number": {"X-Ticket": "1", "X-Ticket-Number": "1", "X-Queue-Position": "1"},
    "a known id": {"X-Request-ID": "0123456789abcdef"},
    "a range": {"Range": "bytes=0-0", "If-Range": "x", "If-None-Match": "*"},
    "a wrong accept": {"Accept": "text/html, application/xml;q=0.9", "Accept-Encoding": "identity;q=0"},
    "a strange agent's hints": {"Sec-CH-UA-Platform": '"Windows"', "Sec-CH-UA-Mobile": "?0", "Save-Data": "on"},
    "an early data mark": {"Early-Data": "1", "Expect-CT": "max-age=0"},
    "hop by hop": {"Connection": "close, Cookie, Authorization", "Keep-Alive": "timeout=1"},
    "an upgrade": {"Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"},
    "long and odd values": {"X-Odd": "é\xff", "X-Long": "x" * 8000, "X-Empty": ""},
}  # fmt: skip


ODD = ("foreign_origin", "bad_request", "misdirected")
"""What a request may be told before any rule of the room is asked."""


@pytest.mark.parametrize("name", BELIEVED)
async def test_a_header_makes_nobody_first(battlefield: Ground, name: str) -> None:
    """A join with it is a new number at the end, a look shows one's own number, leaving leaves one's own."""
    siege = await battlefield.siege()
    headers = {key.replace("-", "_"): value for key, value in BELIEVED[name].items()}
    robot = siege.person()
    origin: dict[str, Any] = {} if name != "a foreign Host" else {"Origin": "http://guichet.invalid"}
    joined = await robot.join(**headers, **origin)
    assert (joined.status, robot.number) == (201, 4) or joined.code in ODD, joined.body
    if robot.number:
        assert (await robot.me(**headers))["number"] == 4
        assert (await robot.ask("DELETE", "tickets/me", **headers, **origin)).status == 204
        assert (await robot.me())["state"] == "left"
    for method, path in (("GET", "/api/v1/operator/periods"), ("POST", "/api/v1/operator/periods")):
        assert (await robot.ask(method, path, **headers)).code in ("not_signed_in", *ODD)
    await siege.nobody_got_ahead()


async def test_two_of_a_header_are_one_or_none(battlefield: Ground) -> None:
    """Cookies and Authorization twice, a forged one and one's own in either order: one's own number or a clear no."""
    siege = await battlefield.siege()
    robot = (await siege.people(1))[0]
    name, own = f"ticket-{siege.period.id}", robot.ticket
    forged = siege.honest[0].ticket[:-8] + "AAAAAAAA"
    carried: list[dict[str, Any]] = [
        {"Cookie": f"{name}={forged}; {name}={own}"},
        {"Cookie": f"{name}={own}; {name}={forged}"},
        {"Cookie": [f"{name}={forged}", f"{name}={own}"]},
        {"Cookie": [f"{name}={own}", f"{name}={forged}"]},
        {"Cookie": None, "Authorization": [f"Bearer {forged}", f"Bearer {own}"]},
        {"Cookie": None, "Authorization": [f"Bearer {own}", f"Bearer {forged}"]},
        {"Cookie": f"{name}={own}", "Authorization": f"Bearer {forged}"},
        {"Cookie": f"{name}={own}", "Authorization": "Basic MTox"},
        {"Cookie": f"{name}={own}", "Authorization": f"Bearer {own}, Bearer {forged}"},
        {"Cookie": f"{name.upper()}={forged}; {name}={own}"},
        {"Cookie": f'{name}="{own}"; $Path=/; {name}[0]={forged}'},
    ]
    for headers in carried:
        shown = await robot.ask("GET", "tickets/me", keep=False, **headers)
        assert shown.code == "no_ticket" or shown.json()["number"] == robot.number, headers
    await siege.nobody_got_ahead()


async def test_bearer_and_cookie_of_two_places_never_mix(battlefield: Ground) -> None:
    """With both, Bearer counts, everywhere: the token of the cookie's place is not its."""
    siege = await battlefield.siege()
    await siege.call(1)
    first, waiting = siege.honest[:2]
    token = await siege.token(first)
    both = {"Authorization": f"Bearer {waiting.ticket}"}
    mixed = siege.person(first.jar)
    assert (await mixed.me(**both))["number"] == waiting.number
    assert (await mixed.sign_in(1, token, **both)).code == "token_other_browser"
    assert (await mixed.sign_in(1)).status == 200
    assert (await mixed.submit(token, **both)).code == "token_other_browser"
    assert (await mixed.join(**both)).json()["number"] == waiting.number
    await siege.nobody_got_ahead()


ADDRESSES = {
    "encoded": "/%61pi/v1/periods/{id}/tickets/%6De",
    "a slash twice": "/api//v1/periods/{id}/tickets/me",
    "a slash in front": "//api/v1/periods/{id}/tickets/me",
    "dots": "/api/v1/periods/x/../{id}/tickets/me",
    "encoded dots": "/api/v1/periods/x/%2e%2e/{id}/tickets/me",
    "an encoded slash": "/api/v1/periods/{id}%2Ftickets/me",
    "a parameter": "/api/v1/periods/{id};number=1/tickets/me",
    "capitals": "/API/V1/periods/{id}/tickets/me",
    "a backslash": "/api\\v1\\periods\\{id}\\tickets\\me",
    "a fragment": "/api/v1/periods/{id}/tickets/me#/operateur",
    "a whole URL": "http://guichet.invalid/api/v1/periods/{id}/tickets/me",
    "an encoded NUL": "/api/v1/periods/{id}%00/tickets/me",
    "an asterisk": "*",
}  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
async def test_another_spelling_of_an_address_opens_nothing_else(battlefield: Ground, name: str) -> None:
    """It is that address with the same rules, or none: without a ticket no position, and nobody's else with one."""
    siege = await battlefield.siege(1)
    path = ADDRESSES[name].replace("{id}", siege.period.id)
    for one in (siege.person(), siege.honest[0]):
        sent = request("GET", path, one.headers(), None)
        answer = parsed(await send(battlefield.port, sent))
        assert answer.status in (400, 401, 404, 421) or (one.number == 1 and answer.json()["number"] == 1), (
            answer
        )
    await siege.nobody_got_ahead()


async def test_http_1_0_is_no_way_round(battlefield: Ground) -> None:
    """Without a Host and without a body's length: the same rules."""
    siege = await battlefield.siege()
    robot = siege.person()
    joined = await robot.join(version="1.0", Host=None)
    assert (joined.status, joined.code) == (421, "misdirected"), "it names no host, so it is none of ours"
    assert (await robot.join(version="1.0")).status == 201 and robot.number == 4
    foreign = await robot.ask("DELETE", "tickets/me", version="1.0", Origin="http://ailleurs.invalid")
    assert foreign.code == "foreign_origin"
    await siege.nobody_got_ahead()


def smuggled(siege: AttackSiege, robot: Attacker) -> bytes:
    """What an attacker hides: leaving, as whoever's connection it is."""
    return request("DELETE", robot.at("tickets/me"), robot.headers(), None)


def smuggling(siege: AttackSiege, robot: Attacker) -> dict[str, bytes]:
    hidden = smuggled(siege, robot)
    head = "\r\n".join(
        [f"POST {robot.at('tickets')} HTTP/1.1"]
        + [f"{name}: {value}" for name, value in robot.headers(Connection="keep-alive")]
    ).encode()
    chunked = b"0\r\n\r\n"
    size = str(len(chunked) + len(hidden)).encode()

    def sent(headers: bytes, body: bytes) -> bytes:
        return head + b"\r\n" + headers + b"\r\n\r\n" + body

    return {
        "length and chunks": sent(
            b"Content-Length: " + size + b"\r\nTransfer-Encoding: chunked", chunked + hidden
        ),
        "chunks and length": sent(b"Transfer-Encoding: chunked\r\nContent-Length: 4", chunked + hidden),
        "two lengths": sent(b"Content-Length: 0\r\nContent-Length: " + str(len(hidden)).encode(), hidden),
        "a list of lengths": sent(b"Content-Length: 0, " + str(len(hidden)).encode(), hidden),
        "a signed length": sent(b"Content-Length: +2", b"{}" + hidden),
        "a length in hexadecimal": sent(b"Content-Length: 0x2", b"{}" + hidden),
        "chunks twice": sent(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", chunked + hidden),
        "chunks with a space": sent(
            b"Transfer-Encoding : chunked\r\nContent-Length: " + size, chunked + hidden
        ),
        "chunks under another name": sent(
            b"Transfer-Encoding: xchunked\r\nContent-Length: " + size, chunked + hidden
        ),
        "a folded line": sent(b"Transfer-Encoding:\r\n chunked\r\nContent-Length: " + size, chunked + hidden),
        "a bare line feed": sent(
            b"X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: " + size, chunked + hidden
        ),
        "an odd chunk": sent(b"Transfer-Encoding: chunked", b"2\r\n{}\r\n0;\n\r\n\r\n" + hidden),
        "a huge chunk": sent(b"Transfer-Encoding: chunked", b"FFFFFFFFFFFFFFFFF\r\n{}\r\n" + hidden),
        "a header in the value": sent(
            b"X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: " + size, chunked + hidden
        ),
        "a NUL in a header": sent(b"X-A: \0\r\nContent-Length: " + size, chunked + hidden),
    }


SMUGGLING = (
    "length and chunks", "chunks and length", "two lengths", "a list of lengths", "a signed length",
    "a length in hexadecimal", "chunks twice", "chunks with a space", "chunks under another name", "a folded line",
    "a bare line feed", "an odd chunk", "a huge chunk", "a header in the value", "a NUL in a header",
)  # fmt: skip


@pytest.mark.parametrize("name", SMUGGLING)
async def test_a_hidden_request_reaches_nobody_elses_place(battlefield: Ground, name: str) -> None:
    """Every answer on that connection is the sender's own; it is refused, or read one way only. Nobody else moves."""
    siege = await battlefield.siege()
    robot = (await siege.people(1))[0]
    got = await send(battlefield.port, smuggling(siege, robot)[name], seconds=1.0)
    statuses = [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]]
    assert statuses
    assert all(status < 500 for status in statuses)
    assert statuses[0] in (200, 400)
    for person in siege.honest:
        assert (await person.me())["state"] == "waiting"
    newcomer = (await siege.people(1))[0]
    assert newcomer.number >= 5
    await siege.nobody_got_ahead()


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Long", "x" * 40_000), ("Cookie", "ticket-x=" + "A" * 40_000), ("Authorization", "Bearer " + "A" * 40_000),
     ("Idempotency-Key", "A" * 40_000), ("Origin", "http://" + "a" * 40_000), ("User-Agent", "Mozilla/5.0 " * 4_000)],
)  # fmt: skip
async def test_a_huge_header_is_a_clear_no(battlefield: Ground, name: str, value: str) -> None:
    """400, and no number is spent on it."""
    siege = await battlefield.siege()
    robot = siege.person()
    refused = await robot.join(**{name.replace("-", "_"): value})
    assert (refused.status, refused.code) == (400, "bad_request")
    assert (await siege.people(1))[0].number == 4
    await siege.nobody_got_ahead()


ORIGINS = {
    "null": "null", "another site": "https://ailleurs.invalid", "empty": "",
    "ours as a prefix": "{own}.ailleurs.invalid", "ours as a user": "http://127.0.0.1@ailleurs.invalid",
    "another port": "http://127.0.0.1:1", "another scheme": "https://127.0.0.1:{port}", "a path": "{own}/",
    "a file": "file://", "two in one": "{own} https://ailleurs.invalid", "an extension": "chrome-extension://abcdef",
}  # fmt: skip


def unsafe() -> list[tuple[str, str]]:
    """Every unsafe call of the API, and every form of the pages."""
    calls = [(call.method.upper(), call.path) for call in openapi.CALLS if call.method != "get"]
    forms = (
        "/periodes/{id}/joindre",
        "/periodes/{id}/quitter",
        "/periodes/{id}/connexion",
        "/periodes/{id}/demande",
    )
    return calls + [("POST", path) for path in (*forms, "/connexion", "/deconnexion")]


@pytest.mark.parametrize("name", ORIGINS)
async def test_another_site_can_do_nothing_with_our_cookies(battlefield: Ground, name: str) -> None:
    """Every unsafe route, and the socket: 403, and the place is as it was."""
    siege = await battlefield.siege()
    victim = siege.honest[1]
    origin = ORIGINS[name].replace("{own}", battlefield.url).replace("{port}", str(battlefield.port))
    assert len(unsafe()) > 15
    for method, path in unsafe():
        where = path.replace("{id}", siege.period.id)
        kind = "application/json" if path.startswith("/api") else FORM
        answer = await victim.ask(method, where, b"", keep=False, Origin=origin, Content_Type=kind)
        assert (answer.status, answer.code) == (403, "foreign_origin"), (method, path)
    headers = [pair for pair in victim.headers(Origin=origin) if pair[0] != "Connection"]
    headers += [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    shake = request(
        "GET", victim.at("live"), [*headers, ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")], None
    )
    assert parsed(await send(battlefield.port, shake, seconds=1.0)).status == 403
    assert (await victim.me())["state"] == "waiting"
    await siege.nobody_got_ahead()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "CROSS-SITE", "weird"])
async def test_without_an_origin_the_browser_says_where_it_comes_from(battlefield: Ground, site: str) -> None:
    """A form of another site whose browser sends no Origin names the site in `Sec-Fetch-Site`."""
    siege = await battlefield.siege()
    victim = siege.honest[1]
    refused = await victim.ask("DELETE", "tickets/me", keep=False, Origin=None, Sec_Fetch_Site=site)
    assert refused.code == "foreign_origin"
    bare = await victim.ask("DELETE", "tickets/me", keep=False, Origin=None)
    assert bare.code == "foreign_origin"
    await siege.nobody_got_ahead()


async def test_without_the_gate_another_site_would_leave_for_the_victim(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with origins not looked at, a page elsewhere gives the victim's place away."""
    siege = await battlefield.siege()
    victim = siege.honest[1]
    monkeypatch.setattr(SameOrigin, "is_foreign", lambda gate, scope: False)
    left = await victim.ask("DELETE", "tickets/me", keep=False, Origin="https://ailleurs.invalid")
    assert left.status == 204
    assert (await victim.me())["state"] == "left"
