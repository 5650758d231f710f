"""What is stored encrypted is exported as its owner typed it, and nothing of anybody else with it."""

from collections import Counter
from contextlib import aclosing
from typing import Any

import httpx
import sqlalchemy as sa

from accounts.email_change.store import email_change
from accounts.reviews import cases
from accounts.reviews.cases import FoundCase
from accounts.reviews.states import ReviewAct, ReviewKind
from accounts.store import account as accounts_table
from config.own_data import registry
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.drafts import repository, writing
from submission.drafts.encryption import StoredSection
from submission.drafts.writing import ConflictTexts
from submission.exempt.services import exempt_services
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.own_data import with_own_data
from tests.support.desks import PERSONAL
from tests.support.rooms import KEYS


async def export_of(place: FilePlace) -> dict[str, Any]:
    """The export of anne."""
    async with aclosing(place.browser()) as browser:
        await browser.post("/connexion", data=RIGHT)
        answer: httpx.Response = await browser.get("/api/v1/account/export")
        assert "v1." not in answer.text
        return dict(answer.json())


async def test_an_address_that_waits_is_in_the_export(database: Database) -> None:
    """As it was typed, while it waits; the keys of its links are not."""
    async with file_place(database) as place:
        with_own_data(place)
        account = await place.person("anne")
        row = {
            "account": account, "email": PERSONAL.seal(str(account), "email_change", "neuve@exemple.invalid"),
            "asked_at": 1, "due_at": 2, "confirm_key": "c", "cancel_key": "d",
        }  # fmt: skip
        past = row | {"email": None, "state": "done", "confirm_key": None, "cancel_key": None}
        await database.write(lambda conn: conn.execute(sa.insert(email_change), row))
        await database.write(lambda conn: conn.execute(sa.insert(email_change), past))
        waits, done = (await export_of(place))["email_changes"]
        assert waits["email"] == "neuve@exemple.invalid" and done["email"] is None
        assert not {"confirm_key", "cancel_key"} & waits.keys()


async def test_texts_that_were_set_aside_are_in_the_export(database: Database) -> None:
    """Both texts of a conflict, beside the draft."""
    async with file_place(database) as place:
        with_own_data(place)
        account, ciphers = await place.person("anne"), place.desk.drafts
        draft = await database.read(lambda conn: repository.find(conn, ciphers, account, "demo"))
        assert draft is not None
        lost = ConflictTexts(draft, "training", StoredSection(1, {"school": "Laval"}), {"school": "McGill"})
        await database.write(lambda conn: writing.keep_texts(conn, ciphers, [lost], 5))
        (found,) = (await export_of(place))["drafts"]
        schools = sorted(one["answers"]["school"] for one in found["set_aside"])
        assert schools == ["Laval", "McGill"] and found["set_aside"][0]["section"] == "training"


async def test_what_one_wrote_in_a_review_is_ones_own(database: Database) -> None:
    """One's own words are exported; those of staff and those of the other account are not."""
    async with file_place(database) as place:
        with_own_data(place)
        account, other = await place.person("anne"), await place.person("xavier")
        ciphers = PERSONAL.reviews

        async def write(conn: Any) -> None:
            for whose, beside, words in ((account, other, "à moi"), (other, account, "à xavier")):
                about = FoundCase(
                    kind=ReviewKind.DUPLICATE, about=f"duplicate:{whose}:{beside}", account=whose,
                    other_account=beside, paper_record=None, score=50, signals=(),
                )  # fmt: skip
                case, _ = await cases.open_case(conn, ciphers, about, now_ms())
                case, _ = await cases.act(conn, ciphers, case, ReviewAct.ASKED, "lucie", "question", now_ms())
                await cases.act(
                    conn,
                    ciphers,
                    case,
                    ReviewAct.REQUESTED,
                    cases.BY_CANDIDATE,
                    words,
                    now_ms(),
                )

        await database.write(write)
        texts = [one["text"] for one in (await export_of(place))["review_events"] if "text" in one]
        assert texts == ["à moi"]


async def test_each_part_of_the_export_has_a_name_of_its_own(on_sqlite: Database) -> None:
    """Two of one name would hide each other, as mail that was sent and mail that came by post once did."""
    async with file_place(on_sqlite) as place:
        names = Counter(one.name for one in registry.held(exempt_services(place.desk, KEYS)))
        assert [name for name, times in names.items() if times > 1] == []
    assert accounts_table.name in names
