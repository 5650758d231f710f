"""The forms of the ten minutes: filled for one, they are what is rendered for one; nobody sees what is another's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import pytest

from accounts.sessions import Session
from accounts.states import SessionRole
from config.assets import renderer
from config.demo.people import invented_content
from foundation.sql.database import Database
from quota.ledger import Token
from quota.states import PeriodState, TokenState
from server.problems import Problems
from server.rendering.blanks import OPENS as OPENS_MARK
from server.rendering.blanks import Blank, mark
from server.rendering.compression import Coding
from server.requests import Answer, Incoming
from submission.drafts.encryption import StoredSection
from submission.drafts.repository import Draft
from submission.forms.answers import Answers
from submission.turns import turn_pages
from submission.turns.turn import CandidateTurn
from submission.turns.turn_pages import TurnPages
from tests.support.candidates.files import HERE, RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.values import OPENS, a_period
from tests.support.desks import make_desk
from tests.support.drafts import rewrite
from tests.support.forms.filled import DEMO_FORM
from tests.unit.server.rendering.test_compression import read

NOW = OPENS + 60_000

ODD = (
    "<script>alert(1)</script>",
    "5 % %(line0)b",
    f"{mark('line1')}{mark('username')}",
    'l\'eau & « "rien" »',
    " ",
)

PERIODS: tuple[dict[str, Any], ...] = (
    {},
    {"notice": "Une « panne » d'électricité : 5 % <b>&amp; %(number)b"},
    {"paused": True},
    {"suspended": True, "cap": 5073},
    {"state": PeriodState.CAP_REACHED, "ended_at": NOW - 1},
    {"state": PeriodState.CLOSED, "ended_at": NOW - 1, "clock": 700_000},
)


@pytest.fixture
async def pages(on_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TurnPages]:
    """At a moment that stands still."""
    monkeypatch.setattr(turn_pages, "now_ms", lambda: NOW)
    desk = make_desk(on_sqlite)
    yield TurnPages(desk, renderer(), Problems("http://guichet.test").tell)
    desk.accounts.hasher.close()


def a_turn(
    ends: int = 600_000, account: int | None = None, signed_in: str = "", **values: Any
) -> CandidateTurn:
    token = Token(
        number=12_345, state=TokenState.LIVE, account=account, call=None, called_at=OPENS, called_clock=0, ends=ends,
        jti="j", receipt=None,
    )  # fmt: skip
    session = Session(role=SessionRole.CANDIDATE, owner=7, username=signed_in, expires_at=NOW + 1)
    period = a_period(ticked_at=NOW, **values)
    return CandidateTurn(period=period, token=token, session=session if signed_in else None, has_ticket=True)


def came(coding: str = "", query: str = "") -> Incoming:
    headers = [(b"accept-encoding", coding.encode()), (b"cookie", b"visitor=x")]
    return Incoming({"headers": headers, "query_string": query.encode()})


def breakable(page: bytes) -> bytes:
    return page.decode().replace("\xa0", " ").encode()


def filled_alike(answers: dict[str, Answer], alone: Answer) -> None:
    """The same to the letter, but that no space of what somebody typed is made a no-break one in a place of a blank."""
    for coding, answer in answers.items():
        assert breakable(read(answer.body, Coding(coding or "identity"))) == breakable(alone.body)
        assert (answer.status, answer.headers) == (200, alone.headers)


CODINGS = ("", "br", "zstd", "gzip")


@pytest.mark.parametrize("values", PERIODS)
@pytest.mark.parametrize("ends", [600_000, 119_000, 59_000, 0])
@pytest.mark.parametrize("query", ["", "note=fin", "note=%3Cb%3E"])
async def test_a_filled_sign_in_is_the_one_that_is_rendered_for_one(
    pages: TurnPages, values: dict[str, Any], ends: int, query: str
) -> None:
    """Byte for byte, whatever is left of the time and whatever the period has come to."""
    turn = a_turn(ends, **values)
    assert turn.token
    filled = {coding: pages.sign_in(came(coding, query), turn, turn.token) for coding in CODINGS}
    filled_alike(filled, pages.sign_in_again(came("", query), turn, {}, {}, None, status=200))
    assert OPENS_MARK.encode() not in filled[""].body


def contents() -> list[Answers]:
    """Complete ones, empty ones, and such as somebody who tries us has typed."""
    odd: Answers = {
        section.id: {field.id: ODD[n % len(ODD)] for n, field in enumerate(section.fields)}
        for section in DEMO_FORM.sections
    }
    gap = invented_content("essai", 3)
    gap["training"]["diploma"] = "\u200b"
    del gap["plans"]
    return [invented_content("essai", 1), {}, odd, gap]


def a_draft(content: Answers) -> Draft:
    return Draft(
        id=1, account=7, programme="demo", form_version=None, revision=1, begun_at=NOW, stored_until=None,
        updated_at=NOW, sections={name: StoredSection(1, answers) for name, answers in content.items()},
    )  # fmt: skip


@pytest.mark.parametrize("values", PERIODS)
@pytest.mark.parametrize("username", ["anne", *ODD], ids=range(len(ODD) + 1))
async def test_a_filled_review_is_the_one_that_is_rendered_for_one(
    pages: TurnPages, values: dict[str, Any], username: str
) -> None:
    """Byte for byte, and so with everything escaped that somebody has typed."""
    turn = a_turn(account=7, signed_in=username, **values)
    assert turn.token and turn.session
    for content in contents():
        written = msgspec.structs.replace(turn, draft=a_draft(content) if content else None)
        filled = {coding: pages.review(came(coding), written, turn.token, turn.session) for coding in CODINGS}
        alone = pages.review_again(came(), turn, turn.token, turn.session, written.draft, {}, {}, None)
        filled_alike(filled, alone)
        assert b"<script>alert" not in alone.body


async def reviews(place: FilePlace, people: int = 8) -> list[tuple[str, httpx.Response]]:
    """The review pages of so many browsers that all ask at once, each with its person's name."""
    async with AsyncExitStack() as stack:
        browsers: list[tuple[str, httpx.AsyncClient]] = []
        for number in range(1, people + 1):
            name = f"personne-{number:02d}"
            account = await place.person(name)
            content: Answers = {"identity": {"family_name": f"Roy {name}", "passport": f"<i>{name}"}}
            await rewrite(place.db, place.desk.drafts, account, content)
            await place.call(number)
            browser = await stack.enter_async_context(place.browser(number))
            await browser.post(f"{HERE}/connexion", data=RIGHT | {"username": name})
            browsers.append((name, browser))
        shown = await asyncio.gather(*(browser.get(f"{HERE}/demande") for _, browser in browsers))
        return [(name, page) for (name, _), page in zip(browsers, shown, strict=True)]


