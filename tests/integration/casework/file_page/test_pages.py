"""The page of a file: for its own account, at any hour; whoever else asks learns nothing."""

from contextlib import aclosing

import sqlalchemy as sa

from casework.files.numbers import file_number
from casework.files.states import STATUSES, TEXTS, FileEventKind, FileStatus
from foundation.sql.database import Database
from submission.store import submission
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.file_events import happened


async def test_a_file_is_seen_by_its_own_account_only(database: Database) -> None:
    """Head, status and what it means; for nobody and for others 404 and the sign-in, also with a wrong check digit."""
    async with file_place(database) as place:
        browser, _ = await place.submitted()
        async with aclosing(browser):
            made = (await database.read(lambda conn: conn.execute(sa.select(submission.c.id)))).scalar_one()
            number = file_number(made)
            mine = await browser.get(f"/dossiers/{number}")
            typed = await browser.get(f"/dossiers/{number.lower().replace('-', '')}")
            home = await browser.get("/compte")
            wrong = await browser.get(f"/dossiers/{number[:-1]}{(int(number[-1]) + 1) % 10}")
            await happened(database, made, FileEventKind.PAID)
            paid = await browser.get(f"/dossiers/{number}")
        await place.person("xavier")
        async with place.browser() as stranger:
            nobody = await stranger.get(f"/dossiers/{number}")
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            others = [
                await stranger.get(f"/dossiers/{text}")
                for text in (number, file_number(made + 1), "D-0000001-00", "x", "D-" + "9" * 30)
            ]
    assert (mine.status_code, typed.status_code) == (200, 200)
    assert_clean(mine)
    assert STATUSES[FileStatus.AWAITING_PAYMENT] in text_of(mine)
    assert STATUSES[FileStatus.PAID] in text_of(paid) and TEXTS[FileStatus.PAID] in text_of(paid)
    assert f'href="/dossiers/{number}"' in home.text
    assert [one.status_code for one in (wrong, nobody, *others)] == [404] * 7
    assert f'action="/connexion?suite=/dossiers/{number}"' in nobody.text
    assert all(STATUSES[FileStatus.PAID] not in text_of(one) for one in (nobody, *others))
