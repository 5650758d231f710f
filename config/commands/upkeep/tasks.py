"""`guichet tasks`: what the service does by itself, and doing again what was set aside."""

import sys

import click
import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands.arguments import actor, commanding
from config.commands.database import on_database
from config.failures import Failed


@click.group("tasks")
def tasks() -> None:
    """Tasks of the outbox: by kind and stand; those that were set aside are tried again or left."""


@tasks.command("list")
@click.option("--kind", help="Of those that were set aside only this kind.")
def tasks_list(kind: str | None) -> None:
    """A line of JSON a kind, then one a task or mail that was set aside (the first hundred of each).

    Exit status 1 where something was set aside.
    """
    from console.tasks import overview
    from console.tasks.api import aside_shown, kind_shown, mail_shown
    from foundation.clock import now_ms
    from foundation.outbox import TaskState

    async def look(conn: AsyncConnection) -> tuple[list[object], list[object]]:
        kinds = await overview.by_kind(conn, (), now_ms())
        aside, _ = await overview.aside(conn, TaskState.SET_ASIDE, kind, 1)
        mails, _ = await overview.mails_aside(conn)
        told = [{name: value for name, value in kind_shown(one).items() if name != "known"} for one in kinds]
        waiting = [{"task": one.id} | aside_shown(one) for one in aside]
        return list(told), [*waiting, *({"mail": one.id} | mail_shown(one) for one in mails)]

    told, waiting = on_database(look)
    for line in [*told, *waiting]:
        click.echo(msgspec.json.encode(line).decode())
    sys.exit(1 if waiting else 0)


@tasks.command("retry")
@click.argument("tasks", type=click.IntRange(min=1), nargs=-1)
@click.option(
    "--mail", "mails", type=click.IntRange(min=1), multiple=True, help="A mail that no server took."
)
@click.option("--kind", help="All that was set aside of this kind, 500 at most; `mail` is the mails.")
@click.option("--reason", required=True, help="Why, for the record.")
@actor
def tasks_retry(
    tasks: tuple[int, ...], mails: tuple[int, ...], kind: str | None, reason: str, actor: str
) -> None:
    """Have these tasks done again, all of them or none."""
    from console.tasks.desk import reason_of, retry_all
    from foundation.aside import retrying
    from foundation.clock import now_ms

    if not (tasks or mails or kind):
        raise Failed("Say which: the numbers of tasks, --mail or --kind.")
    who, why = commanding(actor), reason_of(reason)

    async def again(conn: AsyncConnection) -> int:
        now = now_ms()
        for task in tasks:
            await retrying.retry_task(conn, task, who, why, now)
        for mail in mails:
            await retrying.retry_mail(conn, mail, who, why, now)
        return len(tasks) + len(mails) + (await retry_all(conn, kind, who, why, now) if kind else 0)

    click.echo(f"{on_database(again, who)} are done again; a worker does it.", err=True)


@tasks.command("leave")
@click.argument("task", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why, for the record.")
@actor
def tasks_leave(task: int, reason: str, actor: str) -> None:
    """Leave a task undone that was set aside: it is no alarm any more."""
    from console.tasks.desk import reason_of
    from foundation.aside import retrying
    from foundation.clock import now_ms

    who, why = commanding(actor), reason_of(reason)
    on_database(lambda conn: retrying.leave_task(conn, task, who, why, now_ms()), who)
    click.echo(f"Task {task} is left undone.", err=True)
