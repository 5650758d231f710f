"""`guichet keys`: the keys that encrypt at rest."""

import os
import sys

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands.arguments import by, commanding
from config.commands.database import on_database
from config.failures import Failed
from config.settings import secret_keys
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.encryption.rotation import Key, Rotation, RotationBatch
from foundation.sql.group_commit import Work


@click.group()
def keys() -> None:
    """The keys that encrypt at rest."""


@keys.command("rotate")
@by
def keys_rotate(by: str | None) -> None:
    """Encrypt by the first of SECRET_KEYS what the others wrote, and what an earlier release left plain.

    People go on working. It may be stopped and begun again at any time, and two at once do no harm. With exit status 0
    nothing is left of the other keys at rest; texts that no key opens are counted, with exit status 1.
    """
    from config.at_rest.columns import rotations

    who, found = commanding(by), rotations(secret_keys(os.environ))
    totals = on_database(_totals(found), who)
    written = unreadable = 0
    with click.progressbar(length=sum(totals), label="Encrypting", file=sys.stderr) as bar:
        for one in found:
            last: Key | None = None
            while batch := on_database(_batch(one, last), who):
                last, written = batch.last, written + batch.written
                unreadable += batch.unreadable
                bar.update(batch.looked)
    on_database(_recorder(who, written, unreadable), who)
    told = f"{written} rows were encrypted anew"
    if unreadable:
        raise Failed(f"{told}; {unreadable} open with none of SECRET_KEYS: a key is missing.")
    click.echo(f"{told}; nothing at rest needs the other keys.", err=True)


def _totals(found: list[Rotation]) -> Work[list[int]]:
    async def count(conn: AsyncConnection) -> list[int]:
        return [await one.total(conn) for one in found]

    return count


def _batch(one: Rotation, after: Key | None) -> Work[RotationBatch | None]:
    return lambda conn: one.batch(conn, after)


def _recorder(who: Actor, written: int, unreadable: int) -> Work[None]:
    from accounts.acts import AccountAct
    from foundation import audit

    async def record(conn: AsyncConnection) -> None:
        act = AccountAct.KEYS_ROTATE
        await audit.record(conn, who, act, None, now_ms(), written=written, unreadable=unreadable)

    return record
