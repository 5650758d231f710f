"""`/dossiers/{number}/retrait`: said first, confirmed, done once; nobody else sees any of it."""

from contextlib import aclosing

import httpx

from casework.files.states import FileStatus
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.paying import FEE, move_money, status_of_file

HERE = "/dossiers/D-0000001-95/retrait"

ME = {"capacity": "candidate"}


def seen_in(page: httpx.Response) -> str:
    return page.text.partition('name="seen" value="')[2].partition('"')[0]


async def test_in_two_steps_it_is_taken_back(database: Database) -> None:
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            file = await browser.get("/dossiers/D-0000001-95")
            first = await browser.get(HERE)
            nobody = await browser.post(HERE, data={"then": "preview"})
            second = await browser.post(HERE, data=ME | {"then": "preview"})
            assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
            done = await browser.post(HERE, data=ME | {"then": "withdraw", "seen": seen_in(second)})
            again = await browser.post(HERE, data=ME | {"then": "withdraw", "seen": seen_in(second)})
            after = await browser.get(done.headers["location"])
            closed = await browser.get(HERE)
    for page in (first, second, after, closed):
        assert_clean(page)
    assert HERE in file.text and HERE not in after.text
    assert (nobody.status_code, "Indiquez qui retire" in nobody.text) == (422, True)
    assert "Un retrait ne se défait pas" in text_of(first) and "pour de bon" in text_of(second)
    assert [done.status_code, again.status_code] == [303, 303]
    assert "Votre demande est retirée." in text_of(after) and "Retirée à votre demande" in text_of(after)
    assert "ne peut plus être retirée" in text_of(closed)


async def test_what_changed_meanwhile_is_shown_and_confirmed_anew(database: Database) -> None:
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            second = await browser.post(HERE, data=ME | {"then": "preview"})
            await database.write(lambda conn: move_money(conn, FEE, "card"))
            changed = await browser.post(HERE, data=ME | {"then": "withdraw", "seen": seen_in(second)})
            assert await status_of_file(database) is FileStatus.PAID
            done = await browser.post(HERE, data=ME | {"then": "withdraw", "seen": seen_in(changed)})
    assert_clean(changed)
    assert changed.status_code == 409 and "Votre dossier a changé" in text_of(changed)
    assert "822,00" in text_of(changed)
    assert done.status_code == 303 and await status_of_file(database) is FileStatus.WITHDRAWN


async def test_a_lawyer_who_is_not_on_file_and_a_stranger_are_refused(database: Database) -> None:
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            lawyer = await browser.post(HERE, data={"capacity": "lawyer", "then": "preview"})
        await place.person("xavier")
        async with place.browser() as stranger:
            unknown = await stranger.get(HERE)
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            others = [await stranger.get(HERE), await stranger.post(HERE, data=ME | {"then": "withdraw"})]
    assert_clean(lawyer)
    assert lawyer.status_code == 403
    assert unknown.status_code in {303, 401, 404} and [one.status_code for one in others] == [404, 404]
    assert await status_of_file(database) is FileStatus.AWAITING_PAYMENT
