"""A program that reads `/openapi.json` and tries everything it allows, and what it does not, finds what is written."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from config import openapi
from loadtests.run import a_demo
from server.programs import AN_AGENT
from tests.support.compat import Seen
from tests.support.people.signed_in import CallingPerson, SessionKind, signed_in

SCHEMATHESIS = "4.32.5"

INSTALL_SECONDS = 300.0

TRY_SECONDS = 100

SESSIONS_SECONDS = 20

ALONE_SECONDS, FEW_ACCOUNTS = 45, 20

SIGN_OUTS = ("delete_session", "delete_operator_session", "delete_staff_session")
"""Tried at the end: nothing else would be signed in after them."""

EXPECTED_NO = (401, 403, 404, 409, 410, 421, 429)
"""What a well-formed request may be told besides yes."""

REJECTED = (400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 421, 422, 429)
"""What a malformed request may be told: never a 5xx, and what is over is over before anybody reads a body."""

JUDGED = (*EXPECTED_NO, 422)
"""The same where a value is held against others: a programme that there is, an opening before its closing."""


def posted(url: str, path: str, body: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """The cookies and the body of an answer."""
    headers = {"Content-Type": "application/json", "Origin": url, "User-Agent": AN_AGENT}
    asked = urllib.request.Request(f"{url}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        pairs = [line.partition(";")[0].partition("=") for line in answer.headers.get_all("Set-Cookie") or ()]
        return {name: value for name, _, value in pairs}, json.load(answer)


def configuration(ready: dict[str, Any], url: str) -> str:
    """Who it is, and which refusals are none of its business, as `schemathesis.toml`."""
    operator, accounts = ready["operator"], ready["accounts"]
    secrets = {
        "username": accounts["username"] % 1,
        "password": accounts["password"],
        "answers": accounts["answers"],
    }
    candidate, _ = posted(url, "/api/v1/session", secrets)
    steering, _ = posted(
        url, "/api/v1/operator/session", {"username": operator["username"], "password": operator["password"]}
    )
    _, place = posted(url, "/api/v1/periods/demo/tickets", {})
    accepted = json.dumps(["2xx", "3xx", *EXPECTED_NO])
    return f"""
[headers]
Origin = "{url}"
User-Agent = "{AN_AGENT}"

[auth.openapi.bearer]
bearer = "{place["ticket"]}"

[auth.openapi.session]
api_key = "{candidate["session"]}"

[auth.openapi.operator]
api_key = "{steering["operator"]}"

# Named here and not on the command line, which would come before what an operation has of its own.
[checks]
enabled = true

[checks.positive_data_acceptance]
expected-statuses = {accepted}

[checks.negative_data_rejection]
expected-statuses = {json.dumps(REJECTED)}

[[operations]]
include-path-regex = "^/api/v1/(operator|staff|agent|files|streams|account|accounts|drafts|deadlines)(/|$)"
checks.positive_data_acceptance.expected-statuses = {json.dumps(["2xx", "3xx", *JUDGED])}

# What is not signed by the provider is no event, whatever it says.
[[operations]]
include-path = "/api/v1/payments/webhook"
checks.positive_data_acceptance.expected-statuses = {json.dumps(["2xx", "3xx", "400", *JUDGED])}

# Who left is told that they left: what was deleted is the place, not the number.
[[operations]]
include-path = "/api/v1/periods/{{id}}/tickets/me"
checks.use_after_free.enabled = false
"""


def alone(person: CallingPerson, url: str) -> str:
    """The same of one person: what they carry, and addresses that lead to something."""
    schemes = {"session": "api_key", "operator": "api_key"}
    carried = [(name, key, person.cookies[name]) for name, key in schemes.items() if name in person.cookies]
    if ticket := person.cookies.get("ticket-demo"):
        carried.append(("bearer", "bearer", ticket))
    auth = "\n".join(f'[auth.openapi.{name}]\n{key} = "{value}"' for name, key, value in carried)
    parts = "\n".join(f'"path.{name}" = "{values[0]}"' for name, values in person.known.items())
    return f"""
[headers]
Origin = "{url}"
User-Agent = "{AN_AGENT}"

{auth}

[parameters]
{parts}

[checks]
enabled = true

[checks.positive_data_acceptance]
expected-statuses = {json.dumps(["2xx", "3xx", "400", *JUDGED])}

[checks.negative_data_rejection]
expected-statuses = {json.dumps(REJECTED)}

# Who left is told that they left: what was deleted is the place, not the number.
[checks.use_after_free]
enabled = false

# Whose submission it is not, it does not exist for, signed in or not (`docs/contract.md`).
[[operations]]
include-path = "/api/v1/submissions/{{receipt}}"
checks.ignored_auth.enabled = false
"""


def tried(
    program: Path, home: Path, url: str, seconds: int, *more: str
) -> "subprocess.CompletedProcess[str]":
    """Schemathesis with every check, from one seed, for so long."""
    command = [
        str(program), "--config-file", str(home / "schemathesis.toml"), "run", f"{url}/openapi.json",
        "--max-time", str(seconds), "--seed", "2016", "--no-color", "--generation-database", "none",
        "--continue-on-failure", "--request-timeout", "20", *more,
    ]  # fmt: skip
    return subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=seconds + 120, check=False
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Schemathesis, in an environment of its own."""
    home = tmp_path_factory.mktemp("schemathesis") / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=INSTALL_SECONDS)
    install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, f"schemathesis=={SCHEMATHESIS}"], check=True, timeout=INSTALL_SECONDS)
    return home / "bin" / "schemathesis"


@pytest.mark.compat
@pytest.mark.slow
def test_schemathesis_finds_what_is_written(program: Path, tmp_path: Path, seen: Seen) -> None:
    """Every check of it holds against a running demo, first with everybody signed in, then for signing out."""
    others = [word for name in SIGN_OUTS for word in ("--exclude-operation-id", name)]
    own = [word for name in SIGN_OUTS for word in ("--include-operation-id", name)]
    with a_demo(tmp_path / "data") as ready:
        url = ready["url"].rstrip("/")
        (tmp_path / "schemathesis.toml").write_text(configuration(ready, url), "utf-8")
        runs = (
            tried(program, tmp_path, url, TRY_SECONDS, *others),
            tried(program, tmp_path, url, SESSIONS_SECONDS, *own),
        )
    for done in runs:
        assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    seen(
        "calls",
        "Schemathesis",
        SCHEMATHESIS,
        f"every check holds for {len(openapi.CALLS)} calls of `/openapi.json`",
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", SessionKind)
def test_each_kind_of_person_finds_what_is_written(program: Path, tmp_path: Path, kind: SessionKind) -> None:
    """Every check of it holds with the session of this person alone, in a demo of their own, where somebody else's file
    is submitted and paid."""
    others = [word for name in SIGN_OUTS for word in ("--exclude-operation-id", name)]
    with a_demo(tmp_path / "data", accounts=FEW_ACCOUNTS, web=1) as ready:
        url = ready["url"].rstrip("/")
        (tmp_path / "schemathesis.toml").write_text(alone(signed_in(ready, kind), url), "utf-8")
        done = tried(program, tmp_path, url, ALONE_SECONDS, *others)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
