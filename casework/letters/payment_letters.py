"""The two letters at the payment of a file: the confirmation of the payment (PY-07), and its opening (DM-02).

Both are made of the sheet of the file, which is one row, and of its event « paid », which never changes; where no fees
are asked for there is the second alone, of the event « opened ». Each has a task of its own; whichever is filed last
says that they are there, in its transaction (`payment_announced.py`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.blocks import Block, BulletList, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind, MadeDocument, UnfiledDocument
from casework.files import events
from casework.files.events import FileEvent
from casework.files.sheet import FileSheet, sheets
from casework.files.states import FileEventKind
from casework.files.tasks import FileTask
from casework.letters import payment_announced
from casework.letters.letterhead import NO_SENDER, LetterSender, letterhead, senders, signed
from casework.letters.payment_announced import CONFIRMATION_TITLE, OPENING_TITLE
from casework.mailbox.services import MailboxServices
from casework.payments.states import INSTRUMENTS, Instrument
from foundation.batched_tasks.performing import BatchEffect, BatchEffects, BatchRecord, Subjects
from foundation.calendar.days import day_of
from foundation.money import dollars
from foundation.outbox import Effect
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from server.rendering.counted import NBSP
from server.rendering.templating import day_words, instant


class LetterWords(msgspec.Struct, frozen=True):
    """What a letter says besides the sheet: the programme's name, and who writes."""

    programme: str
    sender: LetterSender


def confirmation_blocks(head: FileSheet, words: LetterWords, paid: FileEvent, now: int) -> list[Block]:
    """The confirmation of a payment as it is filed at `now` (instant). Pure."""
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(CONFIRMATION_TITLE, level=1),
        Paragraph(
            plain("Nous confirmons que les frais de la demande désignée ci-dessous sont payés en entier.")
        ),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Compte", plain(head.username)),
                Fact("Programme", plain(words.programme)),
                Fact("Accusé de réception", plain(head.receipt)),
                Fact("Montant payé", strong(dollars(paid.detail["cents"]))),
                Fact("Date du paiement", strong(_paid_on(paid))),
                Fact("Mode de paiement", plain(INSTRUMENTS[Instrument(paid.detail["instrument"])])),
            ]
        ),
        Paragraph(
            plain("Conservez ce document : il fait preuve de votre paiement. Rien d’autre n’est à payer.")
        ),
        *signed(words.sender, now),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def opening_blocks(head: FileSheet, words: LetterWords, paid: FileEvent, now: int) -> list[Block]:
    """The letter that opens a file, as it is filed at `now` (instant); `paid` is the event that opened it. Pure."""
    submitted_on = day_words(day_of(head.submitted_at)).replace(" ", NBSP)
    fees = f", et ses frais ont été payés le {_paid_on(paid)}."
    if paid.kind is FileEventKind.OPENED:
        fees = ". Ce programme ne demande aucuns frais."
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(OPENING_TITLE, level=1),
        Paragraph(
            [
                *plain(
                    f"Votre demande a été soumise le {submitted_on}{fees} Votre dossier est ouvert sous le numéro "
                ),
                *strong(head.number),
                *plain(". Indiquez-le dans toute communication et sur tout envoi par la poste."),
            ]
        ),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(words.programme)),
                Fact("Accusé de réception", plain(head.receipt)),
            ]
        ),
        Heading("Ce qui suit"),
        BulletList(
            [
                plain(
                    "Vous recevrez, dans « Consultation des documents », la liste des documents à envoyer et le "
                    "dernier jour pour le faire. N’envoyez rien avant de l’avoir reçue."
                ),
                plain("L’étude de votre dossier commence quand tous les documents de la liste sont reçus."),
                plain("Chaque étape paraît dans votre compte. Aucune décision n’est annoncée par courriel."),
            ]
        ),
        *signed(words.sender, now),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def _paid_on(paid: FileEvent) -> str:
    return day_words(paid.on_day or day_of(paid.at)).replace(" ", NBSP)


