"""Every refusal says what happened, why and what to do next, in French, with a stable code (P9)."""

import ast
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from foundation.errors import Code, Refusal, RefusalCause, Stale, Unavailable
from server.problems import TABLE, Problems, load_table, text_of
from tests.support.places import ROOT

CONTRACT = {
    "no_ticket": 401, "no_token": 401, "not_signed_in": 401, "not_allowed": 403, "not_your_role": 403,
    "second_factor_missing": 403,
    "foreign_origin": 403, "cookies_refused": 403, "device_refused": 403, "proof_required": 403, "room_not_open": 409,
    "period_closed": 410, "quota_reached": 410, "suspended": 409,
    "token_expired": 410, "token_used": 409, "token_other_browser": 403, "account_has_live_token": 409,
    "duplicate_account": 409, "duplicate_person": 409, "account_too_recent": 403, "bad_credentials": 401,
    "bad_security_answers": 401, "session_ended": 401, "draft_expired": 410, "draft_changed": 409,
    "modification_not_available": 409,
    "draft_incomplete": 422, "draft_submitted": 409,
    "signature_missing": 422, "representative_not_recognised": 403, "claim_pending": 409, "claim_not_accepted": 409,
    "consultant_not_recognised": 422, "representative_exists": 409,
    "account_has_submission": 409, "bad_code": 401,
    "move_not_allowed": 409, "not_found": 404, "bad_request": 400, "misdirected": 421,
    "invalid": 422, "too_large": 413, "method_not_allowed": 405, "rate_limited": 429, "unavailable": 503,
    "annulled": 410, "second_person_needed": 409, "retyped_differently": 409, "changed_meanwhile": 409,
    "not_ready": 409, "no_released_places": 409,
    "username_taken": 409,
    "email_already_used": 409,
    "registration_closed": 409,
    "password_weak": 422,
    "link_expired": 410,
    "email_unconfirmed": 403,
    "print_not_available": 403,
    "already_decided": 409, "review_pending": 409, "conflict": 409,
    "account_exists_for_person": 409, "account_ceded_refused": 403,
    "payment_pending": 409, "already_paid": 409, "payment_expired": 410,
}  # fmt: skip
"""The codes of docs/contract.md and the status of each."""


