"""Seven relatives at seven computers, each called, all at one account: the first wins, the others are told (DU-04)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from foundation.sql.database import Database
from quota import store as quota_store
from tests.support.candidates.files import HERE, RIGHT, SIGNED, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of

RELATIVES = range(1, 8)


async def at_once(browsers: list[httpx.AsyncClient], **changes: str) -> list[httpx.Response]:
    """All of them press « Se connecter » in the same moment."""
    pressed = (browser.post(f"{HERE}/connexion", data=RIGHT | changes) for browser in browsers)
    return list(await asyncio.gather(*pressed))


async def holders(place: FilePlace) -> Counter[tuple[str, bool]]:
    """How many numbers there are by state, and whether they belong to the account."""
    t = quota_store.token.c
    rows = await place.db.read(lambda conn: conn.execute(sa.select(t.state, t.account)))
    return Counter((row.state, row.account is not None) for row in rows)


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


async def test_the_first_of_seven_wins_and_the_others_are_told(place: FilePlace) -> None:
    """Who came first goes on; six read what happened and what to do, and nobody is punished: no wrong try is counted,
    their numbers are still theirs, and the last of them may take over where the first gives up."""
    await place.person()
    for number in RELATIVES:
        await place.call(number)
    async with AsyncExitStack() as open_browsers:
        browsers = [await open_browsers.enter_async_context(place.browser(number)) for number in RELATIVES]
        answers = await at_once(browsers)
        assert Counter(answer.status_code for answer in answers) == {303: 1, 409: 6}
        assert await holders(place) == {("live", True): 1, ("live", False): 6}
        told = next(answer for answer in answers if answer.status_code == 409)
        seen = text_of(told)
        assert "Quelqu’un s’est déjà connecté à ce compte avec un autre numéro" in seen
        assert (
            "personne n’est pénalisé" in seen
            and "Laissez la personne qui s’est connectée la première" in seen
        )
        assert f'href="{HERE}/quitter"' in told.text and 'value="anne"' in told.text
        assert_clean(told)
        wrong = sa.select(sa.func.coalesce(sa.func.sum(accounts_store.attempt.c.wrong), 0))
        assert (await place.db.read(lambda conn: conn.execute(wrong))).scalar_one() == 0

        first = next(n for n, answer in enumerate(answers) if answer.status_code == 303)
        t = quota_store.token
        over = sa.update(t).where(t.c.account.is_not(None)).values(state="left")
        await place.db.write(lambda conn: conn.execute(over))  # the first gives the place back
        again = await at_once([one for n, one in enumerate(browsers) if n != first])
        assert Counter(answer.status_code for answer in again) == {303: 1, 409: 5}


async def test_once_it_is_submitted_the_others_are_led_to_the_receipt(place: FilePlace) -> None:
    """One submission, whoever presses: the six read that it is valid, where its receipt is, and to give the place
    on."""
    await place.person()
    for number in RELATIVES:
        await place.call(number)
    async with AsyncExitStack() as open_browsers:
        browsers = [await open_browsers.enter_async_context(place.browser(number)) for number in RELATIVES]
        answers = await at_once(browsers)
        first = next(n for n, answer in enumerate(answers) if answer.status_code == 303)
        receipt = (await browsers[first].post(f"{HERE}/demande", data=SIGNED)).headers["location"]
        others = [one for n, one in enumerate(browsers) if n != first]
        for answer in await at_once(others):
            assert answer.status_code == 409
            assert f'href="/connexion?suite={receipt}"' in answer.text
            assert "personne n’est pénalisé d’avoir essayé aussi" in text_of(answer)
        led = await others[0].post(f"/connexion?suite={receipt}", data=RIGHT)
        assert led.headers["location"] == receipt
        assert receipt.removeprefix("/recus/") in text_of(await others[0].get(receipt))


async def test_another_account_may_use_a_number_that_lost(place: FilePlace) -> None:
    """The number of whoever came second is no waste: it serves the file of somebody else in the house."""
    await place.person()
    await place.person("xavier")
    for number in (1, 2):
        await place.call(number)
    async with place.browser(1) as first, place.browser(2) as second:
        answers = await at_once([first, second])
        loser = second if answers[0].status_code == 303 else first
        taken = await loser.post(f"{HERE}/connexion", data=RIGHT | {"username": "xavier"})
        assert (taken.status_code, taken.headers["location"]) == (303, f"{HERE}/demande")