class PaymentLetters:
    """The effects of the tasks that a payment stages."""

    def __init__(self, programmes: Mapping[str, Programme], mailbox: MailboxServices) -> None:
        self._mailbox, self._personal, self._senders = mailbox, mailbox.personal, senders(programmes)
        self._names = {id: programme.name for id, programme in programmes.items()}

    def confirming(self) -> Effect:
        """File the confirmation of a payment: the n-th of a file is about its n-th payment."""
        return self._filing(self._confirmations)

    def opening(self) -> Effect:
        """File the letter that opens a file, once: a payment that went back and came again opens nothing anew."""
        return self._filing(self._openings)

    def batches(self) -> BatchEffects:
        """The same for many files at once: the letters are made in no transaction, and filed together if they are
        still what would be made of the files then; a letter of which that is not so is made again."""
        return {
            FileTask.PAYMENT_CONFIRMATION: BatchEffect(self._making(self._confirmations)),
            FileTask.FILE_OPENING: BatchEffect(self._making(self._openings)),
        }

    def _filing(self, letters_of: "LettersOf") -> Effect:
        async def file(conn: AsyncConnection, subject: Subject, now: int) -> None:
            letters = await letters_of(conn, [subject], now)
            await self._file(conn, [documents.make(one) for one in letters], now)

        return file

    def _making(self, letters_of: "LettersOf") -> Callable[[Database, Subjects, int], Awaitable[BatchRecord]]:
        async def make(db: Database, subjects: Subjects, now: int) -> BatchRecord:
            letters = await db.read(lambda conn: letters_of(conn, subjects, now))
            ready = {one.subject: documents.make(one) for one in letters}

            async def record(conn: AsyncConnection, subjects: Subjects) -> None:
                wanted = await letters_of(conn, subjects, now)
                made = [documents.still(ready.get(one.subject), one) for one in wanted]
                await self._file(conn, made, now)

            return record

        return make

    async def _file(self, conn: AsyncConnection, made: Sequence[MadeDocument], now: int) -> None:
        """File what was made, and say so of each payment of which that was the last letter."""
        await documents.file_made(conn, made, now)
        await payment_announced.announce(conn, self._mailbox, [one.made_of for one in made], now)

    async def _confirmations(
        self, conn: AsyncConnection, subjects: Subjects, now: int
    ) -> list[UnfiledDocument]:
        kind, letters = DocumentKind.PAYMENT_CONFIRMATION, []
        for one in await self._paid_files(conn, subjects, kind):
            if one.serial <= len(one.paid):
                content = confirmation_blocks(one.head, one.words, one.paid[one.serial - 1], now)
                title = CONFIRMATION_TITLE
                letters.append(
                    UnfiledDocument(one.head.account, one.subject, kind, title, content, now, one.serial)
                )
        return letters

    async def _openings(self, conn: AsyncConnection, subjects: Subjects, now: int) -> list[UnfiledDocument]:
        kind, letters = DocumentKind.FILE_OPENING, []
        for one in await self._paid_files(conn, subjects, kind):
            if (opened := [*one.paid, *one.opened]) and one.serial == 1:
                content = opening_blocks(one.head, one.words, opened[0], now)
                letters.append(
                    UnfiledDocument(one.head.account, one.subject, kind, OPENING_TITLE, content, now)
                )
        return letters

    async def _paid_files(
        self, conn: AsyncConnection, subjects: Subjects, kind: DocumentKind
    ) -> list["PaidFile"]:
        numbers = [one.number for one in subjects]
        heads = await sheets(conn, self._personal, numbers)
        paid = await events.of_kind(conn, numbers, FileEventKind.PAID)
        opened = await events.of_kind(conn, numbers, FileEventKind.OPENED)
        serials = await documents.next_serials(conn, subjects, kind)
        files = []
        for one in subjects:
            number, head = one.number, heads[one.number]
            files.append(PaidFile(one, head, self._words(head), paid[number], opened[number], serials[one]))
        return files

    def _words(self, head: FileSheet) -> LetterWords:
        name = announced_name(head.rules, head.programme, self._names)
        return LetterWords(name, self._senders.get(head.programme, NO_SENDER))


LettersOf = Callable[[AsyncConnection, Subjects, int], Awaitable[list[UnfiledDocument]]]
"""The letters of one kind that are to be filed about these files at this instant."""


class PaidFile(NamedTuple):
    """What the letters of a file are made of: its payments, its opening without fees, and the serial number that the
    next letter has."""

    subject: Subject
    head: FileSheet
    words: LetterWords
    paid: list[FileEvent]
    opened: list[FileEvent]
    serial: int
