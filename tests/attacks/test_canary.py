"""A thousand values that people typed are found nowhere but where they belong (P11).

They are planted from outside, by registration, drafts and submissions on a running service. Then every file below its
data folder is searched (Valkey's own too, with all that RQ keeps, and the logs), the metrics, the mail; and, of what is
encrypted at rest, the database file as well.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from loadtests.journey.answers import ServedForm, first_answers
from tests.support.processes.services import WINDOWS, RunningService, running, until

PEOPLE = 50

TEXTS = ("text", "lines")

CODE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b")


class Canaries:
    """Values that nobody else has typed, and all that were planted."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def one(self) -> str:
        value = f"canari{secrets.token_hex(8)}"
        self.planted.append(value)
        return value

    def found_in(self, text: bytes) -> list[str]:
        """Those that stand in this text, in whatever case."""
        low = text.lower()
        return [value for value in self.planted if value.encode() in low]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("canary") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "2", "--calls-per-minute", "600") as one:
        yield one


class Planter:
    """One person who types only canaries."""

    def __init__(self, service: RunningService, canaries: Canaries, number: int) -> None:
        self.service, self.canaries = service, canaries
        self.username = f"oiseau-{number:03d}-{secrets.token_hex(4)}"
        self.email = f"{canaries.one()}@exemple.invalid"
        self.password = f"{canaries.one()} sur la branche"
        self.answers = [canaries.one() for _ in range(3)]

    async def plant(self, client: aiohttp.ClientSession) -> None:
        one = self.canaries.one
        body = {
            "programme": "demo", "username": self.username, "email": self.email, "password": self.password,
            "answers": [{"question": f"{self.canaries.one()} ?", "answer": one} for one in self.answers],
            "identity": {"family_name": one(), "given_name": one(), "birth_date": "1990-02-03",
                         "passport": one()[:20], "birth_country": "FR"},
            "address": {"lines": [one(), one()], "country": "CA"}, "terms": True,
        }  # fmt: skip
        await self.call(client, "POST", "/api/v1/accounts", body, 202)
        code = await until(lambda: self.code(client), 60, "the message with the code has come")
        await self.call(client, "POST", "/api/v1/accounts/confirm", {"code": code}, 200)
        secrets_typed = {"username": self.username, "password": self.password, "answers": self.answers}
        await self.call(client, "POST", "/api/v1/session", secrets_typed, 200)
        form = await self.call(client, "GET", "/api/v1/programmes/demo/form", None, 200)
        for section in msgspec.convert(form, ServedForm).sections:
            answers = first_answers(section, 1)
            if "members" not in answers:
                answers |= {field.id: one() for field in section.fields if field.type in TEXTS}
            path = f"/api/v1/drafts/demo/sections/{section.id}"
            await self.call(client, "PUT", path, {"version": 0, "answers": answers}, 200)
        await self.call(client, "GET", "/api/v1/account/export", None, 200)

    async def code(self, client: aiohttp.ClientSession) -> str | None:
        mails = await self.call(client, "GET", f"/demo/courriels.json?to={self.email}", None, 200)
        return next((found for mail in mails for found in CODE.findall(mail["text"])), None)

    async def call(
        self, client: aiohttp.ClientSession, method: str, path: str, body: Any, status: int
    ) -> Any:
        async with client.request(method, path, json=body) as answer:
            assert answer.status == status, (method, path.partition("?")[0], answer.status)
            return await answer.json() if answer.content_length != 0 else None


async def planted(service: RunningService) -> Canaries:
    """Everybody's values, planted eight people at a time."""
    canaries, gate = Canaries(), asyncio.Semaphore(8)

    async def one(number: int) -> None:
        headers = {"User-Agent": WINDOWS, "Origin": service.url}
        jar = aiohttp.CookieJar(unsafe=True)
        async with (
            gate,
            aiohttp.ClientSession(base_url=service.url, headers=headers, cookie_jar=jar) as client,
        ):
            await Planter(service, canaries, number).plant(client)

    await asyncio.gather(*map(one, range(PEOPLE)))
    return canaries


def files(service: RunningService) -> Iterable[Path]:
    """Every file that the service wrote, and what it said on its error stream. The demo's mailbox is the reader's: each
    message there names whom it went to, and is searched apart."""
    written = (path for path in service.data.rglob("*") if path.is_file())
    yield from (path for path in written if path.parent.name != "courriels")
    yield service.data.parent / f"{service.data.name}.err"


@pytest.mark.slow
async def test_a_thousand_values_are_nowhere_but_where_they_belong(service: RunningService) -> None:
    """Not in a log, a metric, a message, a key of Valkey or a task of RQ; and in the database only encrypted."""
    canaries = await planted(service)
    assert len(canaries.planted) >= 1_000
    found = {
        str(path.relative_to(service.data.parent)): values
        for path in files(service)
        if (values := canaries.found_in(path.read_bytes()))
    }
    assert {name: len(values) for name, values in found.items()} == {}, found
    async with aiohttp.ClientSession(base_url=service.url) as client:
        async with client.get("/metrics") as metrics:
            assert canaries.found_in(await metrics.read()) == []
        async with client.get("/demo/courriels.json") as mails:
            texts = "".join(mail["subject"] + mail["text"] for mail in await mails.json())
            assert texts and canaries.found_in(texts.encode()) == []


@pytest.mark.slow
async def test_a_value_that_is_not_encrypted_would_be_found(service: RunningService) -> None:
    """Twin: a user name is kept as it is, and the same search finds it in the database."""
    canaries, name = Canaries(), service.ready["accounts"]["username"] % 1
    canaries.planted.append(name)
    assert any(canaries.found_in(path.read_bytes()) for path in files(service) if ".db" in path.name)
