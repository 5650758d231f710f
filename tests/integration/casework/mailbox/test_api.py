"""The mailbox over the API: as the contract says it."""

from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.files import RIGHT, file_place
from tests.support.casework.messages import TITLE, delivered


async def test_the_list_and_a_message_are_as_the_contract_says(database: Database) -> None:
    """Reading one sets `read_at`; what is not this account's is not found."""
    async with file_place(database) as place:
        await place.person("anne")
        await place.person("xavier")
        id, other = [
            await delivered(place.db, number, Subject.row("account", number), str(number))
            for number in (1, 2)
        ]
        async with place.browser() as browser:
            assert (await browser.get("/api/v1/messages")).status_code == 401
            await browser.post("/connexion", data=RIGHT)
            [listed] = (await browser.get("/api/v1/messages")).json()
            assert (listed["subject"], listed["read_at"], listed["attachments"]) == (TITLE, None, [])
            assert listed["href"] == f"/messages/{id}"
            opened = (await browser.get(f"/api/v1/messages/{id}")).json()
            assert opened["read_at"] is not None
            assert opened["blocks"][0]["block"] == "paragraph"
            for asked in (other, "%00" * 20, "x"):
                assert (await browser.get(f"/api/v1/messages/{asked}")).status_code == 404
