"""The document of an amendment: what was, what is, since which day (PM-01)."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments import reading
from casework.amendments.reading import FileAmendment
from casework.amendments.services import AmendmentServices
from casework.amendments.states import DAYS
from casework.amendments.store import amendment
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind, UnfiledDocument
from casework.files.sheet import FileSheet, sheet
from casework.letters.letterhead import NO_SENDER, LetterSender, letterhead, senders
from casework.mailbox.filed import file_and_announce
from casework.mailbox.services import MailboxServices
from foundation.money import dollars
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from server.rendering.counted import NBSP
from server.rendering.templating import day_words, instant
from submission.store import SUBMISSION

TITLE = "Modification de votre demande"

NOTHING = "Aucune réponse"
"""What is read where nothing stood or stands."""


def blocks_of(
    head: FileSheet, one: FileAmendment, programme: str, sender: LetterSender, now: int
) -> list[Block]:
    """The document as it is filed at `now` (instant). Pure."""
    day = day_words(one.on_day).replace(" ", NBSP)
    return [
        letterhead(sender, head.identity.full_name, head.address, head.submission, now),
        Heading(TITLE, level=1),
        Paragraph(
            plain(
                "Nous avons reçu la modification ci-dessous. La demande que vous avez signée reste telle qu’elle est; "
                "cette modification s’y ajoute."
            )
        ),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(programme)),
                Fact("Accusé de réception", plain(head.receipt)),
                Fact("Modification", strong(f"{one.serial}, {one.title.lower()}")),
                Fact("Jour du changement", strong(day)),
                Fact("Reçue le", plain(instant(one.at))),
            ]
        ),
        *_late(one),
        *_costs(one),
        Heading("Ce qui était inscrit, ce qui est inscrit maintenant"),
        Facts(
            [
                Fact(line.label, plain(f"Avant : {line.before or NOTHING}. Maintenant : {line.after or NOTHING}."))
                for line in one.content.lines
            ]
        ),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]  # fmt: skip


def _late(one: FileAmendment) -> list[Block]:
    if not one.is_late:
        return []
    day = day_words(one.last_day).replace(" ", NBSP)
    text = (
        f"Un changement se signale dans les {DAYS}{NBSP}jours, ici au plus tard le {day}. Celui-ci est venu après; il "
        "est pris en compte, et le retard est noté."
    )
    return [Paragraph(plain(text))]


def _costs(one: FileAmendment) -> list[Block]:
    """What it costs as it was asked for: it has no effect before that is paid."""
    if one.supplement is None:
        return []
    amount, day = dollars(one.supplement.cents), day_words(one.supplement.last_day).replace(" ", NBSP)
    text = (
        f"Cette modification ajoute une personne : des frais de {amount} sont à payer, au plus tard le {day}. Elle "
        "prend effet une fois ces frais payés. Sans paiement à cette date, elle n’a pas d’effet, et votre demande "
        "reste telle qu’elle est."
    )
    return [Paragraph(plain(text))]


def filing(
    services: AmendmentServices, mailbox: MailboxServices, programmes: Mapping[str, Programme]
) -> Effect:
    """The effect of the task: file the document of one amendment, and say so."""
    names, writers = {id: programme.name for id, programme in programmes.items()}, senders(programmes)

    async def file(conn: AsyncConnection, subject: Subject, now: int) -> None:
        a = amendment.c
        number = (await conn.execute(sa.select(a.submission).where(a.id == subject.number))).scalar_one()
        head = await sheet(conn, services.personal, number)
        (one,) = [
            each for each in await reading.of_file(conn, services.cipher, number) if each.id == subject.number
        ]
        sender = writers.get(head.programme, NO_SENDER)
        named = announced_name(head.rules, head.programme, names)
        content = blocks_of(head, one, named, sender, now)
        about = Subject.row(SUBMISSION, number)
        kind = DocumentKind.AMENDMENT
        made = UnfiledDocument(head.account, about, kind, TITLE, content, now, one.serial)
        await file_and_announce(conn, mailbox, made)

    return file
