"""Traces that show reviewers who might be the same person."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from foundation.sql.lookups import Lookup
from foundation.subjects import Subject
from quota import unit_of_work
from quota.store import Period, token
from submission import duplicates, store
from submission.receipt_numbers import is_receipt
from submission.signing import frozen
from submission.states import TraceKind
from tests.support.desks import PERSONAL, Desk, call, make_account, make_desk, sign_in, signed
from tests.support.processes.statements import plan
from tests.support.rooms import KEYS, make_period
from tests.support.tasks import about


async def traced(conn: AsyncConnection, subject: Subject, now: int) -> None:
    """Write the traces of a submission, as its task does."""
    await duplicates.trace(conn, PERSONAL, frozen.cipher(KEYS), subject, now)


async def test_two_accepted_with_a_trace_in_common_are_shown_to_reviewers(database: Database) -> None:
    """One passport under two names is recorded, not refused; who shares nothing is not (DU-01)."""
    desk = make_desk(database)
    period = await make_period(database)
    for number, family_name in ((1, "Un"), (2, "Deux"), (3, "Trois")):
        passport = "P1" if number < 3 else "P3"
        identity = identities.Identity(
            family_name=family_name, given_name="A", birth_date="1990-01-01", passport=passport
        )
        await make_account(desk, number, identity=identity)
        called = await call(desk, period, number)
        await desk.submit(called.visit(await sign_in(desk, None, number)), "essai", signed(called))
    for one in (about(1), about(2), about(3)):
        await database.write(lambda conn, one=one: traced(conn, one, now_ms()))  # type: ignore[misc]
    found = await database.read(lambda conn: duplicates.likenesses(conn, period.uid))
    (like,) = found
    assert (like.kind, like.first, like.second) == (TraceKind.PASSPORT, 1, 2)
    assert all(map(is_receipt, like.receipts))
    only_mail = await database.read(lambda conn: duplicates.likenesses(conn, period.uid, [TraceKind.EMAIL]))
    assert only_mail == []
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: traced(conn, about(1), now_ms()))


AWA = {"family_name": "N’Diaye", "given_name": "Awa", "birth_date": "1990-02-03", "passport": "P1"}


async def submitted(desk: Desk, period: Period, number: int, **identity: str) -> None:
    """A person submits, and the worker has been there."""
    await make_account(desk, number, identity=identities.Identity(**AWA | identity))
    called = await call(desk, period, number)
    await desk.submit(called.visit(await sign_in(desk, None, number)), "essai", signed(called))
    subject = about(number)
    await desk.db.write(lambda conn: traced(conn, subject, now_ms()))


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": "Awa", "given_name": "N’Diaye"},
        {"family_name": "Awa", "given_name": "N’Diaye", "passport": "P2"},
        {"passport": "P2"},
        {"birth_date": "1990-03-02"},
    ],
)
async def test_persons_near_each_other_are_found(database: Database, changes: dict[str, str]) -> None:
    """One passport with another date or order of names, or one name and date of birth: a person looks at it (DU-01)."""
    desk = make_desk(database)
    period = await make_period(database)
    await submitted(desk, period, 1)
    await submitted(desk, period, 2, **changes)
    kinds = duplicates.OF_THE_PERSON
    found = await database.read(lambda conn: duplicates.likenesses(conn, period.uid, kinds))
    assert {(one.first, one.second) for one in found} == {(1, 2)}


async def test_a_date_that_an_earlier_release_took_makes_no_second_person(database: Database) -> None:
    """03/02/1990 beside 1990-02-03, of one passport and name, is one person: P4 itself refuses."""
    desk = make_desk(database)
    period = await make_period(database)
    await submitted(desk, period, 1, birth_date="03/02/1990")
    with pytest.raises(Refusal) as refused:
        await submitted(desk, period, 2)
    assert refused.value.code == "duplicate_person"


BEFORE, HERE, ROWS = "0" * 16, "1" * 16, 1_500


def tokens(period: str, state: str) -> list[dict[str, Any]]:
    return [
        {"period": period, "number": n, "state": state, "account": n, "ends": 600_000} for n in range(1, ROWS)
    ]


def submissions(period: str) -> list[dict[str, Any]]:
    said = {"submitted_at": 1, "pay_by": 1, "capacity": "candidate", "device": "{}", "content": "{}"}
    return [
        {
            "receipt": f"{period}{n}",
            "period": period,
            "rank": n,
            "number": n,
            "account": n,
            "person": f"v1.{n}",
        }
        | said
        for n in range(1, ROWS)
    ]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_second_intake_looks_up_as_fast_as_the_first(database: Database) -> None:
    """PostgreSQL's statistics know the intake before, all of whose turns are over, and nothing of this one: a number,
    an account or a person is still found by the index that has it. Twin: an index of all live tokens is taken instead.
    """
    looks: list[tuple[sa.Table, list[Any], list[Any], Lookup, Mapping[str, list[Any]], set[str]]] = [
        (
            token, tokens(BEFORE, "used"), tokens(HERE, "live"), unit_of_work._THEIRS,
            {"numbers": list(range(128)), "accounts": list(range(128))},
            {"uq_token_period_number", "uq_token_live_account"},
        ),
        (
            store.submission, submissions(BEFORE), submissions(HERE), duplicates._EARLIER,
            {"numbers": list(range(128)), "owners": list(range(128)), "persons": ["v1.1"] * 128},
            {"uq_submission_period_number", "uq_submission_period_account", "uq_submission_period_person"},
        ),
    ]  # fmt: skip

    async def used(conn: AsyncConnection, look: Lookup, values: Mapping[str, list[Any]]) -> set[str]:
        planned = await plan(conn, look.looks["postgresql"].statement, {"uid": HERE, **values})
        return set(re.findall(r"Seq Scan|(?:uq|ix|pk)_\w+", planned)) - {
            "ix_submission_account"
        }  # reads as little

    async def plans(conn: AsyncConnection) -> None:
        await conn.execute(
            sa.text("set local session_replication_role = replica")
        )  # rows of no period, no account
        for table, before, here, look, values, meant in looks:
            await conn.execute(sa.text(f"truncate {table.name} cascade"))
            await conn.execute(sa.insert(table), before)
            await conn.execute(sa.text(f"analyze {table.name}"))
            await conn.execute(sa.insert(table), here)
            assert await used(conn, look, values) <= meant
        async with conn.begin_nested() as twin:
            await conn.execute(sa.text("create index ix_twin on token (period, ends) where state = 'live'"))
            assert "ix_twin" in await used(conn, unit_of_work._THEIRS, looks[0][4])
            await twin.rollback()

    await database.write(plans)
