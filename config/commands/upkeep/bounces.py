"""`guichet bounces`: mail that came back."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

import click

from accounts.acts import AccountAct
from accounts.bounces.notification import Bounce
from accounts.personal_data.fields import PersonalFields
from config.commands.arguments import by, commanding
from config.commands.database import noted, on_database
from config.failures import Failed
from config.settings import secret_keys
from foundation.sql.group_commit import Work


@click.command("bounces")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@by
def bounces(files: tuple[Path, ...], by: str | None) -> None:
    """Take delivery status notifications (RFC 3464): FILES, folders of files (a Maildir's `new`), or one from stdin.

    The mail is refused, and an address that is on file as it was written to gets no further mail; its person reads so
    at the next sign-in. Exit status 1 where something was none, 0 for one that was known or of no mail of ours.
    """
    from accounts.bounces import notification

    personal, who = PersonalFields(secret_keys(os.environ)), commanding(by)
    act = AccountAct.BOUNCES_TAKE
    taken, wrong = 0, list[str]()
    for name, raw in _messages(files):
        try:
            found = notification.read(raw)
        except notification.NotANotification as problem:
            wrong.append(f"{name}: {problem}.")
            continue
        taken += sum(on_database(noted(who, act, _recorder(personal, one)), who) for one in found)
    click.echo(f"{taken} mails came back for good.", err=True)
    if wrong:
        raise Failed("\n".join(wrong))


def _recorder(personal: PersonalFields, bounce: Bounce) -> Work[bool]:
    from accounts.bounces import recording
    from foundation.clock import now_ms

    return lambda conn: recording.record(conn, personal, bounce, now_ms())


def _messages(files: tuple[Path, ...]) -> list[tuple[str, bytes]]:
    """Each with its name; of each no more is read than a notification may have, and one byte."""
    if not files:
        return [("stdin", _read(sys.stdin.buffer))]
    found: list[Path] = []
    for path in files:
        found += sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    messages = []
    for path in found:
        with path.open("rb") as file:
            messages.append((path.name, _read(file)))
    return messages


def _read(file: BinaryIO) -> bytes:
    from accounts.bounces.notification import MOST_BYTES

    return file.read(MOST_BYTES + 1)
