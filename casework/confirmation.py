"""The confirmation of a place in the quota (QU-07): filed once for each submission, by a task, and announced."""

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
from quota.frozen_rules import announced_name, payment_of
from quota.programmes import Programme
from quota.store import period
from server.rendering.templating import instant, number
from submission import store

TITLE = "Confirmation d’admission dans le quota"


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What the confirmation says: whose it is, number, date, time and rank (QU-07). Instants in milliseconds."""

    name: str
    username: str
    receipt: str
    programme: str
    ordinal: int
    number: int
    rank: int
    submitted_at: int
    pay_by: int | None
    annulled_at: int | None = None


def blocks_of(said: Confirmation, programme: str, now: int) -> list[Block]:
    """The confirmation as it is filed. `programme` is the programme's name, `now` the instant of the filing. Pure."""
    return [
        Heading(TITLE, level=1),
        Paragraph(
            plain(
                "Nous confirmons que la demande désignée ci-dessous a été soumise pendant la période de réception "
                "et admise dans le quota."
            )
        ),
        Facts(
            [
                Fact("Nom", strong(said.name)),
                Fact("Compte", plain(said.username)),
                Fact("Programme", plain(programme)),
                Fact("Période de réception", ordinal(said.ordinal)),
                Fact("Accusé de réception", strong(said.receipt)),
                Fact("Rang", strong(number(said.rank))),
                Fact("Numéro d’attente", plain(number(said.number))),
                Fact("Date et heure de la soumission", plain(instant(said.submitted_at))),
                pay_by_fact(said.pay_by),
            ]
        ),
        *_annulled(said),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def pay_by_fact(pay_by: int | None) -> Fact:
    """Until when the fees are to be paid (instant); None: there are none. Pure."""
    if pay_by is None:
        return Fact("Frais", plain("Aucuns frais ne sont demandés"))
    return Fact("À payer au plus tard le", plain(instant(pay_by)))


def _annulled(said: Confirmation) -> list[Block]:
    """A confirmation that is made after its period was annulled says so: it proves a reception, and no place."""
    if said.annulled_at is None:
        return []
    when = instant(said.annulled_at)
    return [
        Paragraph(
            strong(f"La période de réception a été annulée le {when} : cette admission est sans effet.")
        )
    ]


def confirming(programmes: Mapping[str, Programme], mailbox: MailboxServices) -> Effect:
    """The effect of the task: a programme is named as it was announced, or else as these programmes name it."""
    names, writers = {id: programme.name for id, programme in programmes.items()}, senders(programmes)
    personal = mailbox.personal

    async def confirm(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """File the confirmation of one submission, read in one row, in the task's transaction."""
        s = store.submission
        row = (
            await conn.execute(
                sa.select(s.c.account, s.c.receipt, s.c.number, s.c.rank, s.c.submitted_at, s.c.pay_by)
                .add_columns(period.c.programme, period.c.ordinal, period.c.annulled_at, period.c.rules)
                .add_columns(account.c.username, account.c.identity, account.c.address)
                .join(period, period.c.uid == s.c.period)
                .join(account, account.c.id == s.c.account)
                .where(s.c.id == subject.number)
            )
        ).one()
        name = personal.identity(row.username, row.identity).full_name
        address = None if row.address is None else personal.home_address(row.username, row.address)
        said = msgspec.convert(tables.plain_row(row) | {"name": name}, Confirmation)
        if not payment_of(row.rules, said.programme, programmes).asks_fees:
            said = msgspec.structs.replace(said, pay_by=None)
        programme = announced_name(row.rules, said.programme, names)
        head = letterhead(writers.get(said.programme, NO_SENDER), name, address, subject.number, now)
        content = [head, *blocks_of(said, programme, now)]
        letter = UnfiledDocument(row.account, subject, DocumentKind.CONFIRMATION, TITLE, content, now)
        await file_and_announce(conn, mailbox, letter)

    return confirm
