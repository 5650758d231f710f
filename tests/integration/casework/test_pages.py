"""Receipts, the account's home and documents: each for its own account alone."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.attempts import missed
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission import states
from submission import store as submission_store
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.tasks import confirm


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


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
    assert all("Ce navigateur est connecté avec le compte « xavier »." in text_of(one) for one in other)
    assert f'action="/connexion?suite={receipt}"' in other[0].text


async def test_a_receipt_is_found_as_people_type_it(place: FilePlace) -> None:
    """In small letters, without hyphens; and the sign-in leads to it."""
    browser, receipt = await place.submitted()
    typed = receipt.removeprefix("/recus/").lower().replace("-", "").replace("0", "o")
    async with aclosing(browser):
        assert (await browser.get(f"/recus/{typed}")).status_code == 200
    async with place.browser() as stranger:
        assert f'action="/connexion?suite={receipt}"' in (await stranger.get(f"/recus/{typed}")).text


async def test_another_account_may_be_asked_for_while_one_is_signed_in(place: FilePlace) -> None:
    """The sign-in says whose session it is; without the question it leads on as before."""
    await place.person("xavier")
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT | {"username": "xavier"})
        assert (await browser.get("/connexion")).status_code == 303
        asked = await browser.get("/connexion?compte=autre")
    assert asked.status_code == 200
    assert "Ce navigateur est connecté avec le compte « xavier »." in text_of(asked)
    assert_clean(asked)


@pytest.mark.slow
async def test_the_confirmation_is_filed_and_shown_to_its_account_only(place: FilePlace) -> None:
    """Before the worker has been there the page says that it comes; afterwards it has number, date, time and rank."""
    browser, receipt = await place.submitted(number=1234)
    s = submission_store.submission
    made = (await place.db.read(lambda conn: conn.execute(sa.select(s.c.id)))).scalar_one()
    async with aclosing(browser):
        assert "Votre confirmation arrive" in text_of(await browser.get("/documents"))
        await place.db.write(lambda conn: confirm(conn, made, now_ms()))
        listed = await browser.get("/documents")
        assert "Votre confirmation arrive" not in text_of(listed)
        (href,) = re.findall(r'href="(/documents/[^".]+)"', listed.text)
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
        refused = await stranger.get(href)
        assert refused.status_code == 404
        assert "« xavier »" in text_of(refused) and f'action="/connexion?suite={href}"' in refused.text
        assert "Aucun document" in text_of(await stranger.get("/documents"))


async def test_the_account_shows_drafts_and_submissions(place: FilePlace) -> None:
    """A draft before, the receipt's facts afterwards; and when the session ends (WR-17)."""
    await place.person(without="contact.email")
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        seen = text_of(await browser.get("/compte"))
    assert "Brouillon incomplet" in seen and "Il manque un renseignement" in seen
    assert "Votre session prend fin le" in seen


async def test_an_address_that_fails_is_said_at_the_sign_in(place: FilePlace) -> None:
    """With what to do, and that nothing is lost; no word of it while it works."""
    await place.person()
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        assert "ne parviennent plus" not in text_of(await browser.get("/compte"))
        failing = sa.update(accounts_store.account).values(email_failing_at=5, email_failing_status="5.1.1")
        await place.db.write(lambda conn: conn.execute(failing))
        page = await browser.get("/compte")
    assert_clean(page)
    assert "ne parviennent plus à votre adresse" in text_of(page) and "/compte/courriel/retabli" in page.text


async def test_an_account_without_a_draft_is_led_to_its_first_one(place: FilePlace) -> None:
    """Each programme has a link to its form: nobody has to know the address."""
    await place.person(draft=False)
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        answer = await browser.get("/compte")
    assert "Aucune demande" in text_of(answer) and 'href="/demande/demo"' in answer.text
    assert_clean(answer)


async def test_the_account_shows_what_was_submitted(place: FilePlace) -> None:
    """After the submission the draft's place is taken by the receipt and its status (AC-10)."""
    browser, receipt = await place.submitted()
    async with aclosing(browser):
        answer = await browser.get("/compte")
    assert f'href="{receipt}"' in answer.text
    assert states.STATUSES[states.SubmissionStatus.SUBMITTED] in text_of(answer)
    assert "Brouillon" not in text_of(answer)


@pytest.mark.parametrize(
    ("tries", "knew", "seen", "unseen"),
    [
        (0, 0, "Mon compte", "essai"),
        (1, 0, "Un essai de connexion manqué depuis le", "appelez le Centre de contacts"),
        (42, 3, "42 essais de connexion manqués depuis le", "vous n’avez rien à faire"),
    ],
)
async def test_the_account_says_what_others_tried(
    place: FilePlace, tries: int, knew: int, seen: str, unseen: str
) -> None:
    """Where the owner looks first, for as long as this session lasts, and no more after the next sign-in."""
    account = await place.person()
    for n in range(tries):
        await place.db.write(
            lambda conn, n=n: missed.count(conn, SessionRole.CANDIDATE, account, n < knew, now_ms())  # type: ignore[misc]
        )
    async with place.browser() as browser:
        await browser.post("/connexion", data=RIGHT)
        for _ in range(2):
            answer = await browser.get("/compte")
            assert seen in text_of(answer) and unseen not in text_of(answer)
            assert_clean(answer)
        await browser.post("/deconnexion")
        await browser.post("/connexion", data=RIGHT)
        assert "manqué" not in text_of(await browser.get("/compte"))
