"""`guichet operator` and `guichet accounts`: people who steer, and people who apply."""

import sys
from pathlib import Path

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands.arguments import actor, by, commanding, find_programme
from config.commands.database import on_database
from config.demo.options import PROGRAMME
from config.failures import Failed

SHORTEST_PASSWORD = 12
"""Characters of an operator's password."""


@click.group()
def operator() -> None:
    """People who steer periods."""


@operator.command("add")
@click.argument("name")
@by
def operator_add(name: str, by: str | None) -> None:
    """Make an operator, or give one a new password, which ends their sessions.

    The password is asked for, or read from stdin when that is no terminal.
    """
    from accounts.staff import add_operator
    from foundation.clock import now_ms

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise Failed(f"The password needs {SHORTEST_PASSWORD} characters or more.")
    on_database(lambda conn: add_operator(conn, name, password, now_ms(), commanding(by)))
    click.echo(f"Operator {name} can sign in.", err=True)


@click.group()
def accounts() -> None:
    """People who apply."""


@accounts.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--programme", default=PROGRAMME, show_default=True, help="The programme of their drafts.")
@by
def accounts_import(file: Path, programme: str, by: str | None) -> None:
    """Make accounts with drafts from a CSV file; those that exist stay as they are.

    Columns: username, password, question-1, answer-1, question-2, answer-2 (question-3, answer-3), accommodation,
    created_at, and the draft's fields such as identity.family_name or training.diploma.
    """
    from accounts.acts import AccountAct
    from config.bulk_import import add_candidates, read_candidates
    from foundation.audit import record
    from foundation.clock import now_ms

    find_programme(programme)
    people = read_candidates(file)

    async def work(conn: AsyncConnection) -> int:
        added = await add_candidates(conn, people, programme, now_ms())
        await record(
            conn, commanding(by), AccountAct.ACCOUNTS_IMPORT, None, now_ms(),
            programme=programme, new=added, there=len(people) - added,
        )  # fmt: skip
        return added

    added = on_database(work, commanding(by))
    click.echo(f"{added} accounts are new, {len(people) - added} were there already.", err=True)


@accounts.command("grant")
@click.argument("username")
@click.argument("factor", type=float)
@actor
def accounts_grant(username: str, factor: float, actor: str) -> None:
    """Grant an accommodation beforehand: the account's next token is FACTOR times as long, from 1 to 2."""
    from accounts.accommodations import grant
    from foundation.clock import now_ms

    who = commanding(actor)
    on_database(lambda conn: grant(conn, username, factor, who, now_ms()), who)
    click.echo(f"The next token of this account is {factor:g} times as long.", err=True)
