"""The pages and calls of drafts on a real store; browsers are httpx clients, each signed in as somebody."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from accounts import sessions
from accounts import store as accounts_store
from accounts.pages import SignInPages
from accounts.states import SessionRole
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.clock import now_ms
from foundation.sql.database import Database
from server.fast_path import framework_routes
from server.problems import Problems
from submission.drafts.api import DraftApi
from submission.drafts.pages import DraftPages
from submission.drafts.reading import DraftReader
from submission.drafts.saving import DraftSaves
from submission.turns.turn import Turns
from submission.turns.window import Windows
from tests.support.desks import Desk, make_account, make_desk

HOUR_MS = 3_600_000

DEMO = "/demande/demo"

CALLS = "/api/v1/drafts/demo"


class DraftingPlace:
    """The pages and calls of drafts, without the frame around the application."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.db = desk, desk.db
        problems = Problems("http://guichet.test", renderer())
        sign_in = SignInPages(desk.accounts, renderer(), problems.tell, DESTINATIONS)
        self.saves, reader = DraftSaves(desk), DraftReader(desk)
        pages = DraftPages(self.saves, reader, sign_in, Windows(Turns(desk)))
        calls = DraftApi(self.saves, reader)
        fast = [*calls.fast_routes(), *pages.fast_routes(), *sign_in.fast_routes()]
        routes = [
            *framework_routes(fast),
            *calls.routes(),
            *pages.routes(),
            *sign_in.routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def browser(self, **cookies: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://guichet.test", cookies=cookies
        )

    async def session(self, account: int, lasts_ms: int = HOUR_MS) -> str:
        """A session of this account, as a sign-in leaves it; its cookie."""
        secret, now = secrets.token_urlsafe(32), now_ms()
        row = {
            "digest": sessions.digest(secret), "role": SessionRole.CANDIDATE, "owner": account, "created_at": now,
            "expires_at": now + lasts_ms,
        }  # fmt: skip

        async def write(conn: AsyncConnection) -> None:
            await conn.execute(sa.insert(accounts_store.session).values(row))

        await self.db.write(write)
        return secret

    async def signed_in(self, number: int = 1, *, draft: bool = False, **values: Any) -> httpx.AsyncClient:
        """The browser of a new account, with a draft if so."""
        account = await make_account(self.desk, number, draft=draft, **values)
        return self.browser(session=await self.session(account))


@asynccontextmanager
async def drafting_place(db: Database) -> AsyncIterator[DraftingPlace]:
    """It, as long as this lasts."""
    desk = make_desk(db)
    yield DraftingPlace(desk)
    desk.accounts.hasher.close()


def form_of(page: httpx.Response) -> dict[str, str]:
    """What a browser would send of a section's page as it came: hidden fields and texts."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attributes.get("type") not in ("radio", "checkbox") and "name" in attributes:
            found[attributes["name"]] = unescape(attributes.get("value", ""))
    return found


TRAINING = f"{CALLS}/sections/training"

MASTER = {"diploma": "Master", "field": "Informatique", "school": "Université de Lyon", "year": "2008"}


async def put(
    browser: httpx.AsyncClient, version: int, answers: Any, address: str = TRAINING
) -> httpx.Response:
    """Save a section over the call."""
    return await browser.put(address, json={"version": version, "answers": answers})


async def rows(place: DraftingPlace, table: sa.Table) -> list[Any]:
    """Every row of a table, in the order of their keys."""
    return list(await place.db.read(lambda conn: conn.execute(sa.select(table).order_by(*table.primary_key))))