def codes_in_the_tree() -> Iterator[tuple[str, str]]:
    """Every code that is written as `Refusal("...")` in our packages, and where."""
    for package in ("quota", "waitingroom", "submission", "config"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                first = node.args[0]
                if name == "Refusal" and isinstance(first, ast.Constant):
                    yield str(first.value), f"{path.relative_to(ROOT)}:{node.lineno}"


def page(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
    """Stands where `config/app.py` passes its templates."""
    text = escape(
        " | ".join([template, *(str(context[key]) for key in ("code", "title", "reason", "remedy"))])
    )
    return HTMLResponse(f"<p>{text}</p><p>{escape(str(context.get('period', '-')))}</p>", status)


def app(error: Exception, render: Any = page) -> Starlette:
    """An application whose every call fails in one way."""
    problems = Problems("https://guichet.example/", render)

    async def fail(request: Request) -> Response:
        raise error

    async def fine(request: Request) -> Response:
        return PlainTextResponse("fine")

    routes = [
        Route("/api/v1/fail", fail), Route("/periodes/{id}", fail),
        Route("/api/v1/both", fine, methods=["GET"]), Route("/api/v1/both", fine, methods=["DELETE"]),
        *problems.routes(),
    ]  # fmt: skip
    return Starlette(routes=routes, exception_handlers=problems.handlers())


async def ask(asked: Starlette, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(asked, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.request(method, path, headers={**headers})


def test_every_code_of_the_contract_has_its_status_title_reason_and_remedy() -> None:
    """The table is the contract's list, no more and no less."""
    assert {code: entry.status for code, entry in TABLE.items()} == CONTRACT
    for code, entry in TABLE.items():
        for text in (entry.title, entry.reason, entry.remedy):
            assert text == text.strip(), code
            assert "'" not in text, f"{code}: a typewriter's apostrophe"
        assert entry.reason.endswith(".") and entry.remedy.endswith("."), code


def test_the_written_contract_lists_the_same_codes() -> None:
    """docs/contract.md, section Codes, and the table: neither has a code that the other has not."""
    written = (
        (ROOT / "docs" / "contract.md").read_text("utf-8").partition("## Codes")[2].partition("\n## ")[0]
    )
    listed = written.partition("; later")[0]
    assert set(
        re.findall(
            r"[a-z]+(?:_[a-z]+)+|\binvalid\b|\bmisdirected\b|\bsuspended\b|\bannulled\b|\bunavailable\b|\bconflict\b",
            listed,
        )
    ) == set(TABLE)


def test_every_code_that_the_code_raises_is_in_the_table() -> None:
    """No `Refusal` leaves without a text."""
    unknown = [f"{where} {code}" for code, where in codes_in_the_tree() if code not in TABLE]
    assert unknown == []


def test_a_wrong_table_says_which_code_and_key() -> None:
    """Who edits the texts is told where the mistake is."""
    good = 'status = 404\ntitle = "a"\nreason = "b"\nremedy = "c"\n'
    assert load_table("[x]\n" + good)["x"].status == 404
    for wrong, says in [
        ('[x]\nstatus = 404\ntitle = "a"\nreason = "b"\n', "remedy"),
        ("[x]\n" + good + 'colour = "red"\n', "colour"),
        ("[x]\n" + good.replace("404", "200"), "200"),
        ("[x]\n" + good.replace('"c"', '" "'), "need a text"),
    ]:
        with pytest.raises(ValueError, match=says) as caught:
            load_table(wrong)
        assert "[x]" in str(caught.value)


@pytest.mark.parametrize("code", sorted(Code))
async def test_each_refusal_is_a_problem_document(code: Code) -> None:
    """RFC 9457: type, title, status, detail, code, and the refusal's own fields."""
    answer = await ask(
        app(Refusal(code, opens_at="2016-06-13T12:30:00.000Z")), "/api/v1/fail", accept="text/html"
    )
    body = answer.json()
    assert answer.status_code == body["status"] == CONTRACT[code]
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"https://guichet.example/refus/{code}"
    assert (body["title"], body["detail"], body["code"]) == (TABLE[code].title, TABLE[code].reason, code)
    assert body["opens_at"] == "2016-06-13T12:30:00.000Z"
    assert ("www-authenticate" in answer.headers) is (CONTRACT[code] == 401)
    assert ("retry-after" in answer.headers) is (CONTRACT[code] in (429, 503))
    assert answer.headers["cache-control"] == "no-store"


async def test_a_person_gets_the_same_refusal_as_a_page() -> None:
    """The page has the title, the reason and the remedy, the same status, and leads back to the period."""
    answer = await ask(app(Refusal(Code.TOKEN_EXPIRED)), "/periodes/demo", accept="text/html")
    assert answer.status_code == 410
    assert answer.headers["content-type"].startswith("text/html")
    assert "refus.html" in answer.text
    assert escape(TABLE["token_expired"].remedy) in answer.text
    assert "<p>demo</p>" in answer.text


@pytest.mark.parametrize("code", sorted(Code))
async def test_the_type_of_a_problem_leads_to_its_explanation(code: Code) -> None:
    """`/refus/{code}` shows reason and remedy, to people and to programs."""
    shown = await ask(app(Refusal(code)), f"/refus/{code}", accept="text/html")
    assert shown.status_code == 200
    assert escape(TABLE[code].remedy) in shown.text
    told = await ask(app(Refusal(code)), f"/refus/{code}", accept="application/json")
    assert told.json()["remedy"] == TABLE[code].remedy


async def test_an_unknown_refusal_has_no_page() -> None:
    """An invented code is an address like any other."""
    answer = await ask(app(Refusal(Code.NO_TICKET)), "/refus/nothing", accept="text/html")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("after", "shortest", "longest"), [(None, 2, 5), (17, 17, 17), (0, 1, 1), (2.6, 2, 2)]
)
async def test_who_must_wait_is_told_how_long(after: float | None, shortest: int, longest: int) -> None:
    """`Retry-After` is the refusal's own, else 2 to 5 s; never 0, which would be a loop."""
    refusal = Refusal(Code.RATE_LIMITED) if after is None else Refusal(Code.RATE_LIMITED, retry_after=after)
    answer = await ask(app(refusal), "/api/v1/fail")
    assert shortest <= int(answer.headers["retry-after"]) <= longest


async def test_a_store_that_does_not_answer_is_our_fault_and_safe_to_repeat() -> None:
    """`Unavailable` and `Stale` are 503 with a moment to wait."""
    for error in (Unavailable("sql"), Stale()):
        answer = await ask(app(error), "/api/v1/fail")
        assert answer.status_code == 503
        assert answer.json()["code"] == "unavailable"
        assert answer.headers["retry-after"] == "2"


async def test_the_fields_of_a_refusal_cannot_pose_as_its_code() -> None:
    """The members of RFC 9457 come last and win."""
    body = (await ask(app(Refusal(Code.NOT_FOUND, status=200, title="ok")), "/api/v1/fail")).json()
    assert (body["status"], body["title"]) == (404, TABLE["not_found"].title)


async def test_unknown_paths_and_methods_are_refusals_too() -> None:
    """404 and 405 of the framework have our code; `Allow` names the methods of every route at the address."""
    asked = app(Refusal(Code.NO_TICKET))
    missing = await ask(asked, "/api/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = await ask(asked, "/api/v1/both", "PUT")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "DELETE, GET, HEAD"


@pytest.mark.parametrize(
    ("status", "code", "answered"), [(418, "bad_request", 400), (502, "unavailable", 503)]
)
async def test_odd_errors_of_the_framework_have_a_code(status: int, code: str, answered: int) -> None:
    """Whatever it raises, the answer is one of our codes."""
    answer = await ask(app(HTTPException(status)), "/api/v1/fail")
    assert (answer.status_code, answer.json()["code"]) == (answered, code)


async def test_what_nobody_expected_says_nothing_of_itself() -> None:
    """The last resort has the text of `unavailable` and not a word of the error, as JSON and as a page."""
    asked = app(RuntimeError("canary-4711 jean.tremblay"))
    for path in ("/api/v1/fail", "/periodes/demo"):
        answer = await ask(asked, path, accept="text/html")
        assert answer.status_code == 500
        assert "canary" not in answer.text
        assert "RuntimeError" not in answer.text
        assert "retry-after" in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert escape(TABLE["unavailable"].title) in answer.text


async def test_without_templates_everything_is_json() -> None:
    """Tools that compose no pages still get whole answers."""
    answer = await ask(app(Refusal(Code.NO_TICKET), render=None), "/periodes/demo", accept="text/html")
    assert answer.json()["code"] == "no_ticket"


@pytest.mark.parametrize("cause", list(RefusalCause))
def test_a_reason_of_its_own_has_words_of_its_own(cause: RefusalCause) -> None:
    """Title, reason and remedy say what is true of it, not of the code in general; the status is the code's."""
    text = text_of(Refusal(Code.TOKEN_USED, cause=cause))
    plain = TABLE[Code.TOKEN_USED]
    assert text.status == plain.status
    assert {text.title, text.reason, text.remedy}.isdisjoint(plain.words().values())


async def test_a_refusal_says_whose_session_this_browser_has() -> None:
    """In the problem and on the page, before the reason; what is no text stays none."""
    refusal = Refusal(Code.TOKEN_USED, cause=RefusalCause.SESSION_OF_ANOTHER, signed_in_as="<anne>")
    problem = (await ask(app(refusal), "/api/v1/fail")).json()
    assert problem["detail"].startswith(
        "Ce navigateur est connecté avec le compte «\N{NO-BREAK SPACE}<anne>\N{NO-BREAK SPACE}». "
    )
    assert (problem["code"], problem["cause"], problem["signed_in_as"]) == (
        "token_used", "session_of_another", "<anne>",
    )  # fmt: skip
    page = await ask(app(refusal), "/periodes/x", Accept="text/html")
    assert "«\N{NO-BREAK SPACE}&lt;anne&gt;\N{NO-BREAK SPACE}»" in page.text
    assert page.status_code == problem["status"] == 409


def test_a_reason_without_a_text_is_refused() -> None:
    """As an entry is; and so is a reason that there is not."""
    entry = '[token_used]\nstatus = 409\ntitle = "a"\nreason = "b"\nremedy = "c"\n'
    for more in ("session_of_another]\ntitle = ' '", "of_nobody]\ntitle = 'a'"):
        with pytest.raises(ValueError, match="token_used"):
            load_table(f"{entry}[token_used.cause.{more}\nreason = 'b'\nremedy = 'c'\n")
