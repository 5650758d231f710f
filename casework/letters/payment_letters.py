"""The two letters at the payment of a file: the confirmation of the payment (PY-07), and its opening (DM-02).

Both are made of the sheet of the file, which is one row, and of its event « paid », which never changes.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from casework import documents
from casework.blocks import Block, BulletList, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind
from casework.files import events
from casework.files.events import FileEvent
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind
from casework.letters.letterhead import NO_SENDER, LetterSender, letterhead, senders, signed
from casework.payments.states import INSTRUMENTS, Instrument
from foundation.calendar.days import day_of
from foundation.money import dollars
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from server.rendering.counted import NBSP
from server.rendering.templating import day_words, instant

CONFIRMATION_TITLE = "Confirmation de paiement"

OPENING_TITLE = "Lettre d’ouverture de dossier"


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
    """The letter that opens a file, as it is filed at `now` (instant). Pure."""
    submitted_on = day_words(day_of(head.submitted_at)).replace(" ", NBSP)
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(OPENING_TITLE, level=1),
        Paragraph(
            [
                *plain(
                    f"Votre demande a été soumise le {submitted_on}, et ses frais ont été payés le {_paid_on(paid)}. "
                    "Votre dossier est ouvert sous le numéro "
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

    def __init__(self, programmes: Mapping[str, Programme], personal: PersonalFields) -> None:
        self._personal, self._senders = personal, senders(programmes)
        self._names = {id: programme.name for id, programme in programmes.items()}

    def confirming(self) -> Effect:
        """File the confirmation of a payment: the n-th of a file is about its n-th payment."""

        async def confirm(conn: AsyncConnection, subject: Subject, now: int) -> None:
            kind = DocumentKind.PAYMENT_CONFIRMATION
            serial = await documents.next_serial(conn, subject, kind)
            paid = _payments(await events.history(conn, subject.number))
            if serial > len(paid):
                return
            head, words = await self._head(conn, subject.number)
            content = confirmation_blocks(head, words, paid[serial - 1], now)
            await documents.file(conn, head.account, subject, kind, CONFIRMATION_TITLE, content, now, serial)

        return confirm

    def opening(self) -> Effect:
        """File the letter that opens a file, once: a payment that went back and came again opens nothing anew."""

        async def open_file(conn: AsyncConnection, subject: Subject, now: int) -> None:
            kind = DocumentKind.FILE_OPENING
            paid = _payments(await events.history(conn, subject.number))
            if not paid or await documents.next_serial(conn, subject, kind) > 1:
                return
            head, words = await self._head(conn, subject.number)
            content = opening_blocks(head, words, paid[0], now)
            await documents.file(conn, head.account, subject, kind, OPENING_TITLE, content, now)

        return open_file

    async def _head(self, conn: AsyncConnection, submission: int) -> tuple[FileSheet, LetterWords]:
        head = await sheet(conn, self._personal, submission)
        name = announced_name(head.rules, head.programme, self._names)
        return head, LetterWords(name, self._senders.get(head.programme, NO_SENDER))


def _payments(history: events.FileHistory) -> list[FileEvent]:
    return [event for event in history.events if event.kind is FileEventKind.PAID]
