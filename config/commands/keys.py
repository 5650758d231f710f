"""`guichet keys`: the keys that encrypt at rest."""

import os
import sys
from typing import TYPE_CHECKING

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands.arguments import by, commanding
from config.commands.database import noted, on_database
from config.failures import Failed
from config.settings import secret_keys
from foundation.audit import Actor
from foundation.encryption.rotation import Key, Rotation, RotationBatch
from foundation.sql.group_commit import Work

if TYPE_CHECKING:
    from accounts.personal_data.fields import PersonalFields


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
    from accounts.acts import AccountAct
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
    said = noted(who, AccountAct.KEYS_ROTATE, _nothing, written=written, unreadable=unreadable)
    on_database(said, who)
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


def seal_accounts(who: Actor, personal: "PersonalFields") -> None:
    """Encrypt what accounts say of people by the newest of SECRET_KEYS, a batch a transaction; on the record."""
    from accounts.acts import AccountAct
    from accounts.personal_data import rotation

    last = written = 0

    def batch(after: int) -> rotation.Sealed | None:
        return on_database(lambda conn: rotation.seal_some(conn, personal, after), who)

    while (sealed := batch(last)) is not None:
        last, written = sealed.last, written + sealed.written
    on_database(noted(who, AccountAct.ACCOUNTS_ENCRYPT, _nothing, accounts=written), who)
    click.echo(f"{written} accounts were encrypted by the newest key.", err=True)


def seal_signatures(who: Actor) -> None:
    """The same of the answers that were signed."""
    from accounts.acts import AccountAct
    from submission.signing import frozen, rotation

    seals, last, written = frozen.cipher(secret_keys(os.environ)), "", 0

    def batch(after: str) -> tuple[str, int] | None:
        return on_database(lambda conn: rotation.seal_some(conn, seals, after), who)

    while (done := batch(last)) is not None:
        last, written = done[0], written + done[1]
    on_database(noted(who, AccountAct.ACCOUNTS_ENCRYPT, _nothing, signatures=written), who)
    click.echo(f"{written} signatures were sealed by the newest key.", err=True)


async def _nothing(_conn: AsyncConnection) -> None:
    """Each batch is written; what is left is the line of the record."""
