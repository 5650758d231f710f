"""`guichet consultants`: the register of immigration consultants (RP-05)."""

from pathlib import Path

import click

from config.commands.arguments import by, commanding
from config.commands.database import on_database


@click.group()
def consultants() -> None:
    """The register of immigration consultants."""


@consultants.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only tell what is wrong and what would be done.")
@by
def consultants_import(file: Path, check: bool, by: str | None) -> None:
    """Take over the register from a CSV file: all of it, or nothing and exit status 1.

    Consultants are added and changed, never taken away; whoever of them represents somebody is checked at once.
    Columns: number, name, status (recognised, suspended or revoked), valid_from, valid_to. UTF-8; comma, semicolon or
    tab.
    """
    from accounts.bulk_import.csv_files import told
    from accounts.representatives.register import files, imports
    from accounts.roles import Role
    from foundation.clock import now_ms

    who, may = commanding(by), (Role.CLERK, Role.OPERATOR)
    register = files.read_register(file)
    if register.notes:
        click.echo(told(file, register.notes), err=True)
    files.refuse(file, register)
    if check:
        planned = on_database(lambda conn: imports.plan(conn, register), who, may)
    else:
        planned = on_database(lambda conn: imports.carry_out(conn, register, who, now_ms()), who, may)
    click.echo(planned.told(check=check), err=True)
