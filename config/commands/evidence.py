"""`guichet verify`: whether a period kept its promises."""

import asyncio
import os
import sys
from pathlib import Path

import click

from config.commands.database import existing
from config.settings import database_url


@click.command()
@click.option("--period", "period_id", help="Its public name, such as demo.")
@click.option("--draw", is_flag=True, help="Only the drawn order, in mode draw.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --draw: what was published, as JSON.",
)
@click.option("--entry", type=click.IntRange(1), help="With --file: print the number of this entry alone.")
def verify(period_id: str | None, draw: bool, file: Path | None, entry: int | None) -> None:
    """Recount every promise from SQL and the journal; exit status 1 and the rows if one is broken.

    With --draw, recompute the drawn order: from SQL, or from a published file, which needs no database.
    """
    from evidence import verify_draw
    from evidence.verify import verify as recount

    if (period_id is None) == (file is None) or (file is not None and not draw) or (entry and file is None):
        raise click.UsageError("Give --period ID, --draw --period ID, or --draw --file FILE [--entry N].")
    if file is not None:
        sys.exit(verify_draw.verify_file(file, entry))
    url = existing(database_url(os.environ))
    sys.exit(
        asyncio.run(verify_draw.verify_books(url, period_id or "") if draw else recount(url, period_id or ""))
    )
