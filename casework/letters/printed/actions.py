"""« Récapitulatif des actions effectuées » (DM-02): what happened to a file until now, and each document of it with
the SHA-256 of its PDF. A new one is filed when it is asked for and something happened since the last one."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from casework import documents
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, TextTable, grouped, plain, strong
from casework.documents import Document, DocumentKind
from casework.files import events
from casework.files.events import FileEvent, FileHistory
from casework.files.sheet import FileSheet, sheet
from casework.files.states import STATUSES, FileEventKind
from casework.letters.letterhead import NO_SENDER, letterhead, senders
from casework.letters.payment_letters import LetterWords
from foundation.calendar.days import day_of
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from server.rendering.templating import day_words, instant
from submission.states import STATUSES as STANDINGS
from submission.states import SubmissionStatus
from submission.store import SUBMISSION, status_change

TITLE: Final = "Récapitulatif des actions effectuées"

ACTS: Final = {
    FileEventKind.PAID: "Frais payés en entier",
    FileEventKind.OPENED: "Dossier ouvert, sans frais",
    FileEventKind.PAYMENT_REVERSED: "Paiement annulé ou remboursé",
    FileEventKind.PAYMENT_REDATED: "Date de réception du paiement corrigée",
    FileEventKind.UNPAID_DELETED: "Demande supprimée, faute de paiement",
    FileEventKind.RETURNED_DELETED: "Demande supprimée, paiement retourné",
    FileEventKind.WITHDRAWN: "Demande retirée",
    FileEventKind.CHECKLIST_SENT: "Liste des documents envoyée",
    FileEventKind.ITEM_SETTLED: "Document de la liste traité",
    FileEventKind.DOCUMENTS_COMPLETE: "Tous les documents reçus, étude commencée",
    FileEventKind.DOCUMENTS_REOPENED: "Document demandé de nouveau",
    FileEventKind.AMENDED: "Changement ajouté à la demande",
    FileEventKind.SUPPLEMENT_PAID: "Frais d’un changement payés en entier",
    FileEventKind.SUPPLEMENT_REVERSED: "Paiement des frais d’un changement annulé",
    FileEventKind.AMENDMENT_LAPSED: "Changement sans effet, frais non payés",
    FileEventKind.AMENDMENT_GIVEN_UP: "Changement abandonné, sans effet",
    FileEventKind.AMENDMENT_RESTORED: "Changement rétabli, paiement arrivé à temps",
    FileEventKind.DEADLINE_MOVED: "Dernier jour reporté",
    FileEventKind.DECIDED: "Décision rendue",
    FileEventKind.DECISION_REPLACED: "Décision remplacée",
}
"""Event of a file -> what the record says of it."""

Standing = tuple[int, SubmissionStatus]
"""Since when (instant) a submission has had a status."""


def blocks_of(
    head: FileSheet,
    words: LetterWords,
    standings: Sequence[Standing],
    history: FileHistory,
    filed: Sequence[Document],
    now: int,
) -> list[Block]:
    """The record as it is filed at `now` (instant). Pure."""
    acts = [(at, STANDINGS[status]) for at, status in standings]
    acts += [(event.at, _act(event)) for event in history.events]
    rows = [[instant(at), act] for at, act in sorted(acts, key=lambda one: one[0])]
    listed = [
        [str(one.number), one.title, instant(one.created_at), grouped(one.digest or "")] for one in filed
    ]
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(TITLE, level=1),
        Paragraph(
            plain(
                "Voici tout ce qui a été inscrit à ce dossier jusqu’au dépôt de ce document. Un nouveau récapitulatif "
                "peut être demandé quand autre chose s’y ajoute."
            )
        ),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(words.programme)),
                Fact("Accusé de réception", plain(head.receipt)),
                Fact("État du dossier", strong(STATUSES[history.status])),
            ]
        ),
        Heading("Actions"),
        TextTable("Actions, de la plus ancienne à la plus récente", ["Date et heure", "Action"], rows),
        *_documents(listed),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def _documents(listed: list[list[str]]) -> list[Block]:
    if not listed:
        return []
    caption = "Documents de ce dossier, avec l’empreinte (SHA-256) de chacun"
    columns = ["Nº", "Titre", "Déposé le", "Empreinte du PDF"]
    return [Heading("Documents déposés"), TextTable(caption, columns, listed)]


def _act(event: FileEvent) -> str:
    act = ACTS[event.kind]
    day = (
        "" if event.on_day is None or event.on_day == day_of(event.at) else f" (le {day_words(event.on_day)})"
    )
    return f"{act}{day}"


class ActionRecords:
    """Files them, for the account a file belongs to."""

    def __init__(self, programmes: Mapping[str, Programme], personal: PersonalFields) -> None:
        self._personal, self._senders = personal, senders(programmes)
        self._names = {id: programme.name for id, programme in programmes.items()}

    async def asked(self, conn: AsyncConnection, submission: int, now: int) -> str:
        """The record that is good now, under the file's lock: the last one, if nothing happened since, otherwise a new
        one, which is filed. Its document's id. Refusal not_found."""
        history = await events.history(conn, submission, lock=True)
        subject = Subject.row(SUBMISSION, submission)
        filed = await documents.of_subject(conn, subject)
        records = [one for one in filed if one.kind == DocumentKind.ACTIONS_RECORD]
        others = [one for one in filed if one.kind != DocumentKind.ACTIONS_RECORD]
        standings = await _standings(conn, submission)
        last = records[-1] if records else None
        if last is not None and is_good(last.created_at, standings, history, others):
            return last.id
        head = await sheet(conn, self._personal, submission)
        name = announced_name(head.rules, head.programme, self._names)
        words = LetterWords(name, self._senders.get(head.programme, NO_SENDER))
        content = blocks_of(head, words, standings, history, others, now)
        serial = await documents.next_serial(conn, subject, DocumentKind.ACTIONS_RECORD)
        kind = DocumentKind.ACTIONS_RECORD
        return await documents.file(conn, head.account, subject, kind, TITLE, content, now, serial)


def is_good(
    made_at: int, standings: Sequence[Standing], history: FileHistory, others: Sequence[Document]
) -> bool:
    """Whether a record that was made then still says all that happened. Pure."""
    happened = [at for at, _ in standings] + [event.at for event in history.events]
    return max([*happened, *(one.created_at for one in others)], default=0) <= made_at


async def _standings(conn: AsyncConnection, submission: int) -> list[Standing]:
    c = status_change.c
    rows = await conn.execute(sa.select(c.at, c.status).where(c.submission == submission).order_by(c.id))
    return [(row.at, SubmissionStatus(row.status)) for row in rows]
