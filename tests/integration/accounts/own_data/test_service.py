"""The service of one's own data: one export, of one account, with its format named."""

from contextlib import aclosing

from accounts.own_data.service import FORMAT
from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.own_data import with_own_data


async def test_an_export_names_its_format_and_whose_it_is(on_sqlite: Database) -> None:
    """A reader of later years knows what it reads."""
    async with file_place(on_sqlite) as place:
        service = with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            export = (await browser.get("/api/v1/account/export")).json()
        assert (export["format"], export["username"]) == (FORMAT, "anne")
        assert {one.name for one in service.held} <= set(export)
