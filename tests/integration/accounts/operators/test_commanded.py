"""Roles from the command line: granted while nobody could confirm them, asked for afterwards (P17)."""

import pytest

from accounts import roles, staff
from accounts.operators import commanded, granting
from accounts.roles import HolderKind, Role
from accounts.staff import StaffProblem
from foundation.audit import COMMAND_LINE, Actor
from foundation.clock import now_ms
from foundation.sql.database import Database

SHELL = Actor(COMMAND_LINE, COMMAND_LINE)


async def add(database: Database, name: str, *wanted: Role, by: Actor = SHELL) -> tuple[Role, ...]:
    return await database.write(
        lambda conn: commanded.add(conn, name, "un long mot de passe", wanted, now_ms(), by)
    )


async def grant(database: Database, name: str, role: Role, by: Actor = SHELL) -> bool:
    return await database.write(lambda conn: commanded.grant(conn, name, role, now_ms(), by))


async def held(database: Database, name: str) -> set[str]:
    member = await database.read(lambda conn: staff.existing(conn, name))
    grants = await database.read(lambda conn: roles.grants_of(conn, HolderKind.OPERATOR, member.id))
    return {str(role) for role in Role if roles.holds(grants, role, now_ms())}


async def test_an_empty_house_gets_its_first_ones_at_once(database: Database) -> None:
    """Operators, as many as it takes, and an administrator; from then on a role that takes two is asked for."""
    for name in ("jeanne", "karim"):
        assert await add(database, name, Role.OPERATOR) == ()
    assert await add(database, "ada", Role.ADMINISTRATOR) == ()
    assert await add(database, "luc", Role.AGENT, Role.CLERK) == (Role.AGENT,)
    assert not await grant(database, "jeanne", Role.APPROVER)
    assert await grant(database, "jeanne", Role.AUDITOR), "this one takes one person"
    assert await held(database, "luc") == {"clerk"} and await held(database, "jeanne") == {
        "operator",
        "auditor",
    }
    asked = await database.read(lambda conn: granting.waiting(conn, now_ms()))
    assert [(one.username, one.role, one.author) for one in asked] == [
        ("luc", Role.AGENT, COMMAND_LINE),
        ("jeanne", Role.APPROVER, COMMAND_LINE),
    ]
    ada = Actor("ada", "administrator")
    await database.write(lambda conn: granting.confirm(conn, asked[0].id, ada, now_ms()))
    assert await held(database, "luc") == {"clerk", "agent"}


async def test_without_the_rule_one_person_at_a_shell_would_be_both(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with it off, a house that has people to ask is not asked."""

    async def nobody(*_: object) -> bool:
        return False

    await add(database, "ada", Role.ADMINISTRATOR)
    monkeypatch.setattr(commanded, "somebody_confirms", nobody)
    assert await add(database, "luc", Role.OPERATOR) == ()
    assert await held(database, "luc") == {"operator"}


async def test_the_one_whom_it_is_about_confirms_nothing(database: Database) -> None:
    """So where an administrator is alone, their own next role comes from the shell; and nobody is locked out who was
    left by the last one who could confirm."""
    await add(database, "ada", Role.ADMINISTRATOR)
    assert await grant(database, "ada", Role.OPERATOR)
    await add(database, "luc", Role.CLERK)
    assert not await grant(database, "luc", Role.ADMINISTRATOR)
    await database.write(lambda conn: staff.remove(conn, "ada", now_ms(), SHELL))
    assert await grant(database, "luc", Role.ADMINISTRATOR)


async def test_who_is_named_is_an_administrator(database: Database) -> None:
    """An operator makes operators in a house without administrators alone."""
    await add(database, "jeanne", Role.OPERATOR)
    jeanne = Actor("jeanne", COMMAND_LINE)
    assert await add(database, "karim", Role.OPERATOR, by=jeanne) == ()
    await add(database, "alain", Role.APPROVER)
    with pytest.raises(StaffProblem, match="administrator"):
        await add(database, "eve", Role.OPERATOR, by=jeanne)


async def test_an_end_takes_back_what_waits(database: Database) -> None:
    """And ends what is held; nobody of that name is a sentence."""
    await add(database, "ada", Role.ADMINISTRATOR)
    await add(database, "luc", Role.AGENT, Role.AUDITOR)
    await database.write(lambda conn: commanded.end(conn, "Luc", Role.AGENT, now_ms(), SHELL))
    await database.write(lambda conn: commanded.end(conn, "Luc", Role.AUDITOR, now_ms(), SHELL))
    assert await database.read(lambda conn: granting.waiting(conn, now_ms())) == []
    assert await held(database, "luc") == set()
    with pytest.raises(StaffProblem, match="no operator"):
        await grant(database, "nobody", Role.AGENT)
