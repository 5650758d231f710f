"""Links of duplicates."""

from accounts.linkage import keys
from accounts.reviews import cases, links
from accounts.reviews.cases import FoundCase
from accounts.reviews.links import LinkReason
from accounts.reviews.states import AccountBar, ReviewKind
from foundation.sql.database import Database
from tests.support.candidates.alike import account_of
from tests.support.desks import make_desk

CIPHERS = keys.cipher(["k" * 40])


async def three(database: Database) -> list[int]:
    desk = make_desk(database)
    for number in (1, 2, 3):
        found = FoundCase(
            kind=ReviewKind.DUPLICATE, about=f"duplicate:{number}", account=number, score=70, signals=()
        )
        await database.write(lambda conn, found=found: cases.open_case(conn, CIPHERS, found, 1))  # type: ignore[misc]
    return [await account_of(desk, number, passport=f"P{number}") for number in (1, 2, 3)]


async def link(database: Database, account: int, survivor: int, review: int) -> bool:
    return await database.write(
        lambda conn: links.link(conn, account, survivor, review, LinkReason.DECIDED, 5)
    )


async def test_a_chain_ends_at_the_one_that_counts(database: Database) -> None:
    """A duplicate’s duplicate is a duplicate of the first; no link closes a circle, and nobody has two."""
    first, second, third = await three(database)
    assert await link(database, second, first, 1)
    assert await link(database, third, second, 2)
    found = await database.read(lambda conn: links.in_force(conn, third))
    assert found is not None
    assert found.survivor == first
    assert not await link(database, first, third, 3)
    assert not await link(database, third, first, 3)


async def test_an_ended_link_leaves_everything_as_it_was(database: Database) -> None:
    """Both dates stay; the account may take turns again."""
    first, second, _ = await three(database)
    await link(database, second, first, 1)
    assert await database.read(lambda conn: links.barred(conn, second)) is AccountBar.DUPLICATE
    (ended,) = await database.write(lambda conn: links.end(conn, 1, 9))
    assert ended.account == second
    assert await database.read(lambda conn: links.barred(conn, second)) is None
    (kept,) = await database.read(lambda conn: links.of_account(conn, first))
    assert (kept.linked_at, kept.ended_at) == (5, 9)
    assert await database.write(lambda conn: links.end(conn, 1, 10)) == []


async def test_a_ceded_account_is_not_freed_by_the_end_of_a_link(database: Database) -> None:
    """Each bar is taken away by what put it there."""
    first, second, _ = await three(database)
    await link(database, second, first, 1)
    await database.write(lambda conn: links.bar(conn, second, AccountBar.CEDED))
    await database.write(lambda conn: links.end(conn, 1, 9))
    assert await database.read(lambda conn: links.barred(conn, second)) is AccountBar.CEDED
    await database.write(lambda conn: links.bar(conn, second, AccountBar.DUPLICATE))
    assert await database.read(lambda conn: links.barred(conn, second)) is AccountBar.CEDED
