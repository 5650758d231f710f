"""Roles of staff by two people: who asks, who confirms, and nobody for themselves (P17)."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from accounts import roles, staff
from accounts.operators import granting
from accounts.roles import HolderKind, Role
from accounts.staff import StaffProblem
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import approvals
from quota.store import approval

ADA, BEA, INES = Actor("ada", "administrator"), Actor("bea", "administrator"), Actor("ines", "approver")


async def member(database: Database, name: str, *granted: Role) -> int:
    """Somebody of the staff, whose password nobody knows."""
    return await database.write(
        lambda conn: staff.add_operator(conn, name, "", now_ms(), hashed="x", granted=granted)
    )


@pytest.fixture(autouse=True)
async def administrators(database: Database) -> None:
    """Who asks holds the role."""
    for name in (ADA.name, BEA.name):
        await member(database, name, Role.ADMINISTRATOR)


async def ask(database: Database, id: int, role: Role, by: Actor = ADA) -> bool:
    return await database.write(lambda conn: granting.ask(conn, id, role, "remplace Luc", by, now_ms()))


async def confirm(database: Database, asked: int, by: Actor, now: int = 0) -> granting.AskedRole:
    return await database.write(lambda conn: granting.confirm(conn, asked, by, now or now_ms()))


async def drop(database: Database, asked: int, by: Actor) -> granting.AskedRole:
    return await database.write(lambda conn: granting.drop(conn, asked, "une erreur", by, now_ms()))


async def held(database: Database, id: int) -> set[str]:
    grants = await database.read(lambda conn: roles.grants_of(conn, HolderKind.OPERATOR, id))
    return {str(role) for role in Role if roles.holds(grants, role, now_ms())}


async def waiting(database: Database) -> list[granting.AskedRole]:
    return await database.read(lambda conn: granting.waiting(conn, now_ms()))


async def test_a_role_that_could_be_a_second_person_takes_two(database: Database) -> None:
    """Asked for by one administrator it is not held; an approver's word grants it, with both names on the record."""
    id = await member(database, "luc")
    assert not await ask(database, id, Role.OPERATOR)
    assert not await ask(database, id, Role.OPERATOR, BEA), "it waits already"
    (asked,) = await waiting(database)
    assert (asked.username, asked.role, asked.author) == ("luc", Role.OPERATOR, "ada")
    assert await held(database, id) == set()
    with pytest.raises(Refusal, match="second_person_needed"):
        await confirm(database, asked.id, Actor("ADA", "administrator"))
    await confirm(database, asked.id, INES)
    assert await held(database, id) == {"operator"} and await waiting(database) == []
    with pytest.raises(Refusal, match="not_found"):
        await confirm(database, asked.id, BEA)
    assert await ask(database, id, Role.OPERATOR), "it is held"
    a = audit.audit.c
    lines = await database.read(lambda conn: conn.execute(sa.select(audit.audit).order_by(a.id)))
    seen = [(line.actor, line.act, line.reason, msgspec.json.decode(line.detail)) for line in lines][3:]
    assert seen == [
        ("ada", "role_ask", "remplace Luc", {"username": "luc", "asked_role": "operator"}),
        ("ines", "role_grant", "remplace Luc", {"username": "luc", "asked_by": "ada"}),
    ]
    (grant,) = await database.read(lambda conn: granting.held_roles(conn, id))
    assert (grant.role, grant.until_at, grant.granted_by) == (Role.OPERATOR, None, "ines")


