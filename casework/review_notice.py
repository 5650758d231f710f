"""The letters of reviews: what was decided about an account, on what it rests, and how to have it looked at.

Of a decision that nobody took the letter says so, which data it used, why, and the right to observations and to a
person's look (Act respecting access, A-2.1, s. 65.2). The words of a reason stay in the case, encrypted; the page
« Vérifications » shows them.
"""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import EMAIL
from accounts.reviews import cases, links, mails
from accounts.reviews.cases import ReviewCase, ReviewEvent
from accounts.reviews.states import ReviewAct, ReviewKind
from accounts.reviews.store import review_event
from accounts.store import account as accounts
from casework import documents
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind, UnfiledDocument
from casework.letters.letterhead import account_letterhead
from casework.letters.whose import whose
from casework.mailbox.filed import file_and_announce
from casework.mailbox.services import MailboxServices
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.programmes import Programme
from server.rendering.templating import instant
from submission.near_duplicates.consequences import REVIEW_EVENT, TOLD

SAID: Final[Mapping[tuple[ReviewKind, ReviewAct, bool], str]] = {
    (
        ReviewKind.DUPLICATE,
        ReviewAct.LINKED,
        True,
    ): "Ce compte porte la même identité qu’un autre compte. Il lui a été "
    "lié, et ne peut plus servir à prendre son tour ni à soumettre une demande : c’est l’autre compte qui compte. Rien "
    "n’a été effacé.",
    (
        ReviewKind.DUPLICATE,
        ReviewAct.LINKED,
        False,
    ): "Un autre compte porte la même identité que celui-ci. Il a été lié "
    "à ce compte-ci, qui reste valable : vous n’avez rien à faire. Si l’autre compte n’est pas le vôtre, "
    "dites-le-nous.",
    (
        ReviewKind.DUPLICATE,
        ReviewAct.CONFIRMED,
        True,
    ): "Une personne du Ministère a conclu que ce compte et un autre "
    "sont à la même personne. C’est l’autre compte qui compte : celui-ci ne peut plus servir à prendre son tour ni à "
    "soumettre une demande. Rien n’a été effacé.",
    (
        ReviewKind.DUPLICATE,
        ReviewAct.CONFIRMED,
        False,
    ): "Une personne du Ministère a conclu que ce compte et un autre "
    "sont à la même personne. Ce compte-ci reste valable : vous n’avez rien à faire.",
    (
        ReviewKind.CESSION,
        ReviewAct.CONFIRMED,
        True,
    ): "Une personne du Ministère a conclu que ce compte a été cédé ou "
    "vendu. Les comptes cédés ou vendus sont refusés : il ne peut plus servir à prendre son tour ni à soumettre une "
    "demande, et celle qui a été soumise est refusée.",
}
"""Kind, act, and whether the account is the one that the act meets -> what the letter says first."""

_OTHER: Final = {
    ReviewAct.ASKED: "Une personne du Ministère examine votre compte et vous pose une question. Lisez-la sous "
    "« Vérifications » dans votre compte, et répondez-y au même endroit. Rien n’est décidé avant votre réponse.",
    ReviewAct.DISMISSED: "Une personne du Ministère a examiné ce qui avait été signalé au sujet de votre compte. Ce "
    "n’est pas retenu : votre compte reste valable, et ce qui avait été changé est rétabli.",
    ReviewAct.UNDONE: "Une décision qui avait été prise au sujet de votre compte est annulée. Ce qu’elle avait changé "
    "est rétabli.",
}

WHY: Final = {
    ReviewKind.DUPLICATE: "Une personne n’a qu’un compte et qu’une demande : les doublons sont repérés. Compte celui "
    "dont la demande a été acceptée la première; si aucune ne l’a été, le plus ancien.",
    ReviewKind.CESSION: "Un compte est personnel : les comptes cédés ou vendus sont refusés.",
    ReviewKind.PAPER: "Une demande envoyée par la poste lors d’une période antérieure reste valable.",
}
"""Kind of a case -> the rule behind it."""

DATA_USED: Final = (
    "Nom de famille, prénom, date de naissance et numéro de passeport, tels qu’ils sont dans les deux comptes"
)
"""What an automatic link rests on; no more than these is compared for it."""


