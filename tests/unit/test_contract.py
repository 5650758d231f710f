"""The written contract says what the code answers: members, fields of their own, limits."""

import ast
import re
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from starlette.requests import Request

from accounts import passwords, sessions
from accounts.attempts import throttling
from accounts.states import SessionRole
from casework import api as casework_api
from config import openapi_schemas
from foundation.errors import Code, Refusal
from server import request_checks, requests
from server.problems import TABLE, Problems
from server.protocol import accept_gate, http_protocol
from submission.drafts.pages import LONGER_BODIES
from tests.support.candidates.api import FACTS
from tests.support.places import ROOT
from tests.support.sources import FOLDERS
from waitingroom.feed import endpoint as feed_endpoint
from waitingroom.joins import limits, proof_of_work, rules
from waitingroom.line import store

CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return CONTRACT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def written(row_begins: str) -> list[str]:
    """The cells of the table's row that begins so."""
    (row,) = [line for line in CONTRACT.splitlines() if line.startswith(f"| {row_begins}")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def own_fields() -> dict[str, set[str]]:
    """Code -> the fields that a refusal of it is given anywhere in the program."""
    found: dict[str, set[str]] = {}
    for package in ("quota", "waitingroom", "submission", "config"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal" and node.args:
                    codes = [c.value for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)]
                    names = {keyword.arg for keyword in node.keywords if keyword.arg}
                    for code in codes:
                        found.setdefault(str(code), set()).update(names)
    return {code: names for code, names in found.items() if names}


def test_every_field_of_a_refusal_is_written_down() -> None:
    """What a refusal brings besides the members of every problem stands beside its code."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*) \|$", section("Fields of refusals"), re.MULTILINE)
    said: dict[str, str] = {}
    for codes, text in rows:
        for code in re.findall(r"`(\w+)`", codes):
            said[code] = said.get(code, "") + text
    assert set(said) <= set(TABLE)
    missing = {
        (code, name)
        for code, names in own_fields().items()
        for name in names
        if f"`{name}`" not in said.get(code, "")
    }
    assert missing == set()


def test_the_members_of_a_problem_are_written_down() -> None:
    """Each is named where problems are explained, and required or not as the document says."""
    scope: dict[str, Any] = {"type": "http", "path": "/api/x", "headers": [], "method": "GET"}
    answer = Problems("http://guichet.test").response(Request(scope), Refusal(Code.NOT_FOUND))
    members = set(msgspec.json.decode(bytes(answer.body)))
    assert members == set(openapi_schemas.SCHEMAS["Problem"]["properties"])
    (line,) = [line for line in CONTRACT.splitlines() if line.startswith('- An expected "no"')]
    assert {name for name in members if f"`{name}`" not in line} == set()


def test_the_objects_are_written_down() -> None:
    """Period, operator's period and submission have the members that the contract names, each of them."""
    period = written("`GET /api/v1/periods`")[1]
    assert {name for name in openapi_schemas.PERIOD if not re.search(rf"\b{name}\b", period)} == set()
    more = set(openapi_schemas.SCHEMAS["OperatorPeriod"]["properties"]) - set(openapi_schemas.PERIOD)
    operator = section(
        "Operator (an operator's session; every call is in the audit log with who, when, what)"
    )
    assert {name for name in more if not re.search(rf"\b{name}\b", operator)} == set()
    found = SimpleNamespace(
        receipt="r",
        file_number="f",
        rank=1,
        status="submitted",
        history=[],
        documents=[],
        submitted_at=0,
        pay_by=0,
    )
    shown = set(casework_api.submission_shown(cast(Any, found))) | FACTS.keys()
    assert shown == set(openapi_schemas.SCHEMAS["Submission"]["properties"])
    row = written("`GET /api/v1/submissions/{receipt}`")[1]
    assert {name for name in shown if not re.search(rf"\b{name}\b", row)} == set()


def test_the_limits_are_those_of_the_code() -> None:
    """Each figure in the table is a constant that something obeys."""
    kib = 1024
    assert written("a request's head")[1] == f"{http_protocol.HEAD_SECONDS:g} s"
    assert written("the same, not yet complete")[1] == f"{http_protocol.MOST_HEAD_BYTES // kib} KiB"
    assert written("connections of a process whose")[1] == f"{http_protocol.MOST_WAITING:,}"
    assert written("an answer, to be taken")[1] == (
        f"{http_protocol.UNREAD_SECONDS:g} s for each {http_protocol.LEAST_READ_BYTES // kib} KiB"
    )
    assert written("all header fields")[1] == f"{request_checks.MOST_HEADER_BYTES // kib} KiB"
    assert written("a body | ")[1] == f"{request_checks.MOST_BODY_BYTES // kib} KiB"
    (longest,) = LONGER_BODIES.values()
    assert written("a post to the page of a draft")[1] == f"{longest // kib} KiB"
    assert written("a body, from")[1] == f"{request_checks.BODY_SECONDS:g} s"
    assert written("waiting for one's turn")[1] == f"about {store.PATIENCE_SECONDS:g} s"
    assert written("requests that a process works on")[1].startswith(f"{http_protocol.MOST_AT_WORK}, ")
    most = f"less {http_protocol.SPARE_FILES}; from {accept_gate.MARGIN} before that (a twentieth, where that is less)"
    assert (accept_gate.margin(20_000), accept_gate.margin(1_000)) == (accept_gate.MARGIN, 1_000 // 20)
    assert most in written("connections of a process |")[1]
    assert written("fields of a page's form")[1] == str(requests.MOST_FORM_FIELDS)
    assert written("`Idempotency-Key`")[1].startswith(f"{rules.LEAST_KEY} to {rules.MOST_KEY} ")
    assert f"{feed_endpoint.MOST_MESSAGES} in all" in written("frames a client")[1]
    for what, rate in {
        "joins of one address": limits.ADDRESS,
        "joins of one network": limits.NETWORK,
        "joins of one ticket": limits.PERSON,
        "first numbers or entries of one address": limits.CROWD_ADDRESS,
        "first numbers or entries of one network": limits.CROWD_NETWORK,
        "numbers and entries freed by waiting instead of a proof, of one address": limits.WAITED_ADDRESS,
        "numbers and entries freed by waiting instead of a proof, of one network": limits.WAITED_NETWORK,
        "the same over all accounts, of one address": throttling.ADDRESS,
        "the same over all accounts, of one network": throttling.NETWORK,
        "the same over all accounts, of one browser": throttling.PERSON,
    }.items():
        assert written(what)[1] == f"{rate.at_once:,} at once, {rate.per_second:g} a second after that", what
    tries = written("wrong tries at signing in")[1]
    assert throttling.FREE_TRIES == 5 and tries.startswith("five at once; ")
    assert f"{throttling.FIRST_DELAY_MS // 1000} s, doubling to {throttling.MOST_DELAY_MS // 1000} s" in tries
    account = written("wrong tries at a candidate's account")
    assert account[1] == str(throttling.ACCOUNT_TRIES)
    assert throttling.SLOWED_TRIES == 2 and account[2].startswith("a source has two at once; ")
    slow, slowest = throttling.SLOWED_FIRST_DELAY_MS // 1000, throttling.SLOWED_MOST_DELAY_MS // 1000
    assert f"{slow} s, doubling to {slowest} s" in account[2]
    strangers = written("wrong tries at a name of staff")[1]
    assert throttling.STAFF_TRIES == 10 and strangers.startswith("ten at once; ")
    assert (
        f"{throttling.FIRST_DELAY_MS // 1000} s, doubling to {throttling.MOST_DELAY_MS // 1000} s"
        in strangers
    )
    hashed = written("secrets of candidates that a process")[1]
    most_of_staff = passwords.STAFF_THREADS + passwords.STAFF_IN_LINE
    assert hashed.startswith(f"{passwords.IN_LINE} and its threads")
    assert hashed.endswith(f"; {most_of_staff}, and {passwords.SPARE} more of browsers that signed in before")
    assert throttling.RESERVED_TRIES == 3
    assert written("the same with a right code")[1] == written("wrong tries with a live")[1]
    assert written("wrong tries with a live")[1] == (
        f"three at once; then one each {throttling.RESERVED_DELAY_MS // 1000} s"
    )
    assert written("a proof |")[1] == f"{proof_of_work.LONGEST:,} characters"
    lasts = {role: ms // 60_000 for role, ms in sessions.LASTS_MS.items()}
    assert f"lasts {lasts[SessionRole.CANDIDATE]} minutes" in section("Limits")
    assert sessions.IDLE_MS == {SessionRole.OPERATOR: 30 * 60_000}
    assert "or half an hour after their last request" in section("Limits")
    assert f"an operator's {lasts[SessionRole.OPERATOR] // 60} hours" in section("Limits")


def test_every_page_that_is_written_down_is_a_route() -> None:
    """The addresses of the pages are the ones that the modules of pages serve."""
    pages = [
        path
        for folder in FOLDERS
        for name in ("pages.py", "gates.py")
        for path in (ROOT / folder).rglob(name)
    ]
    served = "".join(path.read_text(encoding="utf-8") for path in [*pages, ROOT / "server" / "problems.py"])
    served = served.replace("{receipt}", "{id}")
    addresses = re.findall(r"`(/[^`]*)`", section("Pages").replace("{receipt}", "{id}"))
    assert len(addresses) > 10
    assert [address for address in addresses if f'"{address}"' not in served and address != "/compte"] == []
