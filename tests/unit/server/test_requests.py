"""What a request carries: every wrong body is a refusal with a code, never an exception."""

import asyncio
import time
from typing import Annotated, Any, Literal

import msgspec
import pytest
from starlette.requests import Request
from starlette.types import Message

from foundation.errors import Code, Refusal, Unavailable
from server import requests
from waitingroom import device_evidence
from waitingroom.device import Probe


class SignatureBody(msgspec.Struct, frozen=True):
    capacity: Literal["candidate", "lawyer"]


class Body(msgspec.Struct, frozen=True):
    username: str = ""
    answers: list[str] = []
    cap: Annotated[int, msgspec.Meta(ge=0)] = 0
    text: Annotated[str, msgspec.Meta(max_length=10)] = ""
    declaration: bool = False
    signature: SignatureBody | None = None
    device: Probe | None = None


class Needs(msgspec.Struct, frozen=True):
    username: str


JSON = "application/json"

FORM = "application/x-www-form-urlencoded"


def request(body: bytes = b"", path: str = "/", client: str | None = "192.0.2.7", **headers: str) -> Request:
    """A request as the server hands it over, with its body in one piece."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": raw}
    scope["query_string"] = b""
    scope["client"] = (client, 50_000) if client else None
    return Request(scope, receive)


async def refused(body: bytes, type_: type[msgspec.Struct] = Body) -> tuple[str, list[dict[str, str]]]:
    with pytest.raises(Refusal) as caught:
        await requests.json_body(request(body, content_type=JSON), type_)
    return caught.value.code, caught.value.fields.get("fields", [])


async def test_a_body_is_read_strictly_and_unknown_fields_are_ignored() -> None:
    """A newer client may send more than we know; what we know arrives with its type."""
    raw = '{"username":"Zoé \U0001f642","answers":["a"],"device":{"touch_points":5},"later":[{}]}'.encode()
    body = await requests.json_body(request(raw), Body)
    assert body.username == "Zoé \U0001f642"
    assert body.answers == ["a"]
    assert body.device == Probe(touch_points=5)


@pytest.mark.parametrize("raw", [b"", b"  \n", b"{}"])
async def test_an_empty_body_is_all_defaults(raw: bytes) -> None:
    """Where all is optional nothing need be sent."""
    assert await requests.json_body(request(raw), Body) == Body()


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"nonsense", b'{"username":}', b'{"username":"a"} x', b'{"username":1,', b"'", b"\x00",
        b'{"cap":NaN}', b'{"cap":Infinity}', b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"username":"a\x00"}',
        b'{"username":"\xff"}', b'{"unknown":"\xff"}', b'{"\xff":1}', b'{"username":"\xed\xa0\x80"}',
        b'{"username":"\\ud800"}', b'{"username":"\\udc00"}', b'{"username":"\\ud800\\u0041"}',
        b'{"unknown":"\\ud800"}', b"[" * 60_000, b'{"unknown":' * 10_000,
        b'{"unknown":' + b"[" * 30_000 + b"]" * 30_000 + b"}", b"[" * 30_000 + b"]" * 30_000,
    ],
    ids=lambda raw: repr(raw[:20]),
)  # fmt: skip
async def test_what_is_not_json_is_a_bad_request(raw: bytes) -> None:
    """Malformed JSON, bad UTF-8, lone surrogates and bottomless nesting have one answer."""
    assert await refused(raw) == ("bad_request", [])


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b'{"username":1}', "username", "un texte"),
        (b'{"username":null}', "username", "un texte"),
        (b'{"answers":["a",3]}', "answers[1]", "un texte"),
        (b'{"answers":"a"}', "answers", "une liste"),
        (b'{"cap":"12"}', "cap", "un nombre entier"),
        (b'{"cap":1.5}', "cap", "un nombre entier"),
        (b'{"cap":-1}', "cap", "hors des limites"),
        (b'{"cap":1e400}', "cap", "pas permise"),
        (b'{"text":"longer than ten"}', "text", "trop longue"),
        (b'{"declaration":"true"}', "declaration", "« true »"),
        (b'{"declaration":1}', "declaration", "« true »"),
        (b'{"signature":{"capacity":"notary"}}', "signature.capacity", "pas permise"),
        (b'{"signature":{}}', "signature.capacity", "obligatoire"),
        (b'{"device":{"touch_points":"x"}}', "device.touch_points", "un nombre entier"),
        (b'{"device":[]}', "device", "un objet"),
        (b"[]", "", "un objet"),
        (b"null", "", "un objet"),
        (b'{"username":"a\\u0000b"}', "username", "nul"),
        (b'{"answers":["a","\\u0000"]}', "answers[1]", "nul"),
        (b'{"device":{"pointer":"\\u0000"}}', "device.pointer", "nul"),
    ],
)
async def test_a_wrong_value_is_named_with_its_reason(raw: bytes, name: str, says: str) -> None:
    """A wrong type, a missing or a forbidden value says which field and why, in French."""
    code, fields = await refused(raw)
    assert code == "invalid"
    assert [field["name"] for field in fields] == [name]
    assert says in fields[0]["reason"]


async def test_a_missing_field_is_named_even_in_an_empty_body() -> None:
    """A body that must have something is not satisfied by nothing."""
    code, fields = await refused(b"", Needs)
    assert (code, fields[0]["name"]) == ("invalid", "username")


async def test_a_reason_never_repeats_what_was_typed() -> None:
    """The answer may be logged on its way; what somebody typed into the wrong field stays out of it."""
    _, fields = await refused(b'{"signature":{"capacity":"canary-7731"}}')
    assert "canary-7731" not in str(fields)


async def test_an_escaped_backslash_is_not_a_nul() -> None:
    """The text backslash, u, 0000 is a text like any other."""
    body = await requests.json_body(request(rb'{"username":"\\u0000"}'), Body)
    assert body.username == r"\u0000"


async def test_huge_integers_are_read_or_refused_but_never_an_error() -> None:
    """Python reads an integer of some digits; a thousand of them are refused as a value."""
    assert (await requests.json_body(request(b'{"cap":' + b"9" * 30 + b"}"), Body)).cap == int("9" * 30)
    assert (await refused(b'{"cap":' + b"9" * 6_000 + b"}"))[0] == "invalid"


async def test_a_form_is_read_as_text() -> None:
    """Accents, blanks and plus signs arrive as they were typed; the last of two counts."""
    raw = "username=Zo%C3%A9+B&answer=&x=1&x=2&raw=é".encode()
    fields = await requests.form_body(request(raw, content_type=FORM + "; charset=UTF-8"))
    assert fields == {"username": "Zoé B", "answer": "", "x": "2", "raw": "é"}
    assert await requests.form_body(request(b"")) == {}


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (b"a=%FF", FORM, "bad_request"),
        (b"a=\xff", FORM, "bad_request"),
        (b"&".join([b"a=1"] * 101), FORM, "bad_request"),
        (b"a=%ED%A0%80", FORM, "bad_request"),
        (b"a=1", "multipart/form-data; boundary=x", "bad_request"),
        (b"a=1", "text/plain", "bad_request"),
        (b"a=%00", FORM, "invalid"),
        (b"%00=1", FORM, "invalid"),
    ],
)
async def test_a_wrong_form_is_refused(raw: bytes, kind: str, code: str) -> None:
    """Bad UTF-8, too many fields, files and NUL characters are refusals."""
    with pytest.raises(Refusal) as caught:
        await requests.form_body(request(raw, content_type=kind))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fields", "probe"),
    [
        ({}, None),
        ({"touch_points": "", "pointer": ""}, None),
        ({"touch_points": "-1"}, None),
        ({"touch_points": "²"}, None),
        ({"touch_points": "0", "pointer": "fine"}, Probe(0, "fine")),
        ({"touch_points": "9" * 500}, Probe(9_999, "")),
        (
            {"touch_points": "5", "pointer": "coarse", "any_pointer": "fine", "any_hover": "hover"},
            Probe(5, "coarse", "fine", "hover"),
        ),
    ],
)
def test_a_form_without_script_says_nothing_of_the_device(
    fields: dict[str, str], probe: Probe | None
) -> None:
    """Empty probe fields mean unknown, not zero fingers."""
    assert device_evidence.probe_of(fields) == probe


MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Safari/605.1.15"
)


def test_the_probe_tells_a_tablet_that_says_it_is_a_macintosh() -> None:
    """DV-03: the same headers are a computer without touch and a tablet with five touch points."""
    asked = request(user_agent=MAC)
    assert device_evidence.device_of(requests.incoming(asked), None).allowed
    assert device_evidence.device_of(requests.incoming(asked), Probe(0, "fine")).allowed
    assert not device_evidence.device_of(requests.incoming(asked), Probe(5, "coarse")).allowed
    assert not device_evidence.device_of(requests.incoming(asked), Probe(10**40, "x" * 1000)).allowed


def test_no_agent_at_all_is_not_a_computer() -> None:
    """The rule is an allow-list: who says nothing is refused."""
    assert not device_evidence.device_of(requests.incoming(request()), None).allowed


@pytest.mark.parametrize(
    ("header", "text"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Bearer", None), ("", None)],
)
def test_only_a_bearer_counts(header: str, text: str | None) -> None:
    """Other schemes are as if nothing was sent."""
    assert requests.incoming(request(authorization=header)).bearer == text


@pytest.mark.parametrize(
    ("path", "accept", "json"),
    [
        ("/api/v1/periods", "text/html", True),
        ("/periodes/demo", "text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("/periodes/demo", "application/json", True),
        ("/periodes/demo", "application/problem+json", True),
        ("/periodes/demo", "*/*", False),
    ],
)
def test_json_is_for_the_api_and_for_who_asks(path: str, accept: str, json: bool) -> None:
    """A person with a browser gets a page, a program gets JSON."""
    assert requests.wants_json(request(path=path, accept=accept)) is json


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not:an:address", "not:an:address"),
        (None, "local"),
    ],
)
def test_limits_count_a_household_as_one_address(peer: str | None, counted: str) -> None:
    """An IPv6 household has 2^64 addresses; they count as one."""
    assert requests.incoming(request(client=peer)).address == counted


def test_a_forwarded_header_changes_nothing_here() -> None:
    """Only the server, from a proxy that is trusted by name, may replace the peer's address."""
    asked = request(x_forwarded_for="198.51.100.1", x_real_ip="198.51.100.1", forwarded="for=198.51.100.1")
    assert requests.incoming(asked).address == "192.0.2.7"


