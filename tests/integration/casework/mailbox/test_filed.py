"""Of every kind of letter its owner hears once: a message with the letter attached, and one e-mail."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts import missed
from accounts.personal_data.fields import EMAIL
from accounts.states import SessionRole
from accounts.store import account as accounts
from casework import documents, exempt_letters
from casework.amendments import amending
from casework.amendments.services import amendment_services
from casework.blocks import spoken
from casework.decisions.states import DecisionOutcome
from casework.documents import DocumentKind, UnfiledDocument
from casework.files import events
from casework.files.states import FileEventKind
from casework.letters.printed.actions import ActionRecords
from casework.mailbox import filed, messages
from casework.mailbox.filed import SAID_BY, SaidBy
from casework.mailbox.store import message
from casework.payments import cases, cheques, deciding
from casework.payments.cheques import TypedCheque
from casework.payments.states import MoneyAct
from casework.payments.unpaid import ending
from casework.switches.states import SwitchName
from casework.withdrawal import withdrawing
from casework.withdrawal.withdrawing import AskedWithdrawal
from foundation import outbox
from foundation.audit import Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.mail.states import MailState
from foundation.mail.store import mail
from foundation.sql.database import Database
from quota import annulment, ledger
from submission.annulment import void
from submission.exempt.states import ExemptClaimAct
from submission.follow_up import FollowUp
from submission.states import Capacity
from tests.integration.casework.amendments.test_amending import sent
from tests.integration.casework.decisions.test_deciding import propose
from tests.support.candidates.alike import pair
from tests.support.candidates.exempt import accepted_claim, submit_outside
from tests.support.candidates.paying import (
    AGENT,
    FEE,
    PAYMENTS,
    came_by_post,
    last_day,
    move_money,
)
from tests.support.casework.file_events import happened
from tests.support.casework.lists import send
from tests.support.casework.messages import MAILBOX, SAID, announcements
from tests.support.casework.supplements import EXTRA, asked
from tests.support.casework.switching import switched_on
from tests.support.desks import PERSONAL, make_account, make_desk, sign_in
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, KNOWN, about, perform, rows, submitted

K = DocumentKind

ANNE = Actor("essai-00001", "candidate")


async def with_addresses(db: Database) -> None:
    """Every account has an e-mail address."""
    for id, name in await rows(db, accounts.c.id, accounts.c.username):
        sealed = PERSONAL.seal(name, EMAIL, f"{name}@exemple.invalid")
        change = sa.update(accounts).where(accounts.c.id == id).values(email=sealed)
        await db.write(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]


async def work(db: Database, *kinds: str) -> None:
    """Do every task of these kinds that is due, twice: the second ring finds nothing."""
    t = outbox.task.c
    due = sa.select(t.id, t.attempt).where(t.kind.in_(kinds), t.due_at == 0).order_by(t.id)
    for task, attempt in (await db.read(lambda conn: conn.execute(due))).all():
        assert await perform(db, task, attempt)
        assert not await perform(db, task, attempt)


async def decide_money(db: Database, act: MoneyAct) -> int:
    case = (await db.read(cases.waiting))[0].id
    await db.write(lambda conn: deciding.decide(conn, PAYMENTS, case, act, "Motif.", AGENT, now_ms()))
    return case


async def confirmed(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await work(db, FollowUp.CONFIRMATION)


async def annulled(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    period = await db.read(lambda conn: ledger.period_by_id(conn, "essai"))
    await db.write(lambda conn: annulment.annul(conn, period.uid, "Accident", "agnes", now_ms(), void))
    await work(db, "annulment")


async def confirmed_outside(db: Database) -> None:
    desk = make_desk(db)
    await accepted_claim(desk, await make_account(desk))
    await submit_outside(desk, await sign_in(desk))
    await with_addresses(db)
    await work(db, "exempt_confirmation")
    desk.accounts.hasher.close()


async def claim_decided(db: Database) -> None:
    desk = make_desk(db)
    claim = await accepted_claim(desk, await make_account(desk))
    await with_addresses(db)
    await db.write(
        lambda conn: exempt_letters.file_decision(
            conn, KNOWN, MAILBOX, claim, ExemptClaimAct.ACCEPT, now_ms()
        )
    )
    desk.accounts.hasher.close()


async def reviewed(db: Database) -> None:
    await pair(make_desk(db))
    await with_addresses(db)
    await work(db, "review_notice")


async def tried(db: Database) -> None:
    desk, now = make_desk(db), now_ms()
    account = await make_account(desk)
    await with_addresses(db)
    await db.write(lambda conn: missed.count(conn, SessionRole.CANDIDATE, account, True, now))
    await db.write(lambda conn: missed.stage_notice(conn, account, now))
    await work(db, "missed_notice")
    desk.accounts.hasher.close()


async def paid(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await db.write(lambda conn: move_money(conn, FEE, "card"))
    await work(db, "payment_confirmation", "file_opening")


async def recorded(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await db.write(lambda conn: ActionRecords(KNOWN, PERSONAL).asked(conn, 1, now_ms()))


async def amended(db: Database) -> None:
    desk = make_desk(db)
    await submitted(db)
    await with_addresses(db)
    await switched_on(db, SwitchName.ADDRESS_CHANGE)
    await happened(db, 1, FileEventKind.PAID)
    services = amendment_services(KNOWN, desk.forms, KEYS)
    await db.write(lambda conn: amending.amend(conn, services, 1, ANNE, 1, sent(), now_ms()))
    await work(db, "amendment_document")


async def list_sent(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await happened(db, 1, FileEventKind.PAID)
    await db.write(lambda conn: send(conn, 1, now_ms()))


async def decided(db: Database) -> None:
    await list_sent(db)
    await happened(db, 1, FileEventKind.DOCUMENTS_COMPLETE)
    await propose(db, DecisionOutcome.ACCEPTED)


async def returned(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await came_by_post(db, FEE, instrument=None)


async def money_decided(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await came_by_post(db, FEE + 500)
    await decide_money(db, MoneyAct.ACCEPT)


async def deleted(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    begun = end_of_day(await last_day(db) - timedelta(days=30))
    await db.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(1), begun))
    sent_out = sa.update(mail).values(state=MailState.SENT)
    await db.write(lambda conn: conn.execute(sent_out))
    over = end_of_day(await last_day(db) + timedelta(days=21))
    await db.write(lambda conn: ending.end(conn, PAYMENTS, 1, over))


async def refunded(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)
    await came_by_post(db, FEE + 500)
    case = await decide_money(db, MoneyAct.ACCEPT)
    typed = TypedCheque("A-1", day_of(now_ms()))
    await db.write(lambda conn: cheques.issue(conn, PAYMENTS, case, typed, AGENT, now_ms()))


async def withdrawn(db: Database) -> None:
    await submitted(db)
    await with_addresses(db)

    async def take_back(conn: AsyncConnection) -> None:
        means = await withdrawing.look(conn, PAYMENTS, await events.history(conn, 1))
        asked = AskedWithdrawal(capacity=Capacity.CANDIDATE, seen=means.seen)
        assert await withdrawing.withdraw(conn, PAYMENTS, 1, asked, ANNE, now_ms())

    await db.write(take_back)


async def supplement_paid(db: Database) -> None:
    await asked(db)
    await with_addresses(db)
    await db.write(lambda conn: move_money(conn, EXTRA, "card:extra"))


FLOWS: dict[DocumentKind, Callable[[Database], Awaitable[None]]] = {
    K.CONFIRMATION: confirmed,
    K.ANNULMENT: annulled,
    K.EXEMPT_CONFIRMATION: confirmed_outside,
    K.EXEMPT_DECISION: claim_decided,
    K.REVIEW_NOTICE: reviewed,
    K.MISSED_NOTICE: tried,
    K.PAYMENT_CONFIRMATION: paid,
    K.FILE_OPENING: paid,
    K.ACTIONS_RECORD: recorded,
    K.AMENDMENT: amended,
    K.CHECKLIST: list_sent,
    K.DECISION: decided,
    K.PAYMENT_RETURNED: returned,
    K.PAYMENT_DECISION: money_decided,
    K.FILE_DELETED: deleted,
    K.REFUND_CHEQUE: refunded,
    K.WITHDRAWAL: withdrawn,
    K.SUPPLEMENT_CONFIRMATION: supplement_paid,
}
"""Kind -> how it comes to be filed, as the service does it."""


ONCE = {SaidBy.FILED: (1, 1), SaidBy.OWN_MESSAGE: (1, 1), SaidBy.ITSELF: (0, 0)}
"""How a kind is said -> messages that a letter of it is attached to, and e-mails that tell of them."""


@pytest.mark.parametrize("kind", DocumentKind)
async def test_every_kind_is_said_once(on_sqlite: Database, kind: DocumentKind) -> None:
    """A kind without a flow here, or a letter that nobody hears of, fails."""
    await FLOWS[kind](on_sqlite)
    found = await announcements(on_sqlite, kind)
    assert found and set(found) == {ONCE[SAID_BY[kind]]}


async def test_a_letter_that_is_only_filed_is_said_by_nobody(on_sqlite: Database) -> None:
    """Twin: filed and no more, as letters of a payment were before, it is found."""
    await submitted(on_sqlite)
    await with_addresses(on_sqlite)
    await on_sqlite.write(
        lambda conn: documents.file(conn, 1, about(1), K.PAYMENT_CONFIRMATION, "Lettre", SAID, now_ms())
    )
    assert await announcements(on_sqlite, K.PAYMENT_CONFIRMATION) == [(0, 0)]


async def test_what_is_said_names_the_letters_and_nothing_they_say(database: Database) -> None:
    """Title, date and file number stand in the mail; one more announcement of a key is the same message."""
    await submitted(database)
    await with_addresses(database)
    one = UnfiledDocument(1, about(1), K.WITHDRAWAL, "Retrait de votre demande", SAID, now_ms())
    id = await database.write(lambda conn: filed.file_and_announce(conn, MAILBOX, one, key="k"))
    again = filed.FiledLetters(account=1, about=about(1), title="Autre", letters=[(id, "Autre")], key="k")
    await database.write(lambda conn: filed.announce_each(conn, MAILBOX, [again], now_ms()))
    assert await rows(database, message.c.title) == [("Retrait de votre demande",)]
    (told,) = await database.read(lambda conn: messages.everything(conn, MAILBOX.cipher, 1))
    assert spoken(told.blocks) == (
        "Un document a été déposé dans « Consultation des documents » : Retrait de votre demande."
    )
    assert [attached.id for attached in told.message.attachments] == [id]
    assert await announcements(database, K.WITHDRAWAL) == [(1, 1)]


def test_two_letters_are_one_message() -> None:
    said = filed.announcement(
        filed.FiledLetters(
            account=1, about=about(1), title="Deux", letters=[("a", "Une"), ("b", "Autre")], key="k"
        )
    )
    assert list(said.attachments) == ["a", "b"]
    assert "2 documents ont été déposés" in spoken(said.blocks) and "Autre" in spoken(said.blocks)
