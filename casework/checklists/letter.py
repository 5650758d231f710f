"""What the list says as a document and in the mailbox: blocks, from which page and PDF are made. Pure."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.checklists.generating import PersonalList
from casework.checklists.items import Checklist, ChecklistItem, ItemEvent
from casework.checklists.rules import FORMATS, PERSONS, PersonKind, PostalAddress
from casework.checklists.states import ACTS_DONE, ItemAct
from casework.files.sheet import FileSheet
from casework.letters.letterhead import letterhead, signed
from casework.letters.payment_letters import LetterWords
from foundation.calendar.spans import Deadline
from server.rendering.counted import counted
from server.rendering.templating import day_words, instant

TITLE = "Liste personnalisée de documents"

MESSAGE_TITLE = "Votre liste de documents est prête"

REMINDER_TITLE = "Rappel : des documents sont attendus"

RECEIVED_TITLE = "Nous avons reçu des documents"

CHANGED_TITLE = "Votre liste de documents a changé"

SAMPLE = "Cette liste est un exemple : elle ne vaut pour aucune demande réelle."

NOT_IN_FORMAT = (
    "Si vous ne pouvez pas envoyer un document dans le format demandé, expliquez pourquoi par écrit : à la page de "
    "votre dossier, ou sur une feuille jointe à l’envoi."
)


def whose(person: PersonKind, name: str) -> str:
    """« Personne à charge : Léa Roy »."""
    return f"{PERSONS[person]} : {name}" if name else PERSONS[person]


def format_words(item: ChecklistItem) -> str:
    """The format, with the translation and the return where they apply (DC-05, DC-06)."""
    words = FORMATS[item.format]
    if item.translation:
        words += ", avec une traduction si le document n’est ni en français ni en anglais"
    return words + (", qui vous sera retourné" if item.give_back else "")


def list_blocks(
    head: FileSheet, words: LetterWords, listed: Checklist, due: Deadline, is_sample: bool, now: int
) -> list[Block]:
    """The list as it is filed: who, until when, where to, and each document with its number."""
    many, them = counted(len(listed.items), "document"), "le" if len(listed.items) == 1 else "les"
    all_of_it = "quand il est reçu" if len(listed.items) == 1 else "quand tous sont reçus"
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(TITLE, level=1),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(words.programme)),
                Fact("À poster au plus tard le", strong(day_words(due.last_day))),
            ]
        ),
        Paragraph(
            plain(
                f"Pour étudier votre demande, nous avons besoin de {many}. Envoyez-{them} par la poste, avec votre "
                f"numéro de dossier, dans les {listed.days.to_send} jours qui suivent le "
                f"{day_words(listed.sent_on)}. L’étude commence {all_of_it}."
            )
        ),
        *([Paragraph(strong(SAMPLE))] if is_sample else []),
        *_people(listed.items),
        *_addresses(listed.addresses),
        Heading("Si un document manque", level=2),
        Paragraph(plain(NOT_IN_FORMAT)),
        *signed(words.sender, now),
        Note(plain(f"Liste établie le {instant(now)}.")),
    ]


def _people(items: Sequence[ChecklistItem]) -> Iterable[Block]:
    for (person, name), theirs in groupby(items, key=lambda item: (item.person, item.name)):
        yield Heading(whose(person, name), level=2)
        yield Facts(
            [
                Fact(f"{item.number}. {item.title}", plain(f"{format_words(item)}. {item.help}"))
                for item in theirs
            ]
        )


def _addresses(addresses: Sequence[PostalAddress]) -> Iterable[Block]:
    for address in addresses:
        yield Heading("Où envoyer vos documents", level=2)
        yield Paragraph(plain(", ".join(address.lines)))


def sent_blocks(listed: PersonalList, due: Deadline) -> list[Block]:
    """The message that goes with the list."""
    return [
        Paragraph(
            plain(
                f"Votre liste personnalisée compte {counted(len(listed.items), 'document')}. Postez-les au plus tard "
                f"le {day_words(due.last_day)}. La liste est jointe à ce message, et votre dossier dit où "
                "en est chaque document."
            )
        )
    ]


def reminder_blocks(listed: Checklist, due: Deadline) -> list[Block]:
    """A reminder: how many are awaited, by when."""
    awaited = listed.awaited
    return [
        Paragraph(
            plain(
                f"Il manque {counted(len(awaited), 'document')} à votre dossier. Postez-les au plus tard le "
                f"{day_words(due.last_day)}, ou expliquez par écrit pourquoi vous ne le pouvez pas."
            )
        ),
        Facts(
            [Fact(f"{item.number}. {item.title}", plain(whose(item.person, item.name))) for item in awaited]
        ),
    ]


def told_blocks(
    listed: Checklist, told: Sequence[tuple[ChecklistItem, ItemEvent]]
) -> tuple[str, list[Block]]:
    """What the office did about documents, one line each; the title says whether all of it are receipts."""
    are_receipts = all(event.act is ItemAct.RECEIVE for _, event in told)
    intro = (
        "Les documents suivants sont inscrits à votre dossier. Conservez les numéros de réception."
        if are_receipts
        else "Voici ce qui a changé dans votre liste de documents. La page de votre dossier la montre en entier."
    )
    facts = [
        Fact(
            f"{item.number}. {item.title}",
            plain(f"{whose(item.person, item.name)}. {told_words(listed, item, event)}"),
        )
        for item, event in told
    ]
    return RECEIVED_TITLE if are_receipts else CHANGED_TITLE, [Paragraph(plain(intro)), Facts(facts)]


def told_words(listed: Checklist, item: ChecklistItem, event: ItemEvent) -> str:
    """One act of the office, as the candidate reads it."""
    day, due = day_words(event.on_day), day_words(listed.deadline(item).last_day)
    match event.act:
        case ItemAct.RECEIVE:
            return f"Reçu le {day}, n° {event.receipt}"
        case ItemAct.UNDO_RECEIPT:
            return f"Réception annulée le {day} : elle était inscrite par erreur"
        case ItemAct.GIVE_BACK:
            return f"Original retourné le {day}, numéro de suivi {event.tracking}"
        case ItemAct.ACCEPT:
            return "Votre explication est acceptée : ce document n’est plus à envoyer"
        case ItemAct.WAIVE:
            return f"Plus demandé : {event.text}"
        case ItemAct.REFUSE | ItemAct.ASK_AGAIN:
            return f"{ACTS_DONE[event.act]} : {event.text} À poster au plus tard le {due}"
        case ItemAct.EXPLAIN:
            return ACTS_DONE[event.act]
