"""The letter that goes back with an item: to whom, what, and why, as blocks; printed as PDF by the clerk who posts it.

The address is the account's; of a deleted file that of its tombstone, while it is kept; of an item of the pen what
stands on its envelope.
"""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.blocks import Block, Fact, Heading, Letterhead, Paragraph, SignatureBlock, plain, strong
from casework.files.sheet import sheet
from casework.letters.letterhead import NO_SENDER, dated, senders
from casework.mailroom import items
from casework.mailroom.items import MailEvent, RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import INSTRUMENTS, KINDS, MailKind, MailMove
from casework.payments.unpaid import deletion
from foundation.calendar.days import day_of
from foundation.money import dollars
from quota.offices.office_addresses import OfficeUse
from quota.programmes import office_of_all
from server.rendering.templating import day_words

TITLE = "Retour de votre envoi"

SERVICE = "Service du courrier"
"""Who posts it, at the ministry's office of that day (DC-07)."""

UNKNOWN = "Nous n’avons pas pu trouver le dossier auquel votre envoi appartient. Nous vous le retournons."

AGAIN = "Si vous nous l’envoyez de nouveau, écrivez-y le numéro du dossier en entier."

OF_A_FILE = "Nous vous retournons cet envoi."


class ReturnAddressee(msgspec.Struct, frozen=True, kw_only=True):
    """To whom something goes back: lines of an envelope, the number of the file where it has one, and the office from
    which it goes."""

    lines: list[str]
    number: str = ""
    sender: list[str] = []


async def addressee(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, now: int
) -> ReturnAddressee:
    """To whom an item goes back, from the office of this instant."""
    day, programmes = day_of(now), services.payments.programmes
    if item.submission is None:
        hints = item.entry.hints
        office = office_of_all(programmes, OfficeUse.LETTERS, day)
        return ReturnAddressee(
            lines=[line for line in (hints.name, hints.country) if line] or ["À l’expéditeur"],
            sender=[] if office is None else list(office.lines),
        )
    head = await sheet(conn, services.personal, item.submission)
    kept = await deletion.return_address(conn, services.payments, item.submission)
    address = head.address if kept is None else kept
    lines = [] if address is None else address.whole
    sender = senders(programmes).get(head.programme, NO_SENDER)
    return ReturnAddressee(
        lines=[head.identity.full_name, *lines],
        number=head.number,
        sender=sender.lines(OfficeUse.LETTERS, day),
    )


def why_of(history: list[MailEvent]) -> str:
    """Why it was set aside last, in staff's words; empty where a rule did it. Pure."""
    found = [one.reason for one in history if one.move is MailMove.SET_ASIDE]
    return (found[-1] if found else None) or ""


def blocks_of(item: RegisteredItem, to: ReturnAddressee, why: str, now: int) -> list[Block]:
    """The letter. Pure."""
    entry = item.entry
    about = [Fact("Pièce", strong(str(item.id)))]
    about = [Fact("Dossier", strong(to.number)), *about] if to.number else about
    what = [KINDS[entry.kind], f"réception le {day_words(entry.received_on)}"]
    if entry.kind is MailKind.PAYMENT and entry.instrument is not None:
        what.append(INSTRUMENTS.get(entry.instrument, entry.instrument))
        what += [] if entry.cents is None else [dollars(entry.cents)]
    said = [OF_A_FILE] if to.number else [UNKNOWN, AGAIN]
    return [
        Letterhead([*to.sender, SERVICE], to.lines, dated(now), about),
        Heading(TITLE, level=1),
        *(Paragraph(plain(text)) for text in said),
        Paragraph(plain(f"Ci-joint : {', '.join(what)}.")),
        *([Paragraph(plain(f"Raison : {why}"))] if why else []),
        SignatureBlock([SERVICE]),
    ]


async def letter_of(conn: AsyncConnection, services: MailroomServices, id: int, now: int) -> list[Block]:
    """The letter of an item. Refusal not_found."""
    item = await items.find(conn, services, id)
    why = why_of(list(await items.history(conn, id)))
    return blocks_of(item, await addressee(conn, services, item, now), why, now)
