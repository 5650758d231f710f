"""`guichet accounts import`: a file of accounts, checked whole, then written part by part, then its secrets hashed.

Each part is a transaction, and what is there is left alone: interrupted anywhere, the same command goes on.
"""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.commands.database import on_database
from config.commands.progress import progress
from foundation.audit import Actor
from foundation.clock import now_ms

if TYPE_CHECKING:
    from accounts.bulk_import.file_rows import AccountFile, FileAccount
    from config.bulk_import import Added, CandidateCiphers, ImportTarget, WrittenPart


def checked(
    path: Path, ciphers: "CandidateCiphers", target: "ImportTarget", who: Actor, *, check: bool
) -> "AccountFile":
    """The file, once every row of it is right and can be done. Raises AccountFileError; nothing is written."""
    from accounts.bulk_import import secret_hashes
    from accounts.bulk_import.csv_files import told
    from config import bulk_import

    file = bulk_import.read_candidates(path, target.form)
    planned = on_database(lambda conn: bulk_import.plan(conn, ciphers.personal, file, target.programme), who)
    if planned.notes:
        click.echo(told(path, planned.notes), err=True)
    bulk_import.refuse(path, file, planned)
    if planned.to_hash:
        click.echo(hashing_words(planned.to_hash, secret_hashes.seconds_for(planned.to_hash)), err=True)
    if check:
        click.echo(bulk_import.outcome(planned.added, target.programme, check=True), err=True)
    return file


def hashing_words(accounts: int, seconds: float) -> str:
    """What hashing means for those who wait for it."""
    lasts = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{max(1, seconds):.0f} seconds"
    return (
        f"Hashing the secrets of {accounts} accounts takes some {lasts} of this machine, after all accounts are "
        "written; until its own are hashed an account is there and nobody can sign in to it."
    )


def write(file: "AccountFile", ciphers: "CandidateCiphers", target: "ImportTarget", who: Actor) -> "Added":
    """Write the file, and hash the secrets of it that are not hashed."""
    from config import bulk_import

    began, added = now_ms(), bulk_import.Added(0, 0, 0, 0)
    waiting: dict[int, FileAccount] = {}
    with progress("Accounts and drafts", len(file.accounts)) as advance:
        for part in bulk_import.parts_of(file):
            written = _write_part(part, ciphers, target, began, who)
            added = added.plus(written.added)
            waiting |= written.waiting
            advance(len(part.accounts))
    if added.drafts_new:
        on_database(lambda conn: bulk_import.finish(conn, target.programme, now_ms()), who)
    hash_secrets(waiting, who)
    return added


def _write_part(
    part: "AccountFile", ciphers: "CandidateCiphers", target: "ImportTarget", began: int, who: Actor
) -> "WrittenPart":
    from config import bulk_import

    return on_database(lambda conn: bulk_import.carry_out(conn, ciphers, part, target, began, who), who)


def hash_secrets(waiting: "Mapping[int, FileAccount]", who: Actor) -> None:
    """Make the hashes that these accounts lack, by id, and write them part by part."""
    from accounts.bulk_import.secret_hashes import HASHED_AT_ONCE

    if not waiting:
        return
    with progress("Secrets hashed", len(waiting)) as advance:
        for start in range(0, len(waiting), HASHED_AT_ONCE):
            some = dict(islice(waiting.items(), start, start + HASHED_AT_ONCE))
            _hash_part(some, who)
            advance(len(some))


def _hash_part(some: "Mapping[int, FileAccount]", who: Actor) -> None:
    from accounts.bulk_import import secret_hashes

    hashes = dict(zip(some, secret_hashes.made(some.values()), strict=True))
    on_database(lambda conn: secret_hashes.write(conn, hashes), who)
