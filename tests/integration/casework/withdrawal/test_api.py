"""`/api/v1/account/files/{number}/withdrawal`: what it means is read, then it is done, once, by its own account."""

from contextlib import aclosing

from casework.files.numbers import file_number
from casework.files.states import FileStatus
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.paying import FEE, move_money, status_of_file, titles_of

PATH = f"/api/v1/account/files/{file_number(1)}/withdrawal"

LETTER = "Retrait de votre demande"


async def test_read_and_then_done_once(database: Database) -> None:
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            shown = (await browser.get(PATH)).json()
            body = {"capacity": "candidate", "seen": shown["seen"]}
            first, again = [await browser.post(PATH, json=body) for _ in range(2)]
            after = (await browser.get(PATH)).json()
    assert (shown["number"], shown["status"]) == (file_number(1), "awaiting_payment")
    assert shown["capacities"] == ["candidate"] and "Un retrait ne se défait pas." in shown["says"]
    assert [first.status_code, again.status_code] == [200, 200]
    assert first.json() == again.json() == after
    assert (after["status"], after["capacities"], after["seen"]) == ("withdrawn", [], None)
    letters, told = await titles_of(database)
    assert letters.count(LETTER) == told.count(LETTER) == 1


async def test_upon_what_was_read_and_by_who_may(database: Database) -> None:
    """A fee that came in between is told anew; a lawyer who is not on file, nonsense and others are refused."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            seen = (await browser.get(PATH)).json()["seen"]
            await database.write(lambda conn: move_money(conn, FEE, "card"))
            stale = await browser.post(PATH, json={"capacity": "candidate", "seen": seen})
            lawyer = await browser.post(PATH, json={"capacity": "lawyer", "seen": seen})
            wrong = [await browser.post(PATH, json=body) for body in ({}, {"capacity": "x", "seen": seen})]
            unknown = await browser.get("/api/v1/account/files/x/withdrawal")
        await place.person("xavier")
        async with place.browser() as stranger:
            nobody = [await stranger.get(PATH), await stranger.post(PATH, json={})]
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            body = {"capacity": "candidate", "seen": seen}
            others = [await stranger.get(PATH), await stranger.post(PATH, json=body)]
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    assert any("ne sont pas remboursés" in one for one in stale.json()["told"])
    assert (lawyer.status_code, lawyer.json()["code"]) == (403, "representative_not_recognised")
    assert [one.status_code for one in wrong] == [422, 422] and unknown.status_code == 404
    assert [one.status_code for one in nobody] == [401, 401]
    assert [one.status_code for one in others] == [404, 404]
    assert await status_of_file(database) is FileStatus.PAID
