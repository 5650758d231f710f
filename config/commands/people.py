"""`guichet operator` and `guichet accounts`: people who steer, and people who apply."""

import sys
from pathlib import Path

import click

from config.commands.arguments import actor, by, commanding, find_programme
from config.commands.database import on_database
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
@click.option("--programme", required=True, help="The programme of their drafts.")
@click.option("--check", is_flag=True, help="Only tell what is wrong and what would be done.")
@by
def accounts_import(file: Path, programme: str, check: bool, by: str | None) -> None:
    """Make accounts with drafts from a CSV file: all of it, or nothing and exit status 1.

    Accounts that exist stay as they are, and get the draft of the programme that they lack. Columns: username,
    password, question-1, answer-1, question-2, answer-2 (question-3, answer-3), accommodation, created_at, and the
    draft's fields such as identity.family_name or training.diploma. UTF-8; comma, semicolon or tab.
    """
    from accounts.bulk_import.csv_files import told
    from config import bulk_import

    found, who = find_programme(programme), commanding(by)
    people = bulk_import.read_candidates(file)
    planned = on_database(lambda conn: bulk_import.plan(conn, people, found.id), who)
    if planned.notes:
        click.echo(told(file, planned.notes), err=True)
    bulk_import.refuse(file, people, planned)
    if not check:
        new = bulk_import.hashed(planned)
        on_database(lambda conn: bulk_import.carry_out(conn, people, planned, new, found.id, who), who)
    click.echo(bulk_import.outcome(planned.added, found.id, check=check), err=True)
    for line in on_database(lambda conn: bulk_import.readiness_lines(conn, found)):
        click.echo(line)


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
