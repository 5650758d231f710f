"""Compression tells the length of what repeats (BREACH): so no answer that is compressed holds a secret.

A candidate and an operator go the whole way. Every secret that has come up until then is looked for in every compressed
answer: tickets, cookies, tokens, sessions, passwords and answers that were typed.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.requests import Request

from accounts.staff import add_operator
from foundation.clock import now_ms
from server.fast_path import FastPath
from server.rendering import forms
from server.rendering.compression import Coding, often
from server.rendering.page_answers import page_answer
from server.rendering.templating import Rendering
from server.requests import Answer
from tests.support import desks
from tests.support.people.attackers import FORM, Attacker, AttackReply, Ground
from tests.unit.server.rendering.test_compression import read

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_CODING = "gzip, deflate, br, zstd"

PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"

OPERATORS_PASSWORD = "le mot de passe du pupitre"

WRONG_PASSWORD, WRONG_ANSWER = "azerty-un-secret-mal-tape", "une-reponse-mal-tapee"

JWT = re.compile(rb"eyJ[\w-]{8,}\.[\w-]+")

PART = 24
"""Characters of a part of a secret that is one by itself, such as the signature of a ticket."""


class ListeningBrowser(Attacker):
    """A browser that takes every coding, learns every secret it hears, and looks for them in what is compressed."""

    def __init__(self, ground: Ground, period: str) -> None:
        super().__init__(ground, period)
        self.secrets: dict[str, str] = {}
        self.leaks: list[str] = []
        self.compressed: set[tuple[str, int]] = set()
        self.plain: set[tuple[str, int]] = set()

    def learn(self, name: str, value: str) -> None:
        for part in {value, *(part for part in value.split(".") if len(part) >= PART)}:
            self.secrets |= dict.fromkeys((part, escape(part), quote(part)), name)

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> AttackReply:
        """The answer with its body as a reader has it."""
        answer = await super().ask(method, path, body, **({"Accept_Encoding": EVERY_CODING} | more))
        headers = dict(answer.headers)
        coding = headers.get("content-encoding")
        answer = answer._replace(body=read(answer.body, Coding(coding or "identity")))
        for name, value in answer.cookies().items():
            if value and name != "cookie-check":
                self.learn(f"cookie {name}", value)
        if headers.get("content-type") == "application/json":
            said = answer.json()
            held = {"token", "ticket"} & set(said) if isinstance(said, dict) else set()
            for name in held:
                self.learn(name, said[name])
        (self.compressed if coding else self.plain).add(
            (f"{method} {path.partition('?')[0].replace(self.period, '{id}')}", answer.status)
        )
        if coding:
            self._look(f"{method} {path}", answer.body)
        return answer

    def _look(self, what: str, text: bytes) -> None:
        self.leaks += [f"{what}: {name}" for secret, name in self.secrets.items() if secret.encode() in text]
        self.leaks += [f"{what}: a token"] if JWT.search(text) else []

    async def page(self, path: str) -> AttackReply:
        return await self.ask("GET", path, Accept=PAGE)

    async def form(self, path: str, **fields: str) -> AttackReply:
        named = {
            name.replace("_", "-") if name.startswith("answer") else name: value
            for name, value in fields.items()
        }
        return await self.ask("POST", path, urlencode(named).encode(), Accept=PAGE, Content_Type=FORM)


def typed(**changed: str) -> dict[str, str]:
    answers = {f"answer_{n}": text for n, text in enumerate(desks.ANSWERS, 1)}
    return {"username": "essai-00001", "password": desks.PASSWORD} | answers | changed


async def candidates_way(ground: Ground, **period: Any) -> ListeningBrowser:
    """From the door to the receipt, with what goes wrong on the way; ends signed in, after the submission."""
    siege = await ground.siege(honest=0, **period)
    one = ListeningBrowser(ground, siege.period.id)
    here = f"/periodes/{one.period}"
    for secret in (desks.PASSWORD, WRONG_PASSWORD, WRONG_ANSWER, OPERATORS_PASSWORD):
        one.learn("what was typed", secret)
    for path in ("/", here, "/connexion", "/accessibilite", "/nothing", f"{here}/demande"):
        await one.page(path)
    await one.ask("GET", "tickets/me")
    assert (await one.form(f"{here}/joindre")).status == 303
    for path in (here, f"{here}/quitter", "/"):
        await one.page(path)
    await one.ask("GET", "tickets/me")
    await siege.call(1)
    token = await siege.token(one)
    one.learn("token", token)
    for path in (here, f"{here}/connexion", f"{here}/demande", "/"):
        await one.page(path)
    assert (await one.form(f"{here}/connexion", **typed(password=WRONG_PASSWORD))).status == 401
    for path in (f"{here}/connexion", "/connexion"):
        again = await one.form(path, **typed(answer_1=WRONG_ANSWER))
        assert again.status == 401 and WRONG_ANSWER.encode() in again.body
    assert (await one.form(f"{here}/connexion", **typed())).status == 303
    for path in (f"{here}/demande", here, "/compte", f"/connexion?compte=autre&suite={here}/demande"):
        await one.page(path)
    assert (await one.form(f"{here}/demande", capacity="candidate")).status == 422
    done = await one.form(f"{here}/demande", capacity="candidate", declaration="true")
    assert done.status == 303
    receipt = dict(done.headers)["location"]
    for path in (receipt, here, "/compte", "/documents", f"{here}/demande", "/"):
        await one.page(path)
    await one.ask("GET", "tickets/me")
    return one


async def operators_way(ground: Ground, period: str) -> ListeningBrowser:
    """The sign-in, the day, what asks before it is done, the record."""
    name = f"agnes-{period}"
    await ground.db.write(lambda conn: add_operator(conn, name, OPERATORS_PASSWORD, now_ms()))
    one = ListeningBrowser(ground, period)
    for secret in (OPERATORS_PASSWORD, WRONG_PASSWORD):
        one.learn("what was typed", secret)
    await one.page("/operateur")
    await one.form("/operateur/connexion", username=name, password=WRONG_PASSWORD)
    assert (await one.form("/operateur/connexion", username=name, password=OPERATORS_PASSWORD)).status == 303
    at = f"/operateur/periodes/{period}"
    for path in (
        f"/operateur?periode={period}", f"/operateur/jour?periode={period}", f"{at}/close", f"{at}/annul",
        f"{at}/verification", "/operateur/registre", "/operateur/registre?du=hier",
    ):  # fmt: skip
        await one.page(path)
    await one.ask("GET", "/api/v1/operator/periods")
    return one


SEEN = {
    ("GET /", 200), ("GET /periodes/{id}", 200), ("GET /connexion", 200), ("GET /accessibilite", 200),
    ("GET /nothing", 404), ("GET /periodes/{id}/quitter", 200), ("GET /periodes/{id}/connexion", 200),
    ("GET /periodes/{id}/demande", 200), ("POST /periodes/{id}/demande", 422),
    ("GET /compte", 200), ("GET /documents", 200),
}  # fmt: skip
"""Pages that a candidate has to have seen compressed, or nothing was looked at."""

AS_THEY_ARE = {("POST /periodes/{id}/connexion", 401), ("POST /connexion", 401)}
"""Pages with a secret: the answers that were typed, for whoever mistyped one."""

OPERATORS_SEEN = {
    ("GET /operateur", 200), ("POST /operateur/connexion", 401), ("GET /operateur/jour", 200),
    ("GET /operateur/periodes/{id}/close", 200), ("GET /operateur/periodes/{id}/annul", 200),
    ("GET /operateur/periodes/{id}/verification", 200), ("GET /operateur/registre", 200),
}  # fmt: skip


async def test_nothing_that_is_compressed_holds_a_secret(battlefield: Ground) -> None:
    """Pages repeat no cookie, no token and nothing of what was typed in secret; what holds one goes out as it is."""
    candidate = await candidates_way(battlefield)
    assert candidate.leaks == []
    assert candidate.compressed >= SEEN, SEEN - candidate.compressed
    assert candidate.plain >= AS_THEY_ARE and not candidate.compressed & AS_THEY_ARE
    assert set(candidate.secrets.values()) >= {
        "token", "cookie visitor", f"cookie ticket-{candidate.period}", "cookie session", "what was typed",
    }  # fmt: skip
    assert not [what for what, _ in candidate.compressed if "/api/" in what]
    operator = await operators_way(battlefield, candidate.period)
    assert operator.leaks == []
    assert operator.compressed >= OPERATORS_SEEN, OPERATORS_SEEN - operator.compressed
    assert "cookie operator" in operator.secrets.values()


async def test_a_page_that_repeats_a_cookie_is_caught(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: each page ends with the cookies that it was asked with."""
    text = Rendering.text

    def repeating(self: Rendering, template: str, /, **context: Any) -> str:
        request: Request | None = context.get("request")
        return text(self, template, **context) + (request.headers.get("cookie", "") if request else "")

    monkeypatch.setattr(Rendering, "text", repeating)
    leaks = (await candidates_way(battlefield)).leaks
    assert [leak for leak in leaks if leak.endswith("cookie session")]


