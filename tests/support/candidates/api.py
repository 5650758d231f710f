"""The candidate's calls over HTTP: one browser, and what it sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from casework import api as casework_api
from casework.file_page.facts import checklist_fact, file_fact, payment_fact, representative_fact
from casework.payments.services import payment_services
from server.fast_path import framework_routes
from server.problems import Problems
from submission import api as submission_api
from tests.support.casework.lists import LISTS
from tests.support.desks import ANSWERS, PASSWORD, REPRESENTATIVES, CalledPerson, Desk, call, make_account
from tests.support.rooms import KEYS, make_period
from tests.support.tasks import KNOWN

FACTS = {
    "file": file_fact,
    "payment": payment_fact(payment_services(KNOWN, KEYS, REPRESENTATIVES)),
    "checklist": checklist_fact(LISTS.cipher),
    "representative": representative_fact,
}

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

IPAD = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15"
)

SIGNATURE = {"declaration": True, "signature": {"capacity": "candidate"}}


def secrets_of(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"username": f"essai-{number:05d}", "password": PASSWORD, "answers": ANSWERS, **more}


async def called_in(client: httpx.AsyncClient, desk: Desk, number: int = 1) -> CalledPerson:
    """This browser was called: it has the ticket's cookie."""
    await make_account(desk, number)
    called = await call(desk, await make_period(desk.db), number)
    client.cookies.set("ticket-essai", called.ticket)
    return called


@asynccontextmanager
async def browsing(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """One browser, without the frame around the application."""
    routes = [
        *framework_routes(submission_api.fast_routes(desk.submissions)),
        *submission_api.routes(desk),
        *casework_api.routes(desk.accounts, FACTS),
    ]
    app = Starlette(routes=routes, exception_handlers=Problems("http://guichet.test").handlers())
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guichet.test", headers={"User-Agent": COMPUTER}
    ) as browser:
        yield browser
