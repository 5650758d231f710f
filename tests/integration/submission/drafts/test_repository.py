"""Drafts in the tables."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.demo.people import invented_content
from foundation.sql.database import Database
from submission.drafts import encryption, repository, store
from submission.drafts.encryption import DraftCiphers, UnreadableAnswers
from submission.forms.answers import SectionAnswers
from tests.support.desks import make_account, make_desk
from tests.support.drafts import draft_of, rewrite
from tests.support.rooms import KEYS

MEMBERS: SectionAnswers = {"members": [{"key": "m1", "name": "Ève"}, {"key": "m2", "name": ""}]}


async def accounts_of(database: Database, numbers: tuple[int, ...], *, draft: bool = False) -> list[int]:
    desk = make_desk(database)
    accounts = [await make_account(desk, number, draft=draft) for number in numbers]
    desk.accounts.hasher.close()
    return accounts


async def test_each_account_gets_its_own_draft(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over several statements; one for a programme is none for another."""
    monkeypatch.setattr(repository, "AT_ONCE", 2)
    accounts, ciphers = await accounts_of(database, (1, 2, 3)), DraftCiphers(KEYS)
    contents = {account: invented_content("essai", account) | {"family": MEMBERS} for account in accounts}
    await database.write(lambda conn: repository.add(conn, ciphers, contents, "demo", 7))
    for account in accounts:
        found = await draft_of(database, ciphers, account)
        assert found is not None
        assert (found.account, found.answers, found.begun_at) == (account, contents[account], 7)
        assert {section.version for section in found.sections.values()} == {1}
    assert await draft_of(database, ciphers, accounts[0], "other") is None
    many = await database.read(lambda conn: repository.of_accounts(conn, ciphers, accounts[:2]))
    assert set(many) == {(account, "demo") for account in accounts[:2]}


async def test_no_answer_stands_in_the_tables(database: Database) -> None:
    """Not one of them, in any column; and another key opens nothing."""
    (account,) = await accounts_of(database, (1,), draft=True)
    stored = []
    for table in (store.draft, store.draft_section):
        stored += [str(row) for row in await database.read(lambda conn, t=table: conn.execute(sa.select(t)))]  # type: ignore[misc]
    answers = [text for section in invented_content("essai", 1).values() for text in section.values()]
    assert not [text for text in answers if len(str(text)) > 5 and str(text) in " ".join(stored)]
    with pytest.raises(UnreadableAnswers):
        await draft_of(database, DraftCiphers(("another key, as long as the first one",)), account)


async def test_an_answer_opens_in_its_own_draft_only(database: Database) -> None:
    """What somebody copies in the table from one draft to another is not shown there."""
    one, other = await accounts_of(database, (1, 2), draft=True)

    async def swap(conn: AsyncConnection) -> None:
        s, d = store.draft_section, store.draft
        ids = [
            (await conn.execute(sa.select(d.c.id).where(d.c.account == account))).scalar_one()
            for account in (one, other)
        ]
        theirs = sa.select(s.c.answers).where(s.c.draft == ids[0], s.c.section == "identity")
        copied = (await conn.execute(theirs)).scalar_one()
        here = (s.c.draft == ids[1], s.c.section == "identity")
        await conn.execute(sa.update(s).where(*here).values(answers=copied))

    await database.write(swap)
    with pytest.raises(UnreadableAnswers):
        await draft_of(database, DraftCiphers(KEYS), other)


async def test_a_draft_of_an_earlier_release_reads_like_any_other(database: Database) -> None:
    """Plain JSON in its row; a section that was saved since stands before it."""
    (account,) = await accounts_of(database, (1,))
    ciphers, content = DraftCiphers(KEYS), invented_content("essai", 1)
    row = {
        "account": account, "programme": "demo", "content": msgspec.json.encode(content).decode(), "begun_at": 3,
        "updated_at": 5,
    }  # fmt: skip

    async def write(conn: AsyncConnection) -> None:
        made = await conn.execute(sa.insert(store.draft).values(row).returning(store.draft.c.id))
        changed = repository.section_row(ciphers, made.scalar_one(), "plans", {"region": "Québec"}, 2, 9)
        await conn.execute(sa.insert(store.draft_section).values(changed))

    await database.write(write)
    found = await draft_of(database, ciphers, account)
    assert found is not None
    assert found.answers == content | {"plans": {"region": "Québec"}}
    assert (found.sections["identity"].version, found.sections["plans"].version) == (1, 2)


async def test_what_was_opened_lately_is_not_asked_for_again(database: Database) -> None:
    """Until somebody saves; and one that has grown too old is opened anew."""
    (account,) = await accounts_of(database, (1,), draft=True)
    ciphers, read = DraftCiphers(KEYS), 0
    stored = repository._stored

    async def counted(conn: AsyncConnection, drafts: object) -> object:
        nonlocal read
        read += 1
        return await stored(conn, drafts)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "_stored", counted)
        first = await draft_of(database, ciphers, account)
        assert first == await draft_of(database, ciphers, account) and read == 1
        await rewrite(database, ciphers, account, {"plans": {"region": "Gaspésie"}})
        changed = await draft_of(database, ciphers, account)
        assert changed is not None and changed.answers == {"plans": {"region": "Gaspésie"}} and read == 2
        patch.setattr(encryption, "MOST_OPENED", 0)
        ciphers = DraftCiphers(KEYS)
        for _ in range(2):
            await draft_of(database, ciphers, account)
        assert read == 4


async def test_removal_takes_everything_of_an_account(database: Database) -> None:
    """Its drafts, their sections and the texts that were set aside; nobody else's."""
    one, other = await accounts_of(database, (1, 2), draft=True)
    ciphers = DraftCiphers(KEYS)
    assert await database.write(lambda conn: repository.remove(conn, [one])) == 1
    assert await draft_of(database, ciphers, one) is None
    assert await draft_of(database, ciphers, other) is not None
    left = await database.read(lambda conn: repository.owners(conn, {one, other}, "demo"))
    assert left == {other}
