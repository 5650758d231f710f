"""The letters and mails of reviews."""

import sqlalchemy as sa

from accounts.personal_data.fields import EMAIL
from accounts.reviews.cases import ReviewCase
from accounts.reviews.states import ReviewAct, ReviewKind
from accounts.store import account as accounts
from casework import documents, store
from casework.blocks import Facts, spoken
from casework.review_notice import DATA_USED, SAID, WHY, blocks_of
from foundation import outbox
from foundation.mail.store import mail
from foundation.sql.database import Database
from submission.near_duplicates.consequences import REVIEW_NOTICE
from tests.support.candidates.alike import done, fresh, pair
from tests.support.desks import PERSONAL, Desk, make_desk
from tests.support.tasks import perform, rows

d, t = store.document.c, outbox.task.c


async def told(desk: Desk) -> list[tuple[int, str]]:
    """Do the notices that are staged; account and blocks of every letter filed until now."""
    staged = sa.select(t.id).where(t.kind == REVIEW_NOTICE, t.state == "staged")
    for task in (await desk.db.read(lambda conn: conn.execute(staged))).scalars().all():
        assert await perform(desk.db, task, 0)
    letters = []
    for _, account, id in await rows(desk.db, d.created_at, d.account, d.id):
        opened = await desk.db.read(lambda conn, id=id, of=account: documents.find(conn, id, of))  # type: ignore[misc]
        letters.append((account, spoken(opened.blocks)))
    return letters


async def linked(database: Database) -> tuple[Desk, int, int, ReviewCase]:
    desk = make_desk(database)
    first, second, review = await pair(desk)
    return desk, first, second, review


async def test_an_automatic_link_is_told_with_all_that_the_law_asks(database: Database) -> None:
    """Both accounts get a letter: that nobody decided, the data, the reason, the right to observations."""
    desk, first, second, _ = await linked(database)
    letters = dict(await told(desk))
    assert set(letters) == {first, second}
    for account, meets in ((first, False), (second, True)):
        assert SAID[ReviewKind.DUPLICATE, ReviewAct.LINKED, meets] in letters[account]
        for said in ("automatiquement", DATA_USED, WHY[ReviewKind.DUPLICATE], "observations", "65.2"):
            assert said in letters[account]
        assert letters[account].count("Diaye") == 1, "whose letter it is stands in its head alone"


async def test_a_mail_goes_where_an_address_is_known(database: Database) -> None:
    """To the account's own address, and not twice if the task is done again."""
    desk, _, _, _ = await linked(database)
    sealed = PERSONAL.seal("essai-00002", EMAIL, "awa@exemple.invalid")
    change = sa.update(accounts).where(accounts.c.username == "essai-00002").values(email=sealed)
    await database.write(lambda conn: conn.execute(change))
    await told(desk)
    assert [kind for _, kind in await rows(database, mail.c.id, mail.c.kind)] == ["review_duplicate_linked"]


async def test_nobody_hears_of_a_suspicion_that_was_dismissed(database: Database) -> None:
    """Only who was told before, or asked, is told that there is nothing."""
    desk = make_desk(database)
    _, _, review = await pair(desk, passport="CD7654321")
    await done(desk, review, ReviewAct.DISMISSED)
    assert await told(desk) == []


async def test_who_was_told_is_told_that_it_was_undone(database: Database) -> None:
    """And what was asked is asked where it can be answered."""
    desk, _, _, review = await linked(database)
    await told(desk)
    await done(desk, await fresh(desk, review), ReviewAct.UNDONE)
    await done(desk, await fresh(desk, review), ReviewAct.ASKED, text="Quel est votre nom ?")
    letters = [blocks for _, blocks in await told(desk)]
    assert len(letters) == 6
    assert not any("Quel est votre nom" in blocks for blocks in letters)


def test_a_letter_of_a_ceded_account_names_the_rule() -> None:
    """Decided by a person: it does not speak of a machine."""
    content = blocks_of(ReviewKind.CESSION, ReviewAct.CONFIRMED, True, 0)
    facts = next(block for block in content if isinstance(block, Facts))
    assert [fact.label for fact in facts.facts] == ["Décision", "Règle"]