def mixed(shown: list[tuple[str, httpx.Response]]) -> list[str]:
    """The names in whose page stands somebody else's name, or not their own in every place that it has."""
    names = [name for name, _ in shown]
    return [
        name
        for name, page in shown
        if page.text.count(name) != 3 or any(other in page.text for other in names if other != name)
    ]


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


async def test_no_review_has_anything_of_anybody_else(place: FilePlace) -> None:
    """Many ask at once, are read together, and their pages are filled from one: each sees their own, as text."""
    shown = await reviews(place)
    assert mixed(shown) == []
    for name, page in shown:
        assert f"Compte : {name}" in text_of(page) and f"&lt;i&gt;{name}" in page.text
        assert_clean(page)


async def test_a_page_that_kept_somebodys_texts_would_be_seen(
    place: FilePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with a blank that remembers whom it was filled for first, all the others see that person's review."""
    filled, kept = Blank.filled, dict[int, bytes]()

    def remembering(blank: Blank, theirs: Any) -> bytes:
        return kept.setdefault(id(blank), filled(blank, theirs))

    monkeypatch.setattr(Blank, "filled", remembering)
    assert len(mixed(await reviews(place))) >= 7


async def test_another_accounts_session_is_named_to_its_own_browser_alone(place: FilePlace) -> None:
    """The sign-in that says whose session this is, is rendered for the one who reads it."""
    await place.person("anne")
    await place.person("xavier")
    await place.call(1)
    await place.call(2)
    async with place.browser(1) as first, place.browser(2) as second:
        await first.post(f"{HERE}/connexion", data=RIGHT)
        await first.post("/connexion", data=RIGHT | {"username": "xavier"})
        shown, plain = await asyncio.gather(first.get(f"{HERE}/connexion"), second.get(f"{HERE}/connexion"))
    assert "« xavier »" in text_of(shown)
    assert "xavier" not in plain.text and plain.status_code == 200


async def test_blanks_fill_nothing_up(pages: TurnPages, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many notices an operator writes: so many pages are kept, and no more."""
    monkeypatch.setattr(turn_pages, "MOST_BLANKS", 3)
    for n in range(10):
        turn = a_turn(notice=f"Avis {n}")
        assert turn.token
        assert f"Avis {n}" in pages.sign_in(came(), turn, turn.token).body.decode()
        assert len(pages._blanks) <= 3
