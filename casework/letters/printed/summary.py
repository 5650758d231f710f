"""The summary of an application (DM-06): what was signed, in the words of that day, as blocks. It is the only form in
which an application can be printed, once it is submitted and its fees are paid."""

from typing import Final

from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, grouped, plain, strong
from casework.files.sheet import FileSheet
from casework.files.states import FileStatus
from casework.letters.letterhead import letterhead
from casework.letters.payment_letters import LetterWords
from casework.payments.states import OPENED
from foundation.errors import Code, Refusal
from server.rendering.templating import instant
from submission.signing.signatures import SignedContent
from submission.states import CAPACITIES

TITLE: Final = "Sommaire de la demande"

NOTHING: Final = "Rien n’a été rempli dans cette section."


def require_printable(status: FileStatus) -> None:
    """Refusal print_not_available for a file whose fees are not here."""
    if status not in OPENED:
        raise Refusal(Code.PRINT_NOT_AVAILABLE)


def blocks_of(head: FileSheet, words: LetterWords, signed: SignedContent, now: int) -> list[Block]:
    """The summary as it is made at `now` (instant). Pure."""
    content: list[Block] = [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(TITLE, level=1),
        Paragraph(
            plain("Voici les réponses telles qu’elles ont été signées et soumises. Elles ne changent plus.")
        ),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(words.programme)),
                Fact("Accusé de réception", strong(head.receipt)),
                Fact("Soumise le", plain(instant(head.submitted_at))),
            ]
        ),
    ]
    for section in signed.answers.sections:
        content.append(Heading(section.title))
        if not section.members:
            content.append(Paragraph(plain(NOTHING)))
        for member in section.members:
            if member.name:
                content.append(Heading(member.name, level=3))
            content.append(Facts([Fact(one.label, plain(one.words)) for one in member.answers]))
    return [*content, *_signature(signed), Note(plain(f"Sommaire produit le {instant(now)}."))]


def _signature(signed: SignedContent) -> list[Block]:
    mark = signed.signature
    if mark is None:
        return []
    facts = [
        Fact("Signée par", plain(CAPACITIES[mark.capacity])),
        Fact("Signée le", plain(instant(mark.signed_at))),
        Fact("Empreinte de la demande (SHA-256)", plain(grouped(mark.content_digest))),
    ]
    return [Heading("Signature"), Facts(facts)]
