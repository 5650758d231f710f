"""`guichet verify`: whether a period kept its promises."""

import asyncio
import os
import sys
from pathlib import Path

import click

from accounts.normalisation import folded
from config.commands.arguments import by, commanding
from config.commands.database import existing, on_database
from config.failures import Failed
from config.settings import database_url, variable
from foundation.audit_chain import ChainPosition
from foundation.clock import now_ms


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

    Where REDIS_URL is set, SQL is also held against what the line remembers of it: that shows a copy that was restored.
    Where SECRET_KEYS is set, the answers of each submission are held against what was signed.
    With --draw, recompute the drawn order: from SQL, or from a published file, which needs no database. With --audit,
    say where the audit was changed, if it was.
    """
    from evidence import verify_audit, verify_draw

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
    name = period_id or ""
    sys.exit(asyncio.run(verify_draw.verify_books(url, name) if draw else recount(url, name)))


async def recount(url: str, period_id: str) -> int:
    """Recount one period, with the line beside it where REDIS_URL is set, and what is sealed where SECRET_KEYS is."""
    from config.stores import open_redis
    from evidence.verify import verify as recounted
    from waitingroom.line.store import Line

    redis_url, keys = variable("REDIS_URL", os.environ), variable("SECRET_KEYS", os.environ) or ()
    if not redis_url:
        return await recounted(url, period_id, secret_keys=keys)
    redis = open_redis(redis_url, refusing=False)
    try:
        return await recounted(url, period_id, line=Line(redis), secret_keys=keys)
    finally:
        await redis.aclose()


@click.command()
@click.option("--acknowledge", metavar="PERIOD", help="Say that what was lost in this period is known.")
@click.option("--reason", help="What was done about it, for the audit log.")
@by
def restorations(acknowledge: str | None, reason: str | None, by: str | None) -> None:
    """Where SQL was found to have come back from a copy, and what is not known any more since.

    Until it is acknowledged, submissions that are lost are said at /readyz and on the operators' page.
    """
    from evidence.recount_stores import told
    from waitingroom.line import restorations as record

    if acknowledge:
        if by is None:
            raise click.UsageError("--acknowledge needs --as NAME.")
        actor = commanding(by)
        count = on_database(
            lambda conn: record.acknowledge(conn, acknowledge, actor, now_ms(), reason), actor
        )
        click.echo(f"{count} acknowledged.", err=True)
        return
    for one in on_database(record.every):
        click.echo(f"{one.period_id}: {told(one.restoration)}")


def head_of(text: str) -> ChainPosition:
    """A head as `verify` prints it, such as 44:9f0c... Raises Failed."""
    sequence, _, digest = text.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and len(digest) == 64):
        raise Failed(f"{text} is no head; give one as `guichet verify` prints it, such as 44:9f0c...")
    return ChainPosition(int(sequence), digest)
