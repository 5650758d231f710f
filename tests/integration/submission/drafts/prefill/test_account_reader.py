"""A section that nobody has saved has what the account knows, and says so."""

import re
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.personal_data.home_address import HomeAddress
from foundation.errors import Unavailable
from foundation.sql.database import Database
from submission.drafts import store
from tests.support.candidates.drafting import CALLS, DEMO, DraftingPlace, drafting_place, form_of, rows
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.desks import PERSONAL

IDENTITY, CONTACT = f"{DEMO}/identity", f"{DEMO}/contact"

FROM = "Repris de votre compte"


@pytest.fixture
async def place(database: Database) -> AsyncIterator[DraftingPlace]:
    async with drafting_place(database) as made:
        yield made


async def has_address(place: DraftingPlace, lines: list[str], country: str) -> None:
    """Give the only account a home address and an e-mail address."""
    a = accounts_store.account
    (row,) = await rows(place, a)
    text = msgspec.json.encode(HomeAddress(lines, country)).decode()
    values = {
        "address": PERSONAL.seal(row.username, "address", text),
        "email": PERSONAL.seal(row.username, "email", "eve@exemple.invalid"),
    }
    await place.db.write(lambda conn: conn.execute(sa.update(a).values(values)))


async def saved(browser: httpx.AsyncClient, section: str) -> dict[str, str]:
    sections = (await browser.get(CALLS)).json()["sections"]
    return dict(sections[section]["answers"]) if section in sections else {}


async def test_identity_and_address_stand_there_and_are_saved_as_they_are_left(place: DraftingPlace) -> None:
    """Looking begins no draft. What its owner changes is what is saved, and then the page is the draft's alone."""
    async with await place.signed_in() as browser:
        await has_address(place, ["1, rue de l’Essai", "69001 Lyon"], "FR")
        page = await browser.get(CONTACT)
        assert_clean(page)
        assert FROM in text_of(page) and "Adresse · Pays de résidence · Courriel" in text_of(page)
        assert form_of(page)["contact.address"] == "1, rue de l’Essai, 69001 Lyon"
        assert re.search(r'<option value="FR" selected', page.text)
        page = await browser.get(IDENTITY)
        assert form_of(page)["identity.passport"] == "ES0000001" and FROM in text_of(page)
        assert await rows(place, store.draft) == [] and await saved(browser, "identity") == {}
        typed = form_of(page) | {"identity.passport": "ZZ 12", "then": "here"}
        assert (await browser.post(IDENTITY, data=typed)).status_code == 303
        after = await browser.get(IDENTITY)
        assert form_of(after)["identity.passport"] == "ZZ 12" and FROM not in text_of(after)
        assert (await saved(browser, "identity"))["family_name"] == form_of(page)["identity.family_name"]
    (row,) = await rows(place, accounts_store.account)
    assert PERSONAL.identity(row.username, row.identity).passport == "ES0000001"


async def test_a_section_that_was_saved_is_never_filled_in_again(place: DraftingPlace) -> None:
    """Twin: what its owner took out stays out, though the account has it."""
    async with await place.signed_in() as browser:
        page = await browser.get(IDENTITY)
        typed = form_of(page) | {"identity.passport": "", "then": "here"}
        await browser.post(IDENTITY, data=typed)
        assert form_of(await browser.get(IDENTITY))["identity.passport"] == ""


async def test_what_fits_no_question_stays_out(place: DraftingPlace) -> None:
    """An address that is too long for its question, and a country of no list."""
    async with await place.signed_in() as browser:
        await has_address(place, ["x" * 100] * 5, "Yougoslavie")
        page = await browser.get(CONTACT)
        assert form_of(page)["contact.address"] == "" and "Repris de votre compte : Courriel." in text_of(
            page
        )


async def test_a_form_is_whole_when_the_account_cannot_be_read(
    place: DraftingPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails soft: the questions are there, empty."""
    async with await place.signed_in() as browser:
        read, reads = place.db.read, 0

        async def second_fails(work: object) -> object:
            nonlocal reads
            reads += 1
            if reads > 1:
                raise Unavailable("sql")
            return await read(work)  # type: ignore[arg-type]

        monkeypatch.setattr(place.db, "read", second_fails)
        page = await browser.get(IDENTITY)
        assert (
            page.status_code == 200 and form_of(page)["identity.passport"] == "" and FROM not in text_of(page)
        )
