"""Every call of `/openapi.json` made by one person, and what of the answers is not as the document says.

Values of earlier answers go into later calls, so that they get past « not found »: reading calls come first.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from foundation.errors import Code
from server.problems import TABLE
from tests.support.calls.schemas import Schemas

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

ANSWER_SECONDS = 20.0

MOST_SEEN = 12

METHODS = ("get", "put", "post", "patch", "delete")
"""In the order in which they are made."""

SKIPPED = frozenset({
    "/metrics", "/openapi.json", "/readyz",
    "/api/v1/session", "/api/v1/operator/session", "/api/v1/staff/session", "/api/v1/session/renew",
})  # fmt: skip
"""Not made in a round: what is not of one person, and what would end the session or begin another one."""


BODY_FIRST = frozenset({
    ("put", "/api/v1/drafts/{programme}/sections/{section}"), ("post", "/api/v1/periods/{id}/submissions"),
    ("post", "/api/v1/operator/periods/{id}/stop"),
})  # fmt: skip
"""Calls that come by the thousand, and the one that goes without SQL: a malformed body is refused before anybody asks
who sent it. It tells nothing of anybody."""


class DocumentedCall(NamedTuple):
    """A method and an address of the document, with what stands there."""

    method: str
    path: str
    operation: Mapping[str, Any]

    @property
    def scheme(self) -> str:
        """The credential that it cannot do without; empty for none."""
        ways = self.operation.get("security", [{}])
        return "" if {} in ways else next(iter(ways[0]))


class CallReply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str]


class CallRounds:
    """One person's calls to the service on this port. `findings` are those that were not answered as documented."""

    def __init__(
        self,
        port: int,
        document: Mapping[str, Any],
        cookies: Mapping[str, str],
        seed: str,
        seen: Mapping[str, list[Any]],
    ) -> None:
        self.document, self.cookies, self.random = document, dict(cookies), Random(seed)
        self.schemas = Schemas(document, self.random)
        self.seen: defaultdict[str, list[Any]] = defaultdict(
            list, {name: list(values) for name, values in seen.items()}
        )
        self.findings: list[str] = []
        self.counts: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._url, self._connection = (
            f"http://127.0.0.1:{port}",
            HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS),
        )

    def calls(self) -> Iterator[DocumentedCall]:
        """Those of a round."""
        for method in METHODS:
            for path, operations in self.document["paths"].items():
                if method in operations and path not in SKIPPED and not path.endswith("/live"):
                    yield DocumentedCall(method, path, operations[method])

    def run(self, rounds: int) -> list[str]:
        """So many rounds; what was found. Each call is made with a body as documented, and with a spoiled one."""
        for _ in range(rounds):
            for call in self.calls():
                body = self._body(call)
                self._made(call, body, is_spoiled=False)
                if "requestBody" in call.operation:
                    self._made(call, self.schemas.spoiled(body), is_spoiled=True)
        return self.findings

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def sign_in(self, path: str, body: Any) -> None:
        """Post this, and keep the cookies of the answer."""
        answer = self._ask("POST", path, json.dumps(body).encode())
        assert answer.status in (200, 201), answer.body
        pairs = [cookie.partition(";")[0].partition("=") for cookie in answer.cookies]
        self.cookies |= {name: value for name, _, value in pairs}

    def _body(self, call: DocumentedCall) -> Any:
        content = call.operation.get("requestBody", {}).get("content", {}).get("application/json")
        return None if content is None else self.schemas.invented(content["schema"], self.seen)

    def _made(self, call: DocumentedCall, body: Any, *, is_spoiled: bool) -> None:
        address = self._address(call)
        sent = None if "requestBody" not in call.operation else json.dumps(body).encode()
        answer = self._ask(call.method.upper(), address, sent)
        self.counts[f"{call.method} {call.path}", answer.status] += 1
        faults = [*self._faults(call, answer), *self._told_strangers(call, answer, is_spoiled)]
        for fault in faults:
            what = (sent or b"")[:300]
            self.findings.append(f"{call.method} {address[:200]} {what!r} -> {answer.status}: {fault}")
        if answer.status < 300 and answer.headers.get("content-type") == "application/json":
            self._remember(json.loads(answer.body), call.path)

    def _address(self, call: DocumentedCall) -> str:
        parameters = call.operation.get("parameters", [])
        path = call.path
        for one in parameters:
            if one["in"] == "path":
                value = self._part(one, call.path)
                path = path.replace(f"{{{one['name']}}}", quote(str(value), safe=""))
        asked = {
            one["name"]: self.schemas.invented(one["schema"], self.seen, one["name"])
            for one in parameters
            if one["in"] == "query" and self.random.random() < 0.3
        }
        return path + (f"?{urlencode(asked)}" if asked else "")

    def _part(self, parameter: Mapping[str, Any], path: str) -> Any:
        """A part of an address: what was seen of it, or an id from the list that it is one of."""
        name = parameter["name"]
        above = path.partition(f"/{{{name}}}")[0]
        known = self.seen.get(f"id of {above}") or self.seen.get(name)
        if known and self.random.random() < 0.9:
            return self.random.choice(known)
        return self.schemas.invented(parameter["schema"], {}, name)

    def _ask(self, method: str, address: str, body: bytes | None) -> CallReply:
        headers = {"User-Agent": BROWSER, "Origin": self._url, "Accept": "application/json"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, address, body, headers)
        got = self._connection.getresponse()
        headers = {name.lower(): value for name, value in got.getheaders()}
        return CallReply(got.status, headers, got.read(), got.headers.get_all("Set-Cookie") or [])

    def _faults(self, call: DocumentedCall, answer: CallReply) -> Iterator[str]:
        documented = call.operation["responses"].get(str(answer.status))
        kind = answer.headers.get("content-type", "")
        if answer.status >= 500 and not (
            answer.status == 503 and str(answer.status) in call.operation["responses"]
        ):
            yield f"broke: {answer.body[:200]!r}"
            return
        if documented is None:
            yield f"status is not documented: {answer.body[:300]!r}"
            return
        yield from (
            f"no {name}" for name in documented.get("headers", {}) if name.lower() not in answer.headers
        )
        if answer.status >= 400:
            yield from self._problem_faults(documented, answer, kind)
        elif content := documented.get("content", {}):
            media = kind.partition(";")[0]
            if media not in content:
                yield f"content type {kind}"
            elif media == "application/json":
                yield from self.schemas.faults(content[media]["schema"], json.loads(answer.body))

    def _told_strangers(self, call: DocumentedCall, answer: CallReply, is_spoiled: bool) -> Iterator[str]:
        """What whoever has no session of the right kind is told beyond that, but for what is wrong with a body that is
        read before SQL is asked who sends it."""
        is_body_first = is_spoiled and (call.method, call.path) in BODY_FIRST
        expected = {401, 403, 404, *((400, 422) if is_body_first else ())}
        if call.scheme and not self._holds(call.scheme) and answer.status not in expected:
            yield "somebody without a session of this kind is told more than no"

    def _problem_faults(self, documented: Mapping[str, Any], answer: CallReply, kind: str) -> Iterator[str]:
        if kind != "application/problem+json":
            yield f"a refusal of type {kind}"
            return
        problem = json.loads(answer.body)
        yield from self.schemas.faults({"$ref": "#/components/schemas/Problem"}, problem)
        code = problem["code"]
        if code not in TABLE or (problem["status"], TABLE[Code(code)].status) != (
            answer.status,
            answer.status,
        ):
            yield f"the code {code} is of another status"
        if f"`{code}`" not in documented["description"]:
            yield f"the code {code} is not documented: {answer.body[:300]!r}"

    def _holds(self, scheme: str) -> bool:
        if scheme in ("bearer", "ticket"):
            return any(name.startswith("ticket-") for name in self.cookies)
        return scheme in self.cookies

    def _remember(self, answered: Any, path: str) -> None:
        """What an answer says, by its names, for later calls."""
        if isinstance(answered, list):
            for one in answered[:MOST_SEEN]:
                self._remember(one, path)
        elif isinstance(answered, dict):
            for name, value in answered.items():
                if isinstance(value, (dict, list)):
                    self._remember(value, path)
                elif value is not None:
                    self._keep(name, value)
                    if name in ("id", "reference", "receipt", "serial", "day", "number", "file_number"):
                        self._keep(f"id of {path}", value)

    def _keep(self, name: str, value: Any) -> None:
        known = self.seen[name]
        if value not in known:
            known.append(value)
            del known[:-MOST_SEEN]


def encoded(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as clients read it."""
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return read
