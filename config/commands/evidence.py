"""`guichet verify`: whether a period kept its promises."""

import asyncio
import os
import sys
from pathlib import Path

import click

from accounts.normalisation import folded
from config.commands.database import existing
from config.failures import Failed
from config.settings import database_url
from foundation.audit_chain import ChainPosition


@click.command()
@click.option("--period", "period_id", help="Its public name, such as demo.")
@click.option("--draw", is_flag=True, help="Only the drawn order, in mode draw.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --draw: what was published, as JSON.",
)
@click.option("--entry", type=click.IntRange(1), help="With --file: print the number of this entry alone.")
@click.option("--audit", is_flag=True, help="Only the audit: all of it, and the heads of its chains.")
@click.option(
    "--head", "heads", multiple=True, metavar="N:HASH", help="With --audit: a head of the acts that was kept."
)
def verify(
    period_id: str | None,
    draw: bool,
    file: Path | None,
    entry: int | None,
    audit: bool,
    heads: tuple[str, ...],
) -> None:
    """Recount every promise from SQL and the journal; exit status 1 and the rows if one is broken.

    With --draw, recompute the drawn order: from SQL, or from a published file, which needs no database. With --audit,
    say where the audit was changed, if it was.
    """
    from evidence import verify_audit, verify_draw
    from evidence.verify import verify as recount

    ways = [period_id is not None, file is not None, audit]
    if (
        sum(ways) != 1
        or (file is not None and not draw)
        or (entry and file is None)
        or (draw and audit)
        or (heads and not audit)
    ):
        raise click.UsageError(
            "Give --period ID, --audit [--head N:HASH], --draw --period ID, or --draw --file FILE [--entry N]."
        )
    if file is not None:
        sys.exit(verify_draw.verify_file(file, entry))
    url = existing(database_url(os.environ))
    period_id = period_id and folded(period_id)
    if audit:
        sys.exit(asyncio.run(verify_audit.verify(url, [head_of(text) for text in heads])))
    sys.exit(
        asyncio.run(verify_draw.verify_books(url, period_id or "") if draw else recount(url, period_id or ""))
    )


def head_of(text: str) -> ChainPosition:
    """A head as `verify` prints it, such as 44:9f0c... Raises Failed."""
    sequence, _, digest = text.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and len(digest) == 64):
        raise Failed(f"{text} is no head; give one as `guichet verify` prints it, such as 44:9f0c...")
    return ChainPosition(int(sequence), digest)
