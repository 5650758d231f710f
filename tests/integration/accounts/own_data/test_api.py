"""One's own data over the API: for the account that is signed in, and nobody else."""

from contextlib import aclosing

import pytest

from foundation.sql.database import Database
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.own_data import with_own_data


async def test_nobody_exports_without_a_session(on_sqlite: Database) -> None:
    """401, and not a word of whether there is such an account."""
    async with file_place(on_sqlite) as place:
        with_own_data(place)
        async with aclosing(place.browser()) as browser:
            assert (await browser.get("/api/v1/account/export")).status_code == 401
            refused = await browser.request("DELETE", "/api/v1/account", json={"password": "x"})
            assert refused.status_code == 401


@pytest.mark.parametrize("body", ["", "{}", '{"password": 7}', '{"password": null}', "[]", "\x00"])
async def test_what_is_no_body_is_refused(on_sqlite: Database, body: str) -> None:
    """Never a 5xx, and the account is still there."""
    async with file_place(on_sqlite) as place:
        with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            refused = await browser.request("DELETE", "/api/v1/account", content=body)
            assert refused.status_code in {400, 422}
            assert (await browser.get("/api/v1/account/export")).status_code == 200
