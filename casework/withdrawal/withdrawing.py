"""Taking an application back: under the file's lock, upon what was shown, once.

A payment that comes at the same moment is either before it, and then what was shown is no longer so and is shown anew,
or after it: money of an ended file, which a person gives back (`settling.settle`). The provider's page of an attempt
that is under way is closed by a task, for no network call is made under a lock.
"""

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import disclosure
from accounts.representatives.disclosure import SigningGround, SigningVerdict
from casework.checklists import items
from casework.decisions import deciding
from casework.files import events
from casework.files.events import FileHistory
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases, letters, movements, settling
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.states import OPENED, MoneyAct
from casework.withdrawal import letter
from casework.withdrawal.means import WithdrawalMeans, sentences
from foundation import outbox
from foundation.audit import SERVICE, Actor
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import frozen_rules
from quota.programmes import RepresentativeRules
from submission.signing import signers
from submission.states import CAPACITIES, Capacity
from submission.store import SUBMISSION


class AskedWithdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes it back, in which capacity, and what they were shown (`WithdrawalMeans.seen`). `on_day` is the day of a
    letter that came by post."""

    capacity: Capacity
    seen: str
    on_day: date | None = None


async def look(conn: AsyncConnection, services: PaymentServices, of: FileHistory) -> WithdrawalMeans:
    """What a withdrawal would mean now. Reads alone."""
    head = await sheet(conn, services.personal, of.submission)
    listed = await items.find(conn, None, of.submission)
    balance = movements.balance(await movements.of_file(conn, of.submission))
    kept = balance if of.status in OPENED else 0
    return WithdrawalMeans(
        status=of.status,
        kept=kept,
        waits=balance > kept or await cases.holds_money(conn, of.submission),
        under_way=bool(await charges.under_way(conn, of.submission)),
        in_quota=head.ordinal is not None,
        originals=listed is not None and any(item.is_to_give_back for item in listed.items),
    )


async def refuse_unknown_signer(
    conn: AsyncConnection, services: PaymentServices, head: FileSheet, capacity: Capacity
) -> None:
    """Refusal representative_not_recognised, with its ground. Taking back cannot be mended by a paper that comes later:
    who signs for the candidate needs a procuration in force (RP-02)."""
    power = await disclosure.power_of(conn, head.account)
    verdict = signers.verdict(capacity, power, representative_rules(services, head).may_sign)
    if verdict is not None and not _in_force(verdict):
        raise Refusal(Code.REPRESENTATIVE_NOT_RECOGNISED, ground=verdict.ground)


async def who_may(
    conn: AsyncConnection, services: PaymentServices, head: FileSheet
) -> Mapping[Capacity, str]:
    """The capacities in which this application can be taken back now, each in words: nobody is offered a signature that
    would be refused."""
    power = await disclosure.power_of(conn, head.account)
    may = representative_rules(services, head).may_sign
    verdicts = {one: signers.verdict(one, power, may) for one in signers.offered(may)}
    return {one: CAPACITIES[one] for one, found in verdicts.items() if found is None or _in_force(found)}


def _in_force(verdict: SigningVerdict) -> bool:
    return verdict.allowed and verdict.ground is SigningGround.ACTIVE


def representative_rules(services: PaymentServices, head: FileSheet) -> RepresentativeRules:
    """Whose signature counts for a candidate's: as it was announced, otherwise as the programme has it."""
    if head.rules is not None:
        return frozen_rules.read(head.rules).representatives
    programme = services.programmes.get(head.programme)
    return RepresentativeRules() if programme is None else programme.representatives


async def withdraw(
    conn: AsyncConnection, services: PaymentServices, number: int, asked: AskedWithdrawal, by: Actor, now: int
) -> bool:
    """Take an application back, with everything that follows; False where that is done already, and nothing is written.

    Refusals not_found; move_not_allowed after a decision or an end; representative_not_recognised; changed_meanwhile
    with `told`, what it means now.
    """
    of = await events.history(conn, number, lock=True)
    if of.status is FileStatus.WITHDRAWN:
        return False
    events.require(of, FileEventKind.WITHDRAWN)
    head = await sheet(conn, services.personal, number)
    await refuse_unknown_signer(conn, services, head, asked.capacity)
    means = await look(conn, services, of)
    if means.seen != asked.seen:
        raise Refusal(Code.CHANGED_MEANWHILE, told=list(sentences(means)))
    await _close(conn, number, means, now)
    day = asked.on_day or day_of(now)
    await events.record(
        conn, of, FileEventKind.WITHDRAWN, by, now, on_day=day, kept=means.kept, capacity=asked.capacity
    )
    if means.waits and not await cases.holds_money(conn, number):
        await settling.settle(conn, services, number, now)
    said = letter.withdrawn(means, asked.capacity, day)
    await letters.send(conn, services, number, said, now, key=f"withdrawn:{number}")
    return True


async def _close(conn: AsyncConnection, number: int, means: WithdrawalMeans, now: int) -> None:
    """What was open in the file: a proposed decision is not made, nobody decides of a deletion any more, and the page
    on which a card is being charged is closed by a task."""
    await deciding.drop(conn, number, now)
    for case in await cases.waiting(conn, number):
        if case.reason in cases.ENDS_WITH_FILE:
            await cases.close(conn, case, MoneyAct.LEAVE, SERVICE, None, now)
    if means.under_way:
        await outbox.stage(conn, FileTask.WITHDRAWN_CARD, Subject.row(SUBMISSION, number), now)
