"""Saying that letters were filed: one message with the letters attached, and its one e-mail, in the transaction that
files them (DM-01, DM-03).

Every kind of letter is said here or by a message of its feature's own words (`SAID_BY`); a test goes through all of
them. A message stands for an occasion, not for a letter: two letters of one payment are one message.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.blocks import Block, BulletList, Paragraph, plain
from casework.documents import DocumentKind, UnfiledDocument
from casework.mailbox.delivery import Delivery, deliver_each
from casework.mailbox.services import MailboxServices
from foundation.mail.outgoing import Mail
from foundation.subjects import Subject


class SaidBy(StrEnum):
    """How an account's owner hears that a letter of a kind is there."""

    FILED = "filed"
    """By the message of this module."""
    OWN_MESSAGE = "own_message"
    """By a message in its feature's own words, with the letter attached."""
    ITSELF = "itself"
    """Its owner has just asked for it, and it opens at once: nothing more is said."""


_K = DocumentKind

SAID_BY: Final[Mapping[DocumentKind, SaidBy]] = {
    **dict.fromkeys(DocumentKind, SaidBy.FILED),
    _K.CHECKLIST: SaidBy.OWN_MESSAGE,
    _K.DECISION: SaidBy.OWN_MESSAGE,
    _K.ACTIONS_RECORD: SaidBy.ITSELF,
}
"""Kind -> who says that it is there. A new kind is said here, until somebody writes words of its own."""


class FiledLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Letters that were filed on one occasion: in which account, about what, under which title they are announced.
    `letters` are the id and the title of each, `key` makes a second announcement the same message. `says` is said
    before they are named; `notice` is the e-mail, where it is not the usual one of a message."""

    account: int
    about: Subject
    title: str
    letters: Sequence[tuple[str, str]]
    key: str
    says: Sequence[str] = ()
    notice: Mail | None = None


def announcement(of: FiledLetters) -> Delivery:
    """The message. Pure."""
    return Delivery(
        to=of.account,
        about=of.about,
        title=of.title,
        blocks=[*(Paragraph(plain(text)) for text in of.says), *_named([title for _, title in of.letters])],
        key=of.key,
        attachments=[id for id, _ in of.letters],
        notice=of.notice,
    )


def _named(titles: Sequence[str]) -> list[Block]:
    """What was filed, by name."""
    if len(titles) == 1:
        return [
            Paragraph(plain(f"Un document a été déposé dans « Consultation des documents » : {titles[0]}."))
        ]
    first = f"{len(titles)} documents ont été déposés dans « Consultation des documents » :"
    return [Paragraph(plain(first)), BulletList([plain(title) for title in titles])]


async def announce_each(
    conn: AsyncConnection, services: MailboxServices, filed: Sequence[FiledLetters], now: int
) -> None:
    """Say of each occasion, once a key, that its letters are there."""
    if filed:
        await deliver_each(conn, services, [announcement(one) for one in filed], now)


async def file_and_announce(
    conn: AsyncConnection,
    services: MailboxServices,
    one: UnfiledDocument,
    *,
    says: Sequence[str] = (),
    notice: Mail | None = None,
    key: str | None = None,
) -> str:
    """File a letter and say so; its document's id. It is filed as `documents.file` does, at the end of a transaction;
    without a `key` the message is the document's, of which there is one."""
    made = documents.make(one)
    await documents.file_made(conn, [made], one.now)
    said = FiledLetters(
        account=one.account,
        about=one.subject,
        title=one.title,
        letters=[(made.id, one.title)],
        key=f"filed:{made.id}" if key is None else key,
        says=says,
        notice=notice,
    )
    await announce_each(conn, services, [said], one.now)
    return made.id
