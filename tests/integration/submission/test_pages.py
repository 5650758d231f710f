"""The candidate's pages: what they show, what they keep, where they lead, and what they never give away."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing
from html import unescape
from typing import Any

import argon2
import httpx
import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from accounts import store as accounts_store
from accounts.identities import answers_text
from accounts.pages import SignInPages
from accounts.passwords import Hasher
from casework import confirmation
from casework.pages import DESTINATIONS, CasePages
from config.assets import renderer
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from quota import store as quota_store
from quota.store import Period
from server import forms
from server.problems import TABLE, Problems
from submission import drafts, pages, review, states
from submission import store as submission_store
from tests.support.desks import make_desk
from tests.support.rooms import KEYS, make_period, set_period
from waitingroom.tickets import Ticket, Tickets

COMPUTER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

TELEPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)

PASSWORD, ANSWERS = "un mot de passe secret", ["Lévis", "Le Petit Prince"]

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

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
        sign_in = SignInPages(accounts, renderer(), problems.tell, DESTINATIONS)
        routes = [
            *pages.routes(submissions, renderer(), problems.tell),
            *sign_in.routes(),
            *CasePages(sign_in, renderer(), self.desk.programmes).routes(),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())

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

    async def person(self, username: str = "anne", without: str = "") -> int:
        """An account with a draft; `without` names a path of it that was not filled in."""
        identity = {
            "family_name": "Roy",
            "given_name": username,
            "birth_date": "1985-04-02",
            "passport": username,
        }
        content = {
            section.name: {field.name: f"{field.label} <b>" for field in section.fields}
            for section in drafts.FORM
        }
        if without:
            section, field = without.split(".")
            del content[section][field]
        account = {
            "username": username, "password_hash": CHEAP.hash(PASSWORD),
            "answers_hash": CHEAP.hash(answers_text(ANSWERS)),
            "questions": '["?", "?"]', "created_at": 0, "identity": msgspec.json.encode(identity).decode(),
        }  # fmt: skip
        draft = {
            "programme": "demo", "content": msgspec.json.encode(content).decode(), "begun_at": now_ms(),
            "updated_at": 0,
        }  # fmt: skip

        async def write(conn: AsyncConnection) -> int:
            statement = (
                sa.insert(accounts_store.account).values(account).returning(accounts_store.account.c.id)
            )
            made = int((await conn.execute(statement)).scalar_one())
            await conn.execute(sa.insert(submission_store.draft).values(draft | {"account": made}))
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


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    made = FilePlace(database, await make_period(database, ticked_at=now_ms()))
    yield made
    made.desk.accounts.hasher.close()


def text_of(answer: httpx.Response) -> str:
    """What a reader sees: no markup, no-break spaces as spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def assert_clean(answer: httpx.Response) -> None:
    """Nothing inline that the CSP would refuse, nothing cached, no token anywhere."""
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text))
    assert "eyJ" not in answer.text


@pytest.mark.parametrize("page", ["connexion", "demande"])
@pytest.mark.parametrize("state", [None, "lapsed", "left", "used"])
async def test_only_somebody_called_sees_the_ten_minutes(
    place: FilePlace, page: str, state: str | None
) -> None:
    """Who waits, has lapsed, has left or has submitted is sent to the room's page, which says where they stand."""
    if state:
        await place.call(7, state=state)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/{page}")
        assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    async with place.browser() as browser:
        assert (await browser.get(f"{HERE}/{page}")).headers["location"] == HERE
        assert (await browser.post(f"{HERE}/{page}", data=RIGHT)).headers["location"] == HERE


async def test_an_unknown_period_is_not_found(place: FilePlace) -> None:
    """Neither a period that does not exist nor a draft has pages."""
    await make_period(place.db, id="brouillon", state="draft")
    async with place.browser() as browser:
        for name in ("rien", "brouillon"):
            assert (await browser.get(f"/periodes/{name}/connexion")).status_code == 404


async def test_the_sign_in_says_how_much_time_is_left(place: FilePlace) -> None:
    """Minutes, seconds and the end in Montréal's time are text on the page, before any script runs."""
    await place.call(7, ends=300_000)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/connexion")
    assert answer.status_code == 200
    assert re.search(r"Il vous reste (5 min 00 s|4 min 5\d s) , jusqu’à \d+ h \d\d min \d\d s \(heure de Montréal\)",
                     text_of(answer))  # fmt: skip
    assert 'autocomplete="current-password"' in answer.text and 'autocomplete="username"' in answer.text
    assert_clean(answer)


