"""`guichet holiday`: a day that is proclaimed a holiday late, by two people, each of whom sees first what moves."""

import os
from datetime import date

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.roles import Role
from config.commands.arguments import actor, commanding, programmes
from config.commands.database import on_database
from config.failures import Failed
from config.settings import secret_keys
from foundation.calendar.closures import ProclaimedDay

day_argument = click.argument("day", metavar="DAY")


@click.group("holiday")
def holiday() -> None:
    """Days that are proclaimed holidays late: open deadlines that end on them move, later and never earlier."""


@holiday.command("list")
def holiday_list() -> None:
    """A line of JSON a day that was entered."""
    from casework.deadlines import proclaiming
    from console.proclaimed_days.api import described

    for one in on_database(proclaiming.every):
        click.echo(msgspec.json.encode(described(one)).decode())


@holiday.command("enter")
@day_argument
@click.option("--name", required=True, help="Why it is a holiday, in French, as people will read it.")
@actor
def holiday_enter(day: str, name: str, actor: str) -> None:
    """Say that DAY (2026-12-10) is a holiday: the first of two people. Nothing changes yet. Needs SECRET_KEYS."""
    from casework.deadlines import proclaiming
    from foundation.clock import now_ms

    who, on = commanding(actor), _day(day)

    async def work(conn: AsyncConnection) -> int:
        entered = await proclaiming.enter(conn, on, name, who, now_ms())
        return await _moves(conn, entered.proclaimed)

    click.echo(
        f"{on_database(work, who)} open deadlines would move; another person confirms it within a day: "
        f"guichet holiday confirm {on} --moves N --as NAME.",
        err=True,
    )


@holiday.command("confirm")
@day_argument
@click.option(
    "--moves", type=click.IntRange(min=0), required=True, help="How many open deadlines you saw move."
)
@actor
def holiday_confirm(day: str, moves: int, actor: str) -> None:
    """Make DAY a holiday: the second person, who says how many deadlines move. Workers move them. Needs SECRET_KEYS."""
    from casework.deadlines import proclaiming
    from foundation.clock import now_ms
    from foundation.errors import Code, Refusal

    who, on = commanding(actor), _day(day)

    async def work(conn: AsyncConnection) -> None:
        entered = await proclaiming.find(conn, on)
        if entered is None:
            raise Refusal(Code.NOT_FOUND)
        count = await _moves(conn, entered.proclaimed)
        if count != moves:
            raise Failed(f"{count} open deadlines would move, not {moves}; nothing was done.")
        await proclaiming.confirm(conn, on, entered.asked_at, who, now_ms())

    on_database(work, who, (Role.APPROVER, Role.OPERATOR))
    click.echo(f"{on} is a holiday. A worker moves the deadlines.", err=True)


async def _moves(conn: AsyncConnection, proclaimed: ProclaimedDay) -> int:
    from casework.deadlines import moving
    from config.wiring.deadlines import deadline_services

    services = deadline_services(programmes(), secret_keys(os.environ), "")
    return len(await moving.preview(conn, services, proclaimed))


def _day(text: str) -> date:
    """Raises Failed."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failed(f"{text} is no day; give one such as 2026-12-10.") from None
