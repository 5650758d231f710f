"""A service where accounts are made, and what its messages said; browsers are httpx clients."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import sqlalchemy as sa
from starlette.applications import Starlette

from accounts.pages import SignInPages
from accounts.registration import api as registration_api
from accounts.registration.pages import RegistrationPages
from accounts.registration.services import RegistrationServices, registration_services
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.mail import sealing
from foundation.mail.store import mail
from foundation.sql.database import Database
from server.fast_path import framework_routes
from server.problems import Problems
from submission import api as submission_api
from tests.support.candidates.api import COMPUTER
from tests.support.desks import Desk, make_desk
from tests.support.rooms import KEYS

PUBLIC_URL = "http://guichet.test"

PASSWORD = "trente girafes sous la pluie"

ANSWERS = [
    {"question": "Quel plat n’avez-vous jamais réussi ?", "answer": "Le soufflé"},
    {"question": "Quelle chanson ne supportez-vous plus ?", "answer": "La ronde"},
    {"question": "Quel livre avez-vous abandonné ?", "answer": "Un traité"},
]

IDENTITY = {
    "family_name": "Essai-Roy", "given_name": "Ève", "birth_date": "1990-02-03", "passport": "ES 000 0001",
    "birth_country": "France",
}  # fmt: skip

FORM = {
    "username": "eve-essai", "email": "eve@exemple.invalid", "password": PASSWORD,
    **{f"question-{n}": one["question"] for n, one in enumerate(ANSWERS, 1)},
    **{f"answer-{n}": one["answer"] for n, one in enumerate(ANSWERS, 1)},
    **IDENTITY, "birth_country": "FR", "address": "1, rue de l’Essai\n69001 Lyon", "country": "FR", "terms": "oui",
}  # fmt: skip
"""A form filled in, of a person who does not exist."""


def body(**changes: Any) -> dict[str, Any]:
    """The same as a body of the API."""
    whole = {
        "programme": "demo", "username": "eve-essai", "email": "eve@exemple.invalid", "password": PASSWORD,
        "answers": ANSWERS, "identity": IDENTITY, "terms": True,
    }  # fmt: skip
    return whole | changes


class RegistrationPlace:
    """The routes of registration and of the sign-in on a real store."""

    def __init__(self, db: Database, *, limited: bool = False) -> None:
        sealing.seal_with(KEYS)
        self.db = db
        self.desk: Desk = make_desk(db)
        self.services: RegistrationServices = registration_services(
            self.desk.accounts, self.desk.programmes, KEYS, PUBLIC_URL, limited=limited
        )
        problems = Problems(PUBLIC_URL, renderer())
        sign_in = SignInPages(self.desk.accounts, renderer(), problems.tell, DESTINATIONS)
        routes = [
            *registration_api.routes(self.services),
            *RegistrationPages(self.services, renderer(), problems.tell).routes(),
            *submission_api.routes(self.desk),
            *framework_routes(sign_in.fast_routes()),
            *sign_in.routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers={"User-Agent": COMPUTER})

    async def messages(self) -> list[tuple[str, str, str]]:
        """Every message that was posted, in order: to whom, of what kind, its text."""
        rows = await self.db.read(lambda conn: conn.execute(sa.select(mail).order_by(mail.c.id)))
        cipher = sealing.cipher()
        return [
            (
                cipher.decrypt(row.recipient, sealing.field(row.key, "recipient")) or "",
                row.kind,
                cipher.decrypt(row.text, sealing.field(row.key, "text")) or "",
            )
            for row in rows
        ]

    async def code(self) -> str:
        """The code of the last message."""
        _, _, text = (await self.messages())[-1]
        found = re.search(r"code=([A-Z0-9-]+)", text)
        return found[1] if found else ""

    async def register(self, client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
        """Ask for an account over the API."""
        return await client.post("/api/v1/accounts", json=body(**changes))

    async def registered(self, client: httpx.AsyncClient, **changes: Any) -> str:
        """An account, asked for and confirmed; its user name."""
        username = (await self.register(client, **changes)).json()["username"]
        answer = await client.post("/api/v1/accounts/confirm", json={"code": await self.code()})
        assert answer.status_code == 200, answer.text
        return str(username)


@asynccontextmanager
async def registration_place(db: Database, *, limited: bool = False) -> AsyncIterator[RegistrationPlace]:
    """The routes, as long as this lasts."""
    made = RegistrationPlace(db, limited=limited)
    yield made
    made.desk.accounts.hasher.close()