async def test_the_sign_in_says_that_a_pause_stops_the_clock(place: FilePlace) -> None:
    """While the room is paused no end is announced, because it moves."""
    await place.call(7)
    await set_period(place.db, place.period, paused=True)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/connexion")
    assert "votre délai ne s’écoule pas" in text_of(answer)
    assert "jusqu’à" not in text_of(answer)


async def test_signing_in_binds_the_token_and_leads_to_the_review(place: FilePlace) -> None:
    """The token is minted from the ticket, never shown, and belongs to the account that signed in."""
    account = await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/demande")
        assert {"session"} <= set(browser.cookies)
        again = await browser.get(f"{HERE}/connexion")
        assert again.headers["location"] == f"{HERE}/demande"
        review = await browser.get(f"{HERE}/demande")
    t = quota_store.token
    owner = await place.db.read(lambda conn: conn.execute(sa.select(t.c.account).where(t.c.number == 7)))
    assert owner.scalar_one() == account
    assert_clean(review)


@pytest.mark.parametrize(
    ("wrong", "status", "field", "sentence"),
    [
        ({"password": "faux"}, 401, "password", "Nom d’utilisateur ou mot de passe inexact"),
        ({"username": "personne"}, 401, "username", "Nom d’utilisateur ou mot de passe inexact"),
        ({"answer-2": "Autre chose"}, 401, "answer-1", "Réponses de sécurité inexactes"),
        ({"password": ""}, 422, "password", "Entrez votre mot de passe."),
        ({"username": " "}, 422, "username", "Entrez votre nom d’utilisateur."),
        ({"answer-1": "x" * 1001}, 422, "answer-1", "Ce texte est trop long"),
    ],
)
async def test_a_refused_sign_in_keeps_what_was_typed(
    place: FilePlace, wrong: dict[str, str], status: int, field: str, sentence: str
) -> None:
    """It says what to try, points at the field, keeps everything but the password, and signs nobody in."""
    await place.person()
    await place.call(7)
    typed = RIGHT | wrong
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=typed)
        assert answer.status_code == status
        assert not browser.cookies.get("session")
    assert sentence in text_of(answer)
    assert f'<a href="#{field}">' in answer.text
    assert re.search(
        rf'<input id="{field}"[^>]* aria-invalid="true"[^>]* aria-describedby="[^"]*{field}-error"',
        answer.text,
    )
    assert f'id="answer-2" name="answer-2" type="text" value="{typed["answer-2"]}"' in answer.text
    assert PASSWORD not in answer.text and "faux" not in answer.text
    assert_clean(answer)


async def test_too_many_wrong_tries_say_when_to_come_back(place: FilePlace) -> None:
    """The wait is on the page and in Retry-After; the form stays there to be sent again."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        answers = [
            await browser.post(f"{HERE}/connexion", data=RIGHT | {"password": "faux"}) for _ in range(9)
        ]
    last = answers[-1]
    assert last.status_code == 429
    assert "Vous pouvez réessayer dans" in text_of(last)
    assert int(last.headers["retry-after"]) > 0


async def test_a_telephone_is_told_to_come_back_with_a_computer(place: FilePlace) -> None:
    """The device rule holds at the sign-in too, and the account is untouched (DV-01)."""
    await place.person()
    await place.call(7)
    async with place.browser(7, agent=TELEPHONE) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
    assert answer.status_code == 403
    assert "Cet appareil ne permet pas de présenter une demande" in text_of(answer)


async def test_a_token_that_ends_during_the_sign_in_leads_back_to_the_room(place: FilePlace) -> None:
    """The page says that the time is over, why, and where to go on."""
    await place.person()
    await place.call(7, ends=1000)
    await set_period(place.db, place.period, clock=5000, ticked_at=now_ms())
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
    assert answer.status_code == 410
    assert "Votre délai est terminé." in text_of(answer)
    assert f'<a href="{HERE}">Retourner à la page d’attente</a>' in answer.text


async def test_the_review_shows_every_section_and_what_is_missing(place: FilePlace) -> None:
    """What is missing is named and linked to its place in the page; what was filled in is text, never markup."""
    await place.person(without="training.diploma")
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        answer = await browser.get(f"{HERE}/demande")
        refused = await browser.post(f"{HERE}/demande", data=SIGNED)
    seen = text_of(answer)
    assert all(section.title in seen for section in drafts.FORM)
    assert "Il manque un renseignement" in seen
    assert '<a href="#training.diploma">Formation&nbsp;: Diplôme</a>' in answer.text
    assert 'id="training.diploma"' in answer.text
    assert "<b>" not in answer.text
    assert refused.status_code == 422
    assert "Il manque des renseignements à votre demande" in text_of(refused)
    assert 'value="candidate" checked' in refused.text


@pytest.mark.parametrize(
    ("typed", "kept", "asked"),
    [
        ({}, [], ["candidate", "declaration"]),
        ({"capacity": "lawyer"}, ['value="lawyer" checked'], ["declaration"]),
        ({"declaration": "true"}, ['value="true" checked'], ["candidate"]),
        ({"capacity": "autre", "declaration": "true"}, ['value="true" checked'], ["candidate"]),
    ],
)
async def test_a_missing_signature_costs_nothing(
    place: FilePlace, typed: dict[str, str], kept: list[str], asked: list[str]
) -> None:
    """What was ticked stays ticked, what is missing is asked for, and the next press succeeds."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        answer = await browser.post(f"{HERE}/demande", data=typed)
        assert answer.status_code == 422
        assert re.findall(r'<li><a href="#(\w+)">', answer.text) == asked
        assert answer.text.count(" checked") == len(kept)
        assert all(one in answer.text for one in kept)
        assert (await browser.post(f"{HERE}/demande", data=SIGNED)).status_code == 303


