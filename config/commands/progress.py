"""How far a long command is: a bar on stderr where that is a terminal, otherwise a line a batch, as a log keeps it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

Advance = Callable[[int], None]
"""Say that so many more are done."""


@contextmanager
def progress(what: str, total: int, console: "Console | None" = None) -> Iterator[Advance]:
    """Show how many of `total` are done, as long as this lasts; `what` begins the line."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    shown = console or Console(stderr=True)
    if not shown.is_terminal:
        yield _lines(what, total)
        return
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*parts, console=shown) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


def _lines(what: str, total: int) -> Advance:
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        click.echo(f"{what}: {done} of {total}", err=True)

    return tell
