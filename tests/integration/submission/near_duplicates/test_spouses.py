"""A couple of whom both apply: flagged on both sides, whoever comes first, and refused nothing."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts.identities import Identity
from accounts.reviews import links
from accounts.reviews import store as reviews_store
from foundation.sql.database import Database
from quota.store import Period
from submission.near_duplicates import spouses
from submission.near_duplicates.spouses import SpouseFlag, is_spouse
from submission.signing import frozen
from submission.signing.frozen import FrozenAnswer, FrozenMember, FrozenSection
from submission.store import signature, submission
from tests.support.candidates.alike import account_of, awa, scanned, submit
from tests.support.desks import Desk, make_desk
from tests.support.rooms import make_period

BRUNO = {"family_name": "Roy", "given_name": "Bruno", "birth_date": "1988-05-06", "passport": "BR123"}

AWA_DECLARED = {"family_name": "NDIAYE", "given_name": "awa", "birth_date": "1990-02-23"}


async def declares(desk: Desk, period: Period, number: int, **spouse: str) -> None:
    """The owner of this account submits, and has declared this spouse in the form."""
    await submit(desk, period, number)
    g = signature.c
    newest = sa.select(submission.c.receipt).order_by(submission.c.id.desc()).limit(1)
    receipt = (await desk.db.read(lambda conn: conn.execute(newest))).scalar_one()
    sealed = (
        await desk.db.read(lambda conn: conn.execute(sa.select(g.sealed).where(g.receipt == receipt)))
    ).scalar_one()
    text = frozen.open_sealed(sealed, receipt, desk.seals)
    assert text is not None
    answers = frozen.read(text)
    member = FrozenMember("", "", [FrozenAnswer(name, name, value) for name, value in spouse.items()])
    section = FrozenSection(spouses.SPOUSE_SECTION, "Époux ou conjoint", [member])
    again = msgspec.structs.replace(answers, sections=[*answers.sections, section])
    stored = desk.seals.encrypt(frozen.canonical(again).decode(), frozen.place(receipt))
    changed = sa.update(signature).where(g.receipt == receipt).values(sealed=stored)
    await desk.db.write(lambda conn: conn.execute(changed))


async def flags(desk: Desk, account: int) -> list[tuple[int, int]]:
    found: list[SpouseFlag] = await desk.db.read(lambda conn: spouses.of_account(conn, account))
    return [(flag.account, flag.spouse) for flag in found]


@pytest.mark.parametrize("first", ["declaring", "declared"])
async def test_both_keep_their_files_and_each_shows_the_other(database: Database, first: str) -> None:
    """Bruno has declared Awa, who has an account: found whichever of the two is scanned last, once."""
    desk = make_desk(database)
    period = await make_period(database, cap=10)
    awas = await account_of(desk, 1)
    brunos = await account_of(desk, 2, **BRUNO)
    await declares(desk, period, 2, **AWA_DECLARED)
    order = (brunos, awas, brunos) if first == "declaring" else (awas, brunos, awas)
    for account in order:
        assert await scanned(desk, account) == []
    for account in (awas, brunos):
        assert await flags(desk, account) == [(brunos, awas)]
        assert await desk.db.read(lambda conn, account=account: links.barred(conn, account)) is None  # type: ignore[misc]
    (flag,) = await desk.db.read(lambda conn: spouses.of_account(conn, awas))
    assert (flag.programme, flag.other(awas), flag.other(brunos)) == ("demo", brunos, awas)
    await submit(desk, period, 1)
    cases = await desk.db.read(lambda conn: conn.execute(sa.select(reviews_store.review.c.id)))
    assert list(cases) == []
    desk.accounts.hasher.close()


async def test_who_is_not_the_spouse_is_not_flagged(database: Database) -> None:
    """Another date of birth, another name: no flag; nor for somebody who declared nobody."""
    desk = make_desk(database)
    period = await make_period(database, cap=10)
    awas = await account_of(desk, 1)
    brunos = await account_of(desk, 2, **BRUNO)
    await declares(desk, period, 2, **AWA_DECLARED | {"birth_date": "1991-02-23"})
    for account in (brunos, awas):
        await scanned(desk, account)
        assert await flags(desk, account) == []
    desk.accounts.hasher.close()


@pytest.mark.parametrize(
    ("changes", "same"),
    [({}, True), ({"family_name": "Awa", "given_name": "N'diaye"}, True), ({"passport": "other"}, True),
     ({"birth_date": "1990-02-24"}, False), ({"given_name": "Aïssa"}, False), ({"birth_date": ""}, False),
     ({"family_name": "", "given_name": ""}, False)],
    ids=range(7),
)  # fmt: skip
def test_names_and_birth_decide(changes: dict[str, str], same: bool) -> None:
    """In either order and spelling; the passport is not asked for."""
    declared = msgspec.structs.replace(awa(), **changes)
    assert is_spouse(declared, awa()) is same
    nobody = Identity(family_name="", given_name="", birth_date="", passport="")
    assert not is_spouse(nobody, nobody)