async def test_submitting_again_shows_the_same_receipt(place: FilePlace) -> None:
    """A reload, a second press, a return to the review: all lead to the one receipt (P3)."""
    browser, receipt = await place.submitted()
    async with aclosing(browser):
        again = await browser.post(f"{HERE}/demande", data=SIGNED)
        review = await browser.get(f"{HERE}/demande")
        page = await browser.get(receipt)
    assert again.headers["location"] == review.headers["location"] == receipt
    seen = text_of(page)
    assert receipt.removeprefix("/recus/") in seen
    assert re.search(r"Rang 1 ", seen)
    assert "heure de Montréal" in seen and "À payer au plus tard le" in seen
    assert "Consultation des documents" in seen
    assert_clean(page)


async def test_a_second_application_of_one_account_leads_to_the_first_receipt(place: FilePlace) -> None:
    """The refusal says that the first application stands, and links to its receipt."""
    browser, receipt = await place.submitted()
    await browser.aclose()
    await place.call(8)
    async with place.browser(8) as second:
        answer = await second.post(f"{HERE}/connexion", data=RIGHT)
        assert answer.status_code == 409
        assert f'href="/connexion?suite={receipt}"' in answer.text
        led = await second.post(f"/connexion?suite={receipt}", data=RIGHT)
        assert led.headers["location"] == receipt


async def test_a_session_that_ended_leads_back_to_the_sign_in(place: FilePlace) -> None:
    """Signed out in another tab, the review and its button lead to the sign-in, not to an error."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        await browser.post("/deconnexion")
        for answer in (
            await browser.get(f"{HERE}/demande"),
            await browser.post(f"{HERE}/demande", data=SIGNED),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/connexion")


async def test_another_account_cannot_submit_with_this_token(place: FilePlace) -> None:
    """X signs in elsewhere in the browser that Y's token is in: the review asks for Y, the button is refused (P5)."""
    await place.person()
    await place.person("xavier")
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        await browser.post("/connexion", data=RIGHT | {"username": "xavier"})
        assert (await browser.get(f"{HERE}/demande")).headers["location"] == f"{HERE}/connexion"
        answer = await browser.post(f"{HERE}/demande", data=SIGNED)
    assert answer.status_code == 409
    assert "Ce jeton a déjà servi" in text_of(answer)


async def test_a_receipt_is_seen_by_its_own_account_only(place: FilePlace) -> None:
    """Anybody else gets 404, whether the receipt exists or not; who is not signed in is offered to."""
    browser, receipt = await place.submitted()
    await browser.aclose()
    await place.person("xavier")
    unknown = "/recus/MPQ-00000-00000-00000-00000"
    async with place.browser() as stranger:
        nobody = [await stranger.get(path) for path in (receipt, unknown)]
        await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
        other = [await stranger.get(path) for path in (receipt, unknown, "/recus/x")]
    assert [answer.status_code for answer in (*nobody, *other)] == [404] * 5
    assert f'action="/connexion?suite={receipt}"' in nobody[0].text
    assert all("Rang" not in text_of(answer) for answer in (*nobody, *other))


