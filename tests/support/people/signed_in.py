"""Each kind of person with a session of a running demo, as programs have it: cookies, and the files that are theirs."""

import contextlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from enum import StrEnum
from threading import Event
from typing import Any

import msgspec

from server.programs import AN_AGENT

CALLED_SECONDS = 60.0

PAID_SECONDS = 60.0


class SessionKind(StrEnum):
    """Whose session a call comes with."""

    NOBODY = "nobody"
    """None at all."""
    CANDIDATE = "candidate"
    """An account with a draft, and a place in line."""
    PAID = "paid"
    """An account whose file is submitted and paid."""
    OPERATOR = "operator"
    AGENT = "agent"
    CLERK = "clerk"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def is_staff(self) -> bool:
        return self not in (SessionKind.NOBODY, SessionKind.CANDIDATE, SessionKind.PAID)


class CallingPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What a program of this person carries, and what it knows of: `known`: name of a part of an address -> values."""

    kind: SessionKind
    cookies: dict[str, str] = {}
    known: dict[str, list[str]] = {}


class DemoClient:
    """Calls of one program to a running demo, with the cookies that it was given."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready, self.url = ready, ready["url"].rstrip("/")
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer, None where there is none. Raises HTTPError for a refusal."""
        headers = {"Content-Type": "application/json", "Origin": self.url, "User-Agent": AN_AGENT}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}{path}", content, headers, method=method)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            text = answer.read()
        return json.loads(text) if text else None

    def candidate(self, number: int, **more: Any) -> None:
        """Sign in as one of the ready accounts."""
        accounts = self.ready["accounts"]
        secrets = {"username": accounts["username"] % number, "password": accounts["password"]}
        self.ask("POST", "/api/v1/session", {**secrets, "answers": accounts["answers"], **more})

    def staff(self, role: str) -> None:
        """Sign in as the first who has this role."""
        of_role = next(one for one in self.ready["staff"] if one["role"] == role)
        self.ask(
            "POST",
            "/api/v1/staff/session",
            {"username": of_role["username"], "password": of_role["password"]},
        )

    def submitted(self, number: int) -> dict[str, Any]:
        """Through the line, and the receipt."""
        self.ask("POST", "/api/v1/periods/demo/tickets", {})
        place = self._until(
            "/api/v1/periods/demo/tickets/me", lambda one: one["state"] == "called", CALLED_SECONDS
        )
        self.candidate(number, token=place["token"])
        body = {"token": place["token"], "declaration": True, "signature": {"capacity": "candidate"}}
        accepted: dict[str, Any] = self.ask("POST", "/api/v1/periods/demo/submissions", body)
        return accepted

    def paid(self, receipt: str) -> dict[str, Any]:
        """By card, on the page of the demo's provider; the submission afterwards."""
        ordered = self.ask("POST", f"/api/v1/submissions/{receipt}/payments")
        choice = urllib.parse.urlencode({"choix": self.ready["sandbox"]["cards"]["ok"]}).encode()
        with contextlib.suppress(urllib.error.HTTPError):  # it leads back to us, where a browser would go on
            urllib.request.build_opener(_NoRedirect).open(ordered["href"], choice, timeout=20)
        address = f"/api/v1/submissions/{receipt}"
        return self._until(address, lambda one: one["payment"]["state"] == "paid", PAID_SECONDS)

    def _until(self, path: str, is_so: Any, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not is_so(found := self.ask("GET", path)):
            assert time.monotonic() < deadline, found
            Event().wait(0.1)
        answered: dict[str, Any] = found
        return answered


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Answers that lead elsewhere are the answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


def signed_in(ready: dict[str, Any], kind: SessionKind) -> CallingPerson:
    """This person on this demo. Beside them there is always somebody else, whose file is submitted and paid."""
    other, client = DemoClient(ready), DemoClient(ready)
    receipt = other.submitted(1)["receipt"]
    file = other.paid(receipt)
    known = {
        "receipt": [receipt],
        "number": [file["file_number"]],
        "reference": [receipt, file["file_number"]],
    }
    if kind is SessionKind.PAID:
        client = other
    elif kind is SessionKind.CANDIDATE:
        client.ask("POST", "/api/v1/periods/demo/tickets", {})
        client.candidate(2)
    elif kind.is_staff:
        client.staff(kind)
    return CallingPerson(kind=kind, cookies=client.cookies, known=known)
