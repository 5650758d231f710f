"""Accounts of persons who may be the same, and the scans that find them."""

from typing import Any

from accounts.identities import Identity
from accounts.reviews import cases
from accounts.reviews.cases import ReviewCase
from accounts.reviews.states import ReviewAct
from foundation.clock import now_ms
from quota.store import Period
from submission.near_duplicates import consequences, scan
from submission.near_duplicates.records import PersonCiphers
from tests.support.desks import Desk, call, make_account, sign_in, signed

AWA = {"family_name": "N’Diaye", "given_name": "Awa", "birth_date": "1990-02-23", "passport": "AB1234567"}


def awa(**changes: str) -> Identity:
    """Awa N’Diaye, or whoever these fields make of her."""
    return Identity(**AWA | changes)


def ciphers_of(desk: Desk) -> PersonCiphers:
    """What opens what this desk stores of persons."""
    return PersonCiphers(desk.accounts.personal, desk.seals)


async def account_of(desk: Desk, number: int, **changes: str) -> int:
    """The account of such a person, not scanned yet."""
    return await make_account(desk, number, identity=awa(**changes), created_at=1_000 * number)


async def scanned(desk: Desk, account: int) -> list[ReviewCase]:
    """The cases that a scan of this account finds."""
    return await desk.db.write(lambda conn: scan.scan_account(conn, ciphers_of(desk), account, now_ms()))


async def pair(desk: Desk, **changes: str) -> tuple[int, int, ReviewCase]:
    """Two accounts that are alike, and the case about them."""
    first, second = await account_of(desk, 1), await account_of(desk, 2, **changes)
    await scanned(desk, first)
    (review,) = await scanned(desk, second)
    return first, second, review


async def done(
    desk: Desk, review: ReviewCase, act: ReviewAct, actor: str = "agente", text: str = "motif"
) -> ReviewCase:
    """Do something in a case as it was read."""
    ciphers = desk.accounts.personal.reviews
    return await desk.db.write(
        lambda conn: consequences.do(conn, ciphers, review, act, actor, text, now_ms())
    )


async def fresh(desk: Desk, review: ReviewCase) -> ReviewCase:
    """The case as it stands now."""
    ciphers = desk.accounts.personal.reviews
    return await desk.db.read(lambda conn: cases.find(conn, ciphers, review.id))


async def submit(desk: Desk, period: Period, number: int) -> Any:
    """The owner of this account is called and submits."""
    called = await call(desk, period, number)
    signed_in = await sign_in(desk, called, number)
    return await desk.submit(called.visit(signed_in), period.id, signed(called))