async def test_the_confirmation_is_filed_and_shown_to_its_account_only(place: FilePlace) -> None:
    """Before the worker has been there the page says that it comes; afterwards it has number, date, time and rank."""
    browser, receipt = await place.submitted(number=1234)
    s = submission_store.submission
    made = (await place.db.read(lambda conn: conn.execute(sa.select(s.c.id)))).scalar_one()
    async with aclosing(browser):
        assert "Votre confirmation arrive" in text_of(await browser.get("/documents"))
        await place.db.write(lambda conn: confirmation.confirm(conn, made, now_ms()))
        listed = await browser.get("/documents")
        assert "Votre confirmation arrive" not in text_of(listed)
        (href,) = re.findall(r'href="(/documents/[^"]+)"', listed.text)
        page = await browser.get(href)
        assert f'href="{href}"' in (await browser.get(receipt)).text
    seen = text_of(page)
    assert "Confirmation d’admission dans le quota" in seen
    assert "Numéro d’attente 1 234" in seen and "Rang 1 " in seen and receipt.removeprefix("/recus/") in seen
    assert_clean(page)
    await place.person("xavier")
    async with place.browser() as stranger:
        assert (await stranger.get(href)).headers["location"] == f"/connexion?suite={href}"
        await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
        assert (await stranger.get(href)).status_code == 404
        assert "Aucun document" in text_of(await stranger.get("/documents"))


async def test_the_account_shows_drafts_and_submissions(place: FilePlace) -> None:
    """A draft before, the receipt's facts afterwards; and when the session ends (WR-17)."""
    await place.person(without="contact.email")
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        seen = text_of(await browser.get("/compte"))
    assert "Brouillon incomplet" in seen and "Il manque un renseignement" in seen
    assert "Votre session prend fin le" in seen


async def test_the_account_shows_what_was_submitted(place: FilePlace) -> None:
    """After the submission the draft's place is taken by the receipt and its status (AC-10)."""
    browser, receipt = await place.submitted()
    async with aclosing(browser):
        answer = await browser.get("/compte")
    assert f'href="{receipt}"' in answer.text
    assert states.STATUSES[states.SubmissionStatus.SUBMITTED] in text_of(answer)
    assert "Brouillon" not in text_of(answer)


async def test_signing_out_ends_the_session(place: FilePlace) -> None:
    """The old cookie opens nothing any more, also when somebody kept a copy of it."""
    await place.person()
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        secret = browser.cookies["session"]
        answer = await browser.post("/deconnexion")
        assert answer.headers["location"] == "/connexion?note=deconnexion"
        assert "Vous êtes maintenant déconnecté." in text_of(await browser.get(answer.headers["location"]))
    async with place.browser() as thief:
        thief.cookies.set("session", secret)
        assert (await thief.get("/compte")).headers["location"] == "/connexion?suite=/compte"


@pytest.mark.parametrize(
    "suite",
    [
        "//ailleurs.example",
        "https://ailleurs.example/compte",
        "/compte@ailleurs.example",
        "/operateur",
        "\\x",
        "",
    ],
)
async def test_a_sign_in_leads_nowhere_but_to_our_pages(place: FilePlace, suite: str) -> None:
    """An address made elsewhere cannot send somebody away with a fresh session."""
    await place.person()
    async with place.browser() as browser:
        answer = await browser.post("/connexion", params={"suite": suite}, data=RIGHT)
    assert answer.headers["location"] == "/compte"


@pytest.mark.parametrize("code", sorted(Code))
def test_every_refusal_has_words_in_the_form(code: Code) -> None:
    """Whatever a service refuses, the form says what happened, why, and what to do (P9)."""
    refusal = Refusal(code, retry_after=90)
    shown = forms.shown(refusal, TABLE[code], review.way_on(refusal, "essai"))
    assert shown.title and len(shown.sentences) >= 2
    assert bool(shown.href) == bool(shown.link)
    if code == "rate_limited":
        assert shown.sentences[-1] == "Vous pouvez réessayer dans 1 min 30 s."


@pytest.mark.parametrize(
    ("left_ms", "paused", "warning", "over"),
    [
        (600_000, False, "", False),
        (120_001, False, "", False),
        (120_000, False, "2 minutes", False),
        (60_000, False, "1 minute", False),
        (60_000, True, "", False),
        (0, False, "", True),
    ],
)
def test_the_warnings_come_at_two_minutes_and_at_one(
    left_ms: int, paused: bool, warning: str, over: bool
) -> None:
    """Also without scripts: a page that is loaded late warns at once, and not while the clock stands still."""
    clock = review.TimeLeft(left_ms, 0, paused)
    assert (clock.warning, clock.over) == (warning, over)
