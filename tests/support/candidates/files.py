"""The pages of a candidate on a real store, from the sign-in to the documents; browsers are httpx clients."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from accounts import store as accounts_store
from accounts.identities import answers_text
from accounts.pages import SignInPages
from accounts.passwords import Hasher
from casework.checklists.pages import ChecklistPages
from casework.checklists.section import list_section
from casework.decisions.section import decision_section
from casework.file_page.pages import FilePages
from casework.letters import section
from casework.letters.pages import DocumentPages
from casework.letters.printed.pages import FilePrintPages
from casework.mailbox.api import MessageApi
from casework.mailbox.pages import MessagePages
from casework.pages import DESTINATIONS, CasePages
from casework.payments.services import payment_services
from casework.signed.pages import SignedPages
from casework.withdrawal.api import WithdrawalApi
from casework.withdrawal.pages import WithdrawalPages
from casework.withdrawal.section import withdrawal_section
from config.assets import renderer
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import store as quota_store
from quota.store import Period
from server.fast_path import framework_routes
from server.problems import Problems
from submission.drafts import repository
from submission.drafts.pages import DraftPages
from submission.drafts.reading import DraftReader
from submission.drafts.saving import DraftSaves
from submission.pages import CandidatePages
from submission.turns.window import Windows
from tests.support.casework.lists import DECISIONS
from tests.support.casework.messages import MAILBOX
from tests.support.desks import CHEAP, REPRESENTATIVES, make_desk
from tests.support.forms.filled import filled
from tests.support.rooms import KEYS, make_period
from waitingroom.tickets import Ticket, Tickets

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

TELEPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)

PASSWORD, ANSWERS = "un mot de passe secret", ["Lévis", "Le Petit Prince"]


RIGHT = {
    "username": "anne",
    "password": PASSWORD,
    "answer-1": ANSWERS[0],
    "answer-2": ANSWERS[1],
    "answer-3": "",
}

SIGNED = {"declaration": "true", "capacity": "candidate"}

HERE = "/periodes/essai"


class FilePlace:
    """The pages on a real store, with one open period and one called number; browsers are httpx clients."""

    def __init__(self, db: Database, period: Period) -> None:
        self.db, self.period = db, period
        self.tickets = Tickets(KEYS)
        self.desk = make_desk(db, hasher=Hasher(cost=CHEAP))
        accounts, submissions = self.desk.accounts, self.desk.submissions
        problems = Problems("http://guichet.test", renderer())
        self.sign_in = sign_in = SignInPages(accounts, renderer(), problems.tell, DESTINATIONS)
        called = CandidatePages(submissions, renderer(), problems.tell)
        saves, reader = DraftSaves(self.desk), DraftReader(self.desk)
        drafts = DraftPages(saves, reader, sign_in, Windows(called.turns))
        documents = DocumentPages(sign_in, renderer())
        routes = [
            *framework_routes(
                [
                    *called.fast_routes(),
                    *sign_in.fast_routes(),
                    *drafts.fast_routes(),
                    *documents.fast_routes(),
                ]
            ),
            *called.routes(),
            *drafts.routes(),
            *sign_in.routes(),
            *CasePages(sign_in, renderer(), self.desk.programmes, self.desk.drafts, self.desk.forms).routes(),
            *documents.routes(),
            *self._files(sign_in, problems),
            *FilePrintPages(sign_in, renderer(), self.desk.programmes, self.desk.seals).routes(),
            *MessagePages(MAILBOX, sign_in, renderer()).routes(),
            *MessageApi(accounts, MAILBOX).routes(),
            *SignedPages(sign_in, renderer(), {"demo": "Démonstration"}, self.desk.seals).routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def _files(self, sign_in: SignInPages, problems: Problems) -> list[BaseRoute]:
        """The page of a file with its list and decision, and what is done from it."""
        sections = [
            decision_section(DECISIONS),
            list_section(DECISIONS.lists),
            section.section,
            withdrawal_section,
        ]
        files = FilePages(sign_in, renderer(), self.desk.programmes, sections)
        payments = payment_services(self.desk.programmes, KEYS, REPRESENTATIVES)
        return [
            *files.routes(),
            *ChecklistPages(files, DECISIONS.lists, problems.tell).routes(),
            *WithdrawalPages(files, payments, problems.tell).routes(),
            *WithdrawalApi(files, payments).routes(),
        ]

    def browser(self, number: int | None = None, agent: str = COMPUTER) -> httpx.AsyncClient:
        """A browser, with the ticket of this number if one is given."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://guichet.test",
            headers={"User-Agent": agent},
        )
        if number is not None:
            ticket = Ticket(self.period.uid, number, secrets.token_hex(16))
            client.cookies.set("ticket-essai", self.tickets.issue(ticket))
        return client

    async def call(self, number: int, **values: Any) -> None:
        """Give this number a row, a live token unless said otherwise, and hold its place."""
        now = now_ms()
        row = {
            "period": self.period.uid, "number": number, "state": "live", "called_at": now, "called_clock": 0,
            "ends": 600_000, "jti": secrets.token_hex(8),
        } | values  # fmt: skip

        async def write(conn: AsyncConnection) -> None:
            await conn.execute(sa.insert(quota_store.token).values(row))
            if row["state"] == "live":
                p = quota_store.period
                await conn.execute(sa.update(p).where(p.c.uid == self.period.uid).values(held=p.c.held + 1))

        await self.db.write(write)

    async def person(self, username: str = "anne", without: str = "", *, draft: bool = True) -> int:
        """An account with a draft, or with none; `without` names a path of it that was not filled in."""
        identity = {
            "family_name": "Roy",
            "given_name": username,
            "birth_date": "1985-04-02",
            "passport": username,
        }
        content = filled()
        if without:
            section, field = without.split(".")
            del content[section][field]
        account = {
            "username": username, "password_hash": CHEAP.hash(PASSWORD),
            "answers_hash": CHEAP.hash(answers_text(ANSWERS)),
            "questions": '["?", "?"]', "created_at": 0, "identity": msgspec.json.encode(identity).decode(),
        }  # fmt: skip

        async def write(conn: AsyncConnection) -> int:
            statement = (
                sa.insert(accounts_store.account).values(account).returning(accounts_store.account.c.id)
            )
            made = int((await conn.execute(statement)).scalar_one())
            if draft:
                await repository.add(conn, self.desk.drafts, {made: content}, "demo", now_ms())
            return made

        return await self.db.write(write)

    async def submitted(self, number: int = 7) -> tuple[httpx.AsyncClient, str]:
        """A browser that has been through everything, and where its receipt is. The caller closes it."""
        await self.person()
        await self.call(number)
        browser = self.browser(number)
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        answer = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert answer.status_code == 303, answer.text
        return browser, answer.headers["location"]


@asynccontextmanager
async def file_place(db: Database) -> AsyncIterator[FilePlace]:
    """The pages with an open period, as long as this lasts."""
    made = FilePlace(db, await make_period(db, ticked_at=now_ms()))
    yield made
    made.desk.accounts.hasher.close()
