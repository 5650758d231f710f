"""Letters of the exempt streams: the decision on a claim, and the confirmation of a submission outside the quota.

A decision's letter is filed in the transaction of the decision, so that there is one of each, in its words. Both are
announced in the mailbox.
"""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account
from casework import documents
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.confirmation import pay_by_fact
from casework.documents import DocumentKind, UnfiledDocument
from casework.letters.letterhead import NO_SENDER, letterhead, programme_letterhead, senders
from casework.letters.whose import whose
from casework.mailbox.filed import file_and_announce
from casework.mailbox.services import MailboxServices
from foundation.mail.outgoing import Mail
from foundation.outbox import Effect
from foundation.sql import tables
from foundation.subjects import Subject
from quota.frozen_rules import payment_of
from quota.programmes import Programme
from server.rendering.templating import instant, number
from submission import store
from submission.exempt.claims import ExemptClaim
from submission.exempt.states import ExemptClaimAct

DECISION_TITLE = "Décision sur votre accès à un volet"

CONFIRMATION_TITLE = "Confirmation de réception, hors période"

SAID = {
    ExemptClaimAct.ACCEPT: (
        "Votre preuve est acceptée. Vous pouvez soumettre votre demande en tout temps depuis votre compte, sans numéro "
        "d’attente, sans période de réception et sans nombre maximal. Tant qu’elle n’est pas signée, elle n’est pas "
        "soumise."
    ),
    ExemptClaimAct.REFUSE: (
        "Votre preuve n’a pas pu être acceptée. Votre compte et votre brouillon sont conservés : vous pouvez donner "
        "une autre preuve, ou soumettre une demande pendant une période de réception."
    ),
    ExemptClaimAct.REMOVE: (
        "Après vérification, la preuve donnée pour soumettre votre demande hors période ne peut pas être retenue. La "
        "demande est retirée : elle n’occupe aucune place d’un quota, et rien n’est à payer. Votre compte et votre "
        "brouillon sont conservés."
    ),
    ExemptClaimAct.REINSTATE: (
        "Une nouvelle décision remplace celle qui avait retiré votre demande : la demande est rétablie, avec son "
        "accusé de réception et son rang."
    ),
}
"""Decision -> what its letter says first."""

REVIEW = (
    "Si vous croyez que cette décision repose sur une erreur, appelez le Centre de contacts : une autre personne peut "
    "la revoir, et une nouvelle décision peut la remplacer."
)


class DecisionLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What the letter says. Instants in milliseconds."""

    act: ExemptClaimAct
    programme: str
    stream: str
    claimed_at: int
    reason: str
    receipt: str | None = None


def decision_blocks(said: DecisionLetter, now: int) -> list[Block]:
    """The letter of a decision as it is filed. Pure."""
    receipt = [] if said.receipt is None else [Fact("Accusé de réception", strong(said.receipt))]
    return [
        Heading(DECISION_TITLE, level=1),
        Paragraph(plain(SAID[said.act])),
        Facts(
            [
                Fact("Programme", plain(said.programme)),
                Fact("Volet", plain(said.stream)),
                Fact("Preuve donnée le", plain(instant(said.claimed_at))),
                *receipt,
                Fact("Motif", strong(said.reason)),
            ]
        ),
        Paragraph(plain(REVIEW)),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


async def file_decision(
    conn: AsyncConnection,
    programmes: Mapping[str, Programme],
    mailbox: MailboxServices,
    claim: ExemptClaim,
    act: ExemptClaimAct,
    now: int,
    notice: Mail | None = None,
) -> str:
    """File the letter of the decision that was just taken, in its transaction, and say so by this e-mail, if one is
    given, or by the usual one; the document's id."""
    said = DecisionLetter(
        act=act, programme=programme_name(programmes, claim.programme),
        stream=stream_name(programmes, claim.programme, claim.stream), claimed_at=claim.claimed_at,
        reason=claim.reason or "", receipt=claim.receipt,
    )  # fmt: skip
    kind = DocumentKind.EXEMPT_DECISION
    serial = await documents.next_serial(conn, claim.subject, kind)
    name, address = await whose(conn, mailbox.personal, claim.account)
    sender = senders(programmes).get(claim.programme, NO_SENDER)
    blocks = [programme_letterhead(sender, name, address, now), *decision_blocks(said, now)]
    one = UnfiledDocument(claim.account, claim.subject, kind, DECISION_TITLE, blocks, now, serial)
    return await file_and_announce(conn, mailbox, one, notice=notice)


class ExemptConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What the confirmation says: whose it is, number, date, rank outside the quota. Instants in milliseconds."""

    name: str
    username: str
    receipt: str
    ledger: str
    stream: str
    rank: int
    submitted_at: int
    pay_by: int | None


def confirmation_blocks(said: ExemptConfirmation, programme: str, stream: str, now: int) -> list[Block]:
    """The confirmation as it is filed. Pure."""
    return [
        Heading(CONFIRMATION_TITLE, level=1),
        Paragraph(
            plain(
                "Nous confirmons que la demande désignée ci-dessous a été soumise hors période, au titre d’un volet "
                "accessible en tout temps. Elle n’occupe aucune place d’un quota."
            )
        ),
        Facts(
            [
                Fact("Nom", strong(said.name)),
                Fact("Compte", plain(said.username)),
                Fact("Programme", plain(programme)),
                Fact("Volet", plain(stream)),
                Fact("Accusé de réception", strong(said.receipt)),
                Fact("Rang hors période", plain(number(said.rank))),
                Fact("Date et heure de la soumission", plain(instant(said.submitted_at))),
                pay_by_fact(said.pay_by),
            ]
        ),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def confirming_exempt(programmes: Mapping[str, Programme], mailbox: MailboxServices) -> Effect:
    """The effect of the task that every submission outside the quota has."""
    writers, personal = senders(programmes), mailbox.personal

    async def confirm(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """File the confirmation of one submission, read in one row, in the task's transaction."""
        s = store.submission.c
        columns = (s.account, s.receipt, s.ledger, s.stream, s.rank, s.submitted_at, s.pay_by)
        whose = (account.c.username, account.c.identity, account.c.address)
        found = sa.select(*columns, *whose).join(account, account.c.id == s.account)
        row = (await conn.execute(found.where(s.id == subject.number))).one()
        name = personal.identity(row.username, row.identity).full_name
        said = msgspec.convert(tables.plain_row(row) | {"name": name}, ExemptConfirmation)
        if not payment_of(None, said.ledger, programmes).asks_fees:
            said = msgspec.structs.replace(said, pay_by=None)
        address = None if row.address is None else personal.home_address(row.username, row.address)
        head = letterhead(writers.get(said.ledger, NO_SENDER), name, address, subject.number, now)
        programme = programme_name(programmes, said.ledger)
        stream = stream_name(programmes, said.ledger, said.stream)
        blocks = [head, *confirmation_blocks(said, programme, stream, now)]
        kind = DocumentKind.EXEMPT_CONFIRMATION
        letter = UnfiledDocument(row.account, subject, kind, CONFIRMATION_TITLE, blocks, now)
        await file_and_announce(conn, mailbox, letter)

    return confirm


def programme_name(programmes: Mapping[str, Programme], id: str) -> str:
    """The programme's name, or its id where this process does not know it."""
    found = programmes.get(id)
    return id if found is None else found.name


def stream_name(programmes: Mapping[str, Programme], programme: str, stream: str) -> str:
    """The stream's name, or its id where the programme's file has it no more."""
    found = programmes.get(programme)
    known = None if found is None else found.stream(stream)
    return stream if known is None else known.name