async def test_without_two_people_one_administrator_would_be_both(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with the rule off, whoever asks for a role has granted it."""
    monkeypatch.setattr(granting, "BY_TWO", ())
    id = await member(database, "luc")
    assert await ask(database, id, Role.OPERATOR) and await held(database, id) == {"operator"}


async def test_a_role_that_decides_nothing_takes_one(database: Database) -> None:
    """A clerk's and an auditor's are granted at once."""
    id = await member(database, "luc")
    assert await ask(database, id, Role.CLERK) and await ask(database, id, Role.AUDITOR)
    assert await held(database, id) == {"clerk", "auditor"}


async def test_nobody_grants_or_confirms_a_role_of_their_own(database: Database) -> None:
    """Neither alone nor as the second person; a candidate's role is nobody's to grant."""
    id = await member(database, "ines", Role.APPROVER)
    with pytest.raises(StaffProblem, match="themselves"):
        await ask(database, id, Role.CLERK, INES)
    await ask(database, id, Role.ADMINISTRATOR)
    (asked,) = await waiting(database)
    with pytest.raises(StaffProblem, match="themselves"):
        await confirm(database, asked.id, INES)
    with pytest.raises(StaffProblem, match="candidate"):
        await ask(database, id, Role.CANDIDATE)
    with pytest.raises(StaffProblem, match="number"):
        await ask(database, 10_000, Role.CLERK)
    assert await held(database, id) == {"approver"}


async def test_what_nobody_confirms_is_forgotten(database: Database) -> None:
    """After a day, and when the person goes."""
    id = await member(database, "luc")
    await ask(database, id, Role.AGENT)
    (asked,) = await waiting(database)
    with pytest.raises(Refusal, match="not_found"):
        await confirm(database, asked.id, BEA, now_ms() + approvals.WAITS_MS)
    await database.write(lambda conn: staff.remove(conn, "luc", now_ms()))
    assert await waiting(database) == []
    with pytest.raises(Refusal, match="not_found"):
        await confirm(database, asked.id, BEA)


async def test_who_asked_takes_it_back_and_another_declines(database: Database) -> None:
    """Nothing is granted; it may be asked for anew; whom it is about has no say in it."""
    id = await member(database, "luc")
    for by, act in ((ADA, "role_withdraw"), (INES, "role_decline"), (BEA, "role_decline")):
        await ask(database, id, Role.ADMINISTRATOR)
        (asked,) = await waiting(database)
        with pytest.raises(StaffProblem, match="themselves"):
            await drop(database, asked.id, Actor("luc", "approver"))
        await drop(database, asked.id, by)
        assert await waiting(database) == [] and await held(database, id) == set()
        for done in (drop(database, asked.id, by), confirm(database, asked.id, BEA)):
            with pytest.raises(Refusal, match="not_found"):
                await done
        a = audit.audit.c
        last = sa.select(a.act, a.actor, a.reason).order_by(a.id.desc()).limit(1)
        (line,) = await database.read(lambda conn: conn.execute(last))  # noqa: B023  awaited at once
        assert tuple(line) == (act, by.name, "une erreur")


async def test_of_who_confirms_and_who_declines_at_once_one_is_first(database: Database) -> None:
    """The other one finds nothing that waits."""
    id = await member(database, "luc")
    await ask(database, id, Role.AGENT)
    (asked,) = await waiting(database)
    done = await asyncio.gather(
        confirm(database, asked.id, BEA), drop(database, asked.id, INES), return_exceptions=True
    )
    assert sorted(isinstance(one, Refusal) for one in done) == [False, True]
    assert (await held(database, id) == {"agent"}) == isinstance(done[1], Refusal)


async def test_a_request_of_who_may_not_ask_any_more_waits_no_longer(database: Database) -> None:
    """An administrator who lost the role leaves nothing behind that somebody could confirm."""
    id = await member(database, "luc")
    await ask(database, id, Role.AGENT)
    (asked,) = await waiting(database)
    await database.write(lambda conn: staff.end_role(conn, "ada", Role.ADMINISTRATOR, now_ms(), BEA))
    assert await waiting(database) == []
    with pytest.raises(Refusal, match="not_found"):
        await confirm(database, asked.id, INES)
    assert not await ask(database, id, Role.AGENT, BEA), "it is asked for anew, by who may"
    assert [one.author for one in await waiting(database)] == ["bea"]


async def test_who_is_made_anew_has_no_request_of_before(database: Database) -> None:
    """A removal ends what was asked for, also where the same name comes back within the day."""
    id = await member(database, "luc")
    await ask(database, id, Role.AGENT)
    await database.write(lambda conn: staff.remove(conn, "luc", now_ms()))
    later = now_ms() + 1
    await database.write(lambda conn: staff.add_operator(conn, "luc", "", later, hashed="x", granted=()))
    assert await waiting(database) == []


async def test_two_who_confirm_at_once_are_one_grant(database: Database) -> None:
    """One of them is told that it does not wait any more."""
    id = await member(database, "luc")
    await ask(database, id, Role.AGENT)
    (asked,) = await waiting(database)
    done = await asyncio.gather(
        confirm(database, asked.id, BEA), confirm(database, asked.id, INES), return_exceptions=True
    )
    assert sorted(isinstance(one, Refusal) for one in done) == [False, True]
    rows = await database.read(lambda conn: conn.execute(sa.select(approval.c.approver)))
    assert [row.approver in {"bea", "ines"} for row in rows] == [True]
    assert len(await database.read(lambda conn: granting.held_roles(conn, id))) == 1
