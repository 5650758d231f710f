"""The letter that tells a person that the period of their submission was annulled: filed once for each, by a task,
and said in the mailbox."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, ordinal, plain, strong
from casework.documents import DocumentKind, UnfiledDocument
from casework.letters.letterhead import NO_SENDER, letterhead, senders
from casework.mailbox.filed import file_and_announce
from casework.mailbox.services import MailboxServices
from foundation.outbox import Effect
from foundation.sql import tables
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from quota.store import period
from server.rendering.templating import instant, number
from submission import store

TITLE = "Annulation de la période de réception"


class AnnulmentLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What the letter says. Instants in milliseconds."""

    receipt: str
    programme: str
    ordinal: int
    rank: int
    submitted_at: int
    annulled_at: int
    annul_reason: str


def blocks_of(said: AnnulmentLetter, programme: str, now: int) -> list[Block]:
    """The letter as it is filed. `programme` is the programme's name, `now` the instant of the filing. Pure."""
    return [
        Heading(TITLE, level=1),
        Paragraph(
            plain(
                "La période de réception pendant laquelle vous avez soumis votre demande a été annulée. Toutes les "
                "demandes reçues pendant cette période sont sans effet, la vôtre aussi : elle n’occupe plus de place, "
                "et rien n’est à payer."
            )
        ),
        Facts(
            [
                Fact("Programme", plain(programme)),
                Fact("Période de réception", ordinal(said.ordinal)),
                Fact("Accusé de réception", strong(said.receipt)),
                Fact("Rang", plain(number(said.rank))),
                Fact("Date et heure de la soumission", plain(instant(said.submitted_at))),
                Fact("Date et heure de l’annulation", strong(instant(said.annulled_at))),
                Fact("Motif", plain(said.annul_reason)),
            ]
        ),
        Paragraph(
            plain(
                "Vous n’y êtes pour rien, et cela ne vous est pas compté : votre compte et votre formulaire sont "
                "conservés, et vous pourrez soumettre une demande pendant une autre période."
            )
        ),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def telling(programmes: Mapping[str, Programme], mailbox: MailboxServices) -> Effect:
    """The effect of the task: a programme is named as it was announced, or else as these programmes name it."""
    names, writers = {id: programme.name for id, programme in programmes.items()}, senders(programmes)
    personal = mailbox.personal

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """File the letter of one submission, read in one row, in the task's transaction."""
        s, p = store.submission.c, period.c
        row = (
            await conn.execute(
                sa.select(s.account, s.receipt, s.rank, s.submitted_at, p.programme, p.ordinal)
                .add_columns(p.annulled_at, p.annul_reason, p.rules)
                .add_columns(account.c.username, account.c.identity, account.c.address)
                .join(period, p.uid == s.period)
                .join(account, account.c.id == s.account)
                .where(s.id == subject.number)
            )
        ).one()
        said = msgspec.convert(tables.plain_row(row), AnnulmentLetter)
        name = personal.identity(row.username, row.identity).full_name
        address = None if row.address is None else personal.home_address(row.username, row.address)
        head = letterhead(writers.get(said.programme, NO_SENDER), name, address, subject.number, now)
        content = blocks_of(said, announced_name(row.rules, said.programme, names), now)
        letter = UnfiledDocument(row.account, subject, DocumentKind.ANNULMENT, TITLE, [head, *content], now)
        await file_and_announce(conn, mailbox, letter)

    return tell
