"""`guichet forms`: the forms of an installation, for whoever writes one."""

import os
from pathlib import Path

import click

from config.commands import arguments
from config.settings import PROGRAMMES, forms_folder, variable
from foundation.calendar.days import day_of


@click.group()
def forms() -> None:
    """What is asked of whom: form files."""


@forms.command("check")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def forms_check(file: Path | None) -> None:
    """Read FILE, or every form of this installation, and say what it asks; with a mistake, where it is, and exit 1."""
    from submission.forms.checking.report import unmapped, what_is_asked
    from submission.forms.files import load_form

    if file is not None:
        read = [load_form(file)]
    else:
        click.echo(f"{forms_folder(variable('PROGRAMMES_DIR', os.environ) or PROGRAMMES)}:")
        read = arguments.forms().every()
    for form in read:
        click.echo(what_is_asked(form))
        for line in unmapped(form):
            click.echo(f"  {line}")


@forms.command("move")
@click.argument("programme")
@arguments.by
def forms_move(programme: str, by: str | None) -> None:
    """Have the drafts of PROGRAMME moved to the newest version of its form.

    Workers do it while people work. Nothing that was filled in is taken away; each section that asks something else is
    shown to its owner as to be read again, until it is saved.
    """
    from config.commands.database import noted, on_database
    from foundation.clock import now_ms
    from submission.drafts.lifetime.moving import FORMS_MOVE, stage_moves

    found, who, now = arguments.find_programme(programme), arguments.commanding(by), now_ms()
    newest = arguments.forms().newest(found.id, day_of(now)).version
    staged = noted(
        who, FORMS_MOVE, lambda conn: stage_moves(conn, found.id, now), programme=found.id, version=newest
    )
    on_database(staged, who)
    click.echo(f"The drafts of {found.id} are being moved to version {newest} of its form.", err=True)
