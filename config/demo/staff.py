"""The staff of the demo: somebody in each role, under one password that is made anew at each start, and printed."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import staff
from accounts.roles import Role

OPERATOR = "operateur"

SECOND_OPERATOR = "operatrice"
"""Arming a period takes two people (P17); in the demo they share a password."""

AGENT, SECOND_AGENT = "agente", "agent"
"""Two, so that one can decide what the other has opened, and be told so."""

MEMBERS = (
    (Role.OPERATOR, OPERATOR),
    (Role.OPERATOR, SECOND_OPERATOR),
    (Role.AGENT, AGENT),
    (Role.AGENT, SECOND_AGENT),
    (Role.CLERK, "commis"),
    (Role.APPROVER, "approbatrice"),
    (Role.AUDITOR, "verificatrice"),
    (Role.ADMINISTRATOR, "administratrice"),
)
"""Role -> the one who has it, and no other one."""


async def add(conn: AsyncConnection, password: str, now: int) -> None:
    """Make them all; who is there from an earlier run gets the password of this one."""
    for role, name in MEMBERS:
        if await staff.by_username(conn, name) is None:
            await staff.add_operator(conn, name, password, now, granted=(role,))
        else:
            await staff.set_password(conn, name, password, now)


def told(password: str) -> list[dict[str, Any]]:
    """What READY says of them (`docs/contract.md`)."""
    return [{"role": role, "username": name, "password": password} for role, name in MEMBERS]