async def test_json_that_is_compressed_is_caught(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: each poll is compressed, as the pages are; with it the token of whoever is called."""
    done: Callable[..., None] = FastPath._done

    def compressing(self: FastPath, *given: Any) -> None:
        *before, found = given
        if isinstance(found, Answer) and (b"content-type", b"application/json") in found.kind:
            packed = often(found.body, Coding.GZIP)
            found = found._replace(body=packed, headers=(*found.headers, (b"content-encoding", b"gzip")))
        done(self, *before, found)

    monkeypatch.setattr(FastPath, "_done", compressing)
    leaks = (await candidates_way(battlefield)).leaks
    assert [leak for leak in leaks if leak.endswith("tickets/me: token")]


async def test_a_page_with_a_secret_that_says_so_to_nobody_is_caught(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: `secret=True` counts for nothing, and a sign-in that comes back is compressed with what was typed."""

    def careless(codings: bytes | None, *given: Any) -> Answer:
        return page_answer(codings or b"gzip", *given)

    monkeypatch.setattr(forms, "page_answer", careless)
    leaks = (await candidates_way(battlefield)).leaks
    assert "POST /connexion: what was typed" in leaks


CANARY = "canari-zqxj"

CHOSEN = urlencode(
    dict.fromkeys(("x", "note", "suite", "compte", "inscription", "retour", "entree", "periode"), CANARY)
)


def repeated(pages: Mapping[str, AttackReply]) -> list[str]:
    return [path for path, page in pages.items() if CANARY.encode() in page.body]


async def pages_of(one: ListeningBrowser) -> dict[str, AttackReply]:
    """Where something of this person stands, asked for by an address that somebody else made up."""
    here = f"/periodes/{one.period}"
    paths = (here, f"{here}/quitter", f"{here}/demande", "/compte", "/documents", "/", "/connexion")
    return {path: await one.page(f"{path}?{CHOSEN}") for path in paths}


async def test_a_persons_page_repeats_nothing_of_its_address(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nobody can try texts against it by links. Twin: a page that does is seen."""
    one = await candidates_way(battlefield)
    pages = await pages_of(one)
    assert [page.status for page in pages.values()].count(200) >= 4
    assert repeated(pages) == []
    text = Rendering.text

    def repeating(self: Rendering, template: str, /, **context: Any) -> str:
        request: Request | None = context.get("request")
        return text(self, template, **context) + (request.url.query if request else "")

    monkeypatch.setattr(Rendering, "text", repeating)
    assert "/compte" in repeated(await pages_of(one))