def blocks_of(kind: ReviewKind, act: ReviewAct, meets: bool, now: int) -> list[Block]:
    """The letter as it is filed; `meets` says whether this account is the one whose turn is at stake. Pure."""
    first = SAID.get((kind, act, meets)) or _OTHER[act]
    facts = [Fact("Décision", strong(_by_whom(act)))]
    if act == ReviewAct.LINKED:
        facts.append(Fact("Renseignements utilisés", plain(DATA_USED)))
    if act in (ReviewAct.LINKED, ReviewAct.CONFIRMED):
        facts.append(Fact("Règle", plain(WHY[kind])))
    rights = (
        "Vous avez le droit de faire corriger ces renseignements, et de présenter vos observations à une personne qui "
        "peut revoir la décision (Loi sur l’accès aux documents des organismes publics et sur la protection des "
        "renseignements personnels, article 65.2). "
        if act == ReviewAct.LINKED
        else ""
    )
    return [
        Heading(mails.TITLES[act], level=1),
        Paragraph(plain(first)),
        Facts(facts),
        Paragraph(
            plain(
                f"{rights}Le détail, le motif et le formulaire pour nous répondre sont sous « Vérifications » dans "
                "votre compte. Une personne lit chaque réponse."
            )
        ),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def _by_whom(act: ReviewAct) -> str:
    if act == ReviewAct.LINKED:
        return "Prise automatiquement, sans l’intervention d’une personne"
    return "Aucune pour le moment" if act == ReviewAct.ASKED else "Prise par une personne du Ministère"


def telling(programmes: Mapping[str, Programme], mailbox: MailboxServices) -> Effect:
    """The effect of the task REVIEW_NOTICE: a letter in each account of the case, said in its mailbox and by a mail to
    its address, which leads to where it can be answered."""
    personal = mailbox.personal

    async def tell(conn: AsyncConnection, subject: Subject, now: int) -> None:
        found = sa.select(review_event.c.review).where(review_event.c.id == subject.number)
        review = await cases.find(conn, personal.reviews, (await conn.execute(found)).scalar_one())
        events = await cases.events(conn, personal.reviews, review.id)
        event = next(one for one in events if one.id == subject.number)
        if not is_told(review, event, events):
            return
        link = await links.last_of(conn, review.id)
        for account in review.accounts:
            meets = account == (review.account if link is None else link.account)
            content = blocks_of(review.kind, event.act, meets, now)
            await _file(conn, programmes, mailbox, event, review.kind, account, content, now)

    return tell


def is_told(review: ReviewCase, event: ReviewEvent, events: list[ReviewEvent]) -> bool:
    """Whether the person hears of an act: not that something was looked at of which they never heard. Pure."""
    if event.act in (ReviewAct.DISMISSED, ReviewAct.UNDONE):
        return any(one.id < event.id and one.act in TOLD | {ReviewAct.REQUESTED} for one in events)
    return review.kind != ReviewKind.PAPER or event.act == ReviewAct.ASKED


async def _file(
    conn: AsyncConnection,
    programmes: Mapping[str, Programme],
    mailbox: MailboxServices,
    event: ReviewEvent,
    kind: ReviewKind,
    account: int,
    said: list[Block],
    now: int,
) -> None:
    columns = sa.select(accounts.c.username, accounts.c.email).where(accounts.c.id == account)
    row = (await conn.execute(columns)).one_or_none()
    if row is None:
        return
    subject = Subject.row(REVIEW_EVENT, event.id)
    personal, title = mailbox.personal, mails.TITLES[event.act]
    name, address = await whose(conn, personal, account)
    content = [account_letterhead(programmes, name, address, now), *said]
    serial = await documents.next_serial(conn, subject, DocumentKind.REVIEW_NOTICE)
    letter = UnfiledDocument(account, subject, DocumentKind.REVIEW_NOTICE, title, content, now, serial)
    notice = None
    if row.email is not None:
        to = personal.opened(row.username, EMAIL, row.email)
        notice = mails.notice(to, kind, event.act, mailbox.public_url)
    key = f"review_notice:{event.id}:{account}"
    await file_and_announce(conn, mailbox, letter, notice=notice, key=key)
