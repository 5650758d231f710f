"""The letter of an annulment, and what a person's pages say of their submission then."""

from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents, receipts
from casework.annulment import AnnulmentLetter, blocks_of
from casework.blocks import Facts
from evidence import verify
from evidence.recount import recount
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import annulment, ledger
from submission.annulment import void
from tests.support.candidates.files import file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.desks import PERSONAL
from tests.support.rooms import read_period
from tests.support.tasks import perform, rows, submitted

REASON = "Ouverte par accident"


async def annul(database: Database) -> None:
    period = await database.read(lambda conn: ledger.period_by_id(conn, "essai"))
    done = await database.write(
        lambda conn: annulment.annul(conn, period.uid, REASON, "agnes", now_ms(), void)
    )
    assert done.done().state == "annulled"


async def work(database: Database) -> None:
    """Do every task that is staged."""
    t = outbox.task.c
    for task, attempt in await rows(database, t.id, t.attempt):
        await perform(database, task, attempt)


def test_the_letter_says_what_when_and_why() -> None:
    """With receipt, rank and reason; and that nothing is to be paid."""
    said = AnnulmentLetter(
        receipt="MPQ-1", programme="demo", ordinal=2, rank=17, submitted_at=0, annulled_at=86_400_000,
        annul_reason=REASON,
    )  # fmt: skip
    text = repr(blocks_of(said, "Programme de démonstration", 90_000_000))
    for words in ("annulée", "rien n’est à payer", "MPQ-1", "17", REASON, "Programme de démonstration"):
        assert words in text


async def test_each_person_is_told_and_the_books_hold(database: Database) -> None:
    """A letter each beside the confirmation, once; the status and its history say it; `verify` holds."""
    receipt = await submitted(database, 2)
    await annul(database)
    await work(database)
    found = await database.read(lambda conn: receipts.find(conn, PERSONAL, receipt, 1))
    assert (found.status, [change.status for change in found.history]) == (
        "annulled", ["submitted", "annulled"],
    )  # fmt: skip
    assert {document.kind for document in found.documents} == {"confirmation", "annulment"}
    letter = next(one for one in found.documents if one.kind == "annulment")
    opened = await database.read(lambda conn: documents.find(conn, letter.id, 1))
    (facts,) = [block for block in opened.blocks if isinstance(block, Facts)]
    said = {fact.label: "".join(run.text for run in fact.value) for fact in facts.facts}
    assert (said["Motif"], said["Accusé de réception"]) == (REASON, receipt)
    confirmation = next(one for one in found.documents if one.kind == "confirmation")
    late = await database.read(lambda conn: documents.find(conn, confirmation.id, 1))
    assert "sans effet" in repr(late.blocks), "it was made after the annulment"
    books = await verify.read(database, "essai")
    assert [one for one in recount(books) if one.promise in ("P2", "P3")] == []


async def test_the_pages_say_it(database: Database) -> None:
    """Receipt and account: annulled, why, and nothing to pay; whole pages both."""
    async with file_place(database) as place:
        browser, receipt = await place.submitted()
        async with aclosing(browser):
            await annul(database)
            page, home = await browser.get(receipt), await browser.get("/compte")
            assert_clean(page)
            assert_clean(home)
            for text in (text_of(page), text_of(home)):
                assert REASON in text and "sans effet" in text
                assert "À payer au plus tard" not in text
            assert "admise dans le quota" not in text_of(page)
            await work(database)
            assert "Annulation de la période de réception" in text_of(await browser.get("/documents"))


async def test_a_twin_that_forgets_to_void_is_found(database: Database) -> None:
    """Twin: where nothing is marked, the recount says so."""
    await submitted(database)

    async def forgets(conn: AsyncConnection, uid: str, now: int) -> int:
        return 0

    period = await database.read(lambda conn: ledger.period_by_id(conn, "essai"))
    await database.write(lambda conn: annulment.annul(conn, period.uid, REASON, "agnes", now_ms(), forgets))
    books = await verify.read(database, "essai")
    assert "a submission still counts in an annulled period" in {one.sentence for one in recount(books)}
    assert (await read_period(database, period)).state == "annulled"