def test_the_age_of_a_request_counts_from_its_last_byte() -> None:
    """Submissions are judged by when they arrived, not by when we came to them."""
    asked = request()
    assert requests.incoming(asked).age_ms() == 0
    asked.scope[requests.RECEIVED] = time.monotonic() - 1.5
    assert 1_500 <= requests.incoming(asked).age_ms() < 3_000
    asked.scope[requests.RECEIVED] = time.monotonic() + 5
    assert requests.incoming(asked).age_ms() == 0


async def test_what_it_returns_or_raises_is_heard() -> None:
    """Either way once, and later."""
    heard: asyncio.Queue[object] = asyncio.Queue()

    async def works() -> int:
        return 7

    async def fails() -> int:
        raise ValueError("no")

    requests.when_done(works(), heard.put_nowait)
    requests.when_done(fails(), heard.put_nowait)
    assert heard.empty()
    async with asyncio.timeout(5):
        assert await heard.get() == 7
        assert isinstance(await heard.get(), ValueError)


def test_a_reload_after_a_form_repeats_nothing() -> None:
    """Post, redirect, get; no cache keeps the way."""
    answer = requests.see_other("/compte", ((b"set-cookie", b"a=b"),))
    assert (answer.status, answer.body, answer.kind) == (303, b"", (requests.NO_STORE,))
    assert answer.headers == ((b"location", b"/compte"), (b"set-cookie", b"a=b"))


def test_whatever_comes_of_a_reply_is_answered_once() -> None:
    """An answer, what is raised on the way to it, what came instead of the reply: nobody waits for nothing."""
    heard: list[object] = []

    def answer(reply: int) -> requests.Answer:
        if reply == 2:
            raise ValueError("no")
        return requests.see_other(f"/{reply}")

    told = requests.answering(heard.append, answer)
    refusal = Refusal(Code.NOT_FOUND)
    for reply in (1, 2, refusal, asyncio.CancelledError()):
        told(reply)
    assert heard[0] == requests.see_other("/1")
    assert isinstance(heard[1], ValueError) and heard[2] is refusal and isinstance(heard[3], Unavailable)
    assert len(heard) == 4
