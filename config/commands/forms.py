"""`guichet forms`: the forms of an installation, for whoever writes one."""

import os
from pathlib import Path

import click

from config.commands import arguments
from config.settings import PROGRAMMES, forms_folder, variable


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
