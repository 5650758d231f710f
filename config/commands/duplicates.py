"""`guichet paper-register` and `guichet duplicates`: who applied on paper before, and looking at every account."""

import os
from pathlib import Path

import click

from config.commands.arguments import by, commanding
from config.commands.database import on_database
from config.failures import Failed
from config.settings import secret_keys

MOST_TOLD = 20
"""Wrong lines that are told, of a file that has many."""


@click.group("paper-register")
def paper_register() -> None:
    """Who sent an application by post in an earlier period (DU-05)."""


@paper_register.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only tell what is wrong.")
@by
def paper_register_import(file: Path, check: bool, by: str | None) -> None:
    """Take over a CSV file: all of it, or nothing and exit status 1. A line that is there already stays as it is.

    Columns: reference, family_name, given_name, birth_date, passport (may be empty). UTF-8; comma, semicolon or tab.
    Whoever has an account that is alike is found by tasks: a person looks, nothing is refused. Needs SECRET_KEYS.
    """
    from accounts.linkage import keys, paper_register
    from accounts.roles import Role
    from foundation.clock import now_ms

    who, ciphers = commanding(by), keys.cipher(secret_keys(os.environ))
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Failed(f"{file.name} cannot be read as UTF-8.") from None
    found, wrong = paper_register.read_register(text)
    for one in wrong[:MOST_TOLD]:
        click.echo(str(one), err=True)
    if wrong:
        raise Failed(f"{len(wrong)} lines are wrong; nothing was written.")
    if check:
        click.echo(f"{len(found)} lines are good. Nothing was written, with --check.", err=True)
        return
    new, met = on_database(
        lambda conn: paper_register.take_over(conn, ciphers, found, who, now_ms()),
        who,
        (Role.CLERK, Role.OPERATOR),
    )
    click.echo(
        f"{new} lines are new, {len(found) - new} were there; {met} accounts are looked at again.", err=True
    )


@click.group("duplicates")
def duplicates() -> None:
    """Accounts of one person."""


@duplicates.command("scan")
@by
def duplicates_scan(by: str | None) -> None:
    """Have every account looked at that was not yet, such as those of an import. Workers do it; nobody waits."""
    from accounts.linkage.staging import stage_missing
    from foundation.clock import now_ms

    who = commanding(by)
    count = on_database(lambda conn: stage_missing(conn, who, now_ms()), who)
    click.echo(f"{count} accounts are to be looked at; a worker does it.", err=True)
