"""The command line: `guichet`, also `python -m config`. The commands are in `config/commands/`, a module each group.

Each command reads its settings, imports what it needs and calls it; decisions are elsewhere. What is wrong outside the
program is one sentence on stderr (`failures.py`) and exit status 1, a wrong setting or option 2.
"""

from typing import Any

import click

from config import failures
from config.commands import (
    consultants,
    demonstration,
    duplicates,
    evidence,
    forms,
    keys,
    people,
    periods,
    processes,
)
from config.commands.upkeep import bounces, holidays, tasks
from config.settings import WrongSetting
from config.version import VERSION


class Guichet(click.Group):
    """A group whose commands end with one sentence when the world outside is not as they need it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except failures.OUTSIDE as problem:
            click.echo(failures.sentence(problem), err=True)
            ctx.exit(2 if isinstance(problem, WrongSetting) else 1)


@click.group(cls=Guichet, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="guichet", message="%(prog)s %(version)s")
def main() -> None:
    """An intake service: a virtual waiting room joined to an exact, deduplicated, crash-proof quota."""


for command in (
    demonstration.demo, demonstration.rehearse, processes.migrate, processes.web, processes.ticker, processes.worker,
    evidence.verify, evidence.restorations, people.operator, people.accounts,
    consultants.consultants, duplicates.paper_register, duplicates.duplicates, periods.period, forms.forms, keys.keys,
    tasks.tasks, holidays.holiday, bounces.bounces,
):  # fmt: skip
    main.add_command(command)
