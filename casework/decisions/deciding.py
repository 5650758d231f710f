"""Decisions on a file: proposed by an agent, in force at once or by a second person, replaced by another verb only.

A decision is about the answers whose digest it carries, by the rules whose digests it carries. It is told by a letter
and a message in the transaction that makes it; nothing of a proposal is ever told.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.normalisation import visible
from accounts.reviews import cases
from casework import documents
from casework.amendments.frozen_now import answers_now
from casework.checklists import items
from casework.checklists.sending import words_of
from casework.decisions import letter, store
from casework.decisions.rules import DecisionRules
from casework.decisions.services import DecisionServices
from casework.decisions.states import POSSIBLE, DecisionOutcome, ProposalState
from casework.documents import DocumentKind
from casework.files import events
from casework.files.events import FileHistory
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind, FileStatus
from casework.mailbox.delivery import deliver
from foundation import audit
from foundation.audit import SERVICE, Actor
from foundation.calendar.days import day_of
from foundation.calendar.proclaimed import closures
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.store import SUBMISSION

LONGEST_REASON: Final = 4_000
"""Characters of a reason, which stands in the letter."""

PROPOSE, WITHDRAW = "decision_propose", "decision_withdraw"
"""Acts in the audit; what is made has its event."""

d = store.decision


class FileDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, or a proposal of one. `on_day` is the day on which it was made; `replaced_by` the serial of the one
    that stands in its place. Instants in milliseconds."""

    id: int
    submission: int
    serial: int
    outcome: DecisionOutcome
    reason: str
    replaces: int | None
    second_needed: bool
    proposed_by: str
    proposed_at: int
    settled_by: str | None
    settled_at: int | None
    on_day: date | None
    answers: str
    rules: str
    replaced_by: int | None = None

    @property
    def state(self) -> ProposalState:
        if self.settled_at is None:
            return ProposalState.PROPOSED
        if self.on_day is None:
            return ProposalState.WITHDRAWN
        return ProposalState.IN_FORCE if self.replaced_by is None else ProposalState.REPLACED


async def of_file(conn: AsyncConnection, services: DecisionServices, submission: int) -> list[FileDecision]:
    """Every decision and proposal of a file, in order."""
    rows = (await conn.execute(sa.select(d).where(d.c.submission == submission).order_by(d.c.serial))).all()
    replaced = {
        row.replaces: row.serial for row in rows if row.replaces is not None and row.on_day is not None
    }
    return [_read(services, row, replaced.get(row.id)) for row in rows]


def in_force(decisions: Sequence[FileDecision]) -> FileDecision | None:
    """The decision that stands. Pure."""
    return next((one for one in decisions if one.state is ProposalState.IN_FORCE), None)


def proposed(decisions: Sequence[FileDecision]) -> FileDecision | None:
    """The proposal that waits for a second person. Pure."""
    return next((one for one in decisions if one.state is ProposalState.PROPOSED), None)


async def propose(
    conn: AsyncConnection,
    services: DecisionServices,
    submission: int,
    outcome: DecisionOutcome,
    reason: str,
    by: Actor,
    now: int,
) -> FileDecision:
    """Propose a decision; in force at once where no second person is needed. In a file that is decided it is refused:
    that is `replace`.

    Refusals not_found, invalid, move_not_allowed, already_decided while another proposal waits, review_pending while it
    is not decided whether its account was ceded.
    """
    of = await events.history(conn, submission, lock=True)
    if of.status is FileStatus.DECIDED:
        raise Refusal(Code.ALREADY_DECIDED)
    return await _propose(conn, services, of, outcome, reason, by, now, None)


async def replace(
    conn: AsyncConnection,
    services: DecisionServices,
    submission: int,
    outcome: DecisionOutcome,
    reason: str,
    by: Actor,
    now: int,
) -> FileDecision:
    """Propose another decision in place of the one in force: always with a second person. Refusals as `propose`, and
    move_not_allowed where there is nothing to replace."""
    of = await events.history(conn, submission, lock=True)
    standing = in_force(await of_file(conn, services, submission))
    if of.status is not FileStatus.DECIDED or standing is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": FileEventKind.DECISION_REPLACED})
    return await _propose(conn, services, of, outcome, reason, by, now, standing)


async def confirm(
    conn: AsyncConnection, services: DecisionServices, submission: int, by: Actor, now: int
) -> FileDecision:
    """The second person makes the proposed decision. Refusals not_found where none waits, second_person_needed for
    whoever proposed it, changed_meanwhile where the answers were amended since, move_not_allowed where the file has
    moved on, review_pending as `propose`."""
    of = await events.history(conn, submission, lock=True)
    waiting = await _waiting(conn, services, submission)
    if waiting.proposed_by == by.name:
        raise Refusal(Code.SECOND_PERSON_NEEDED)
    head = await sheet(conn, services.lists.mailbox.personal, submission)
    answers = await answers_now(conn, services.lists.amendments, head, now)
    await cases.refuse_undecided(conn, head.account)
    if answers.digest != waiting.answers:
        raise Refusal(Code.CHANGED_MEANWHILE, current=answers.digest)
    return await _make(conn, services, of, waiting, by, now)


async def withdraw(
    conn: AsyncConnection, services: DecisionServices, submission: int, reason: str, by: Actor, now: int
) -> None:
    """Take a proposal back, or do not follow it: it is never told. Refusals not_found, invalid."""
    await events.history(conn, submission, lock=True)
    waiting = await _waiting(conn, services, submission)
    said = reason_of(reason)
    await conn.execute(sa.update(d).where(d.c.id == waiting.id).values(settled_by=by.name, settled_at=now))
    about = Subject.row(SUBMISSION, submission)
    await audit.record(conn, by, WITHDRAW, about, now, reason=said, serial=waiting.serial)


DROPPED: Final = "La demande a été retirée."
"""Why a proposal was dropped that nobody had decided of."""


async def drop(conn: AsyncConnection, submission: int, now: int) -> None:
    """The application was taken back, under the file's lock: a proposal that waits is not made, and never told."""
    waits = (d.c.submission == submission, d.c.settled_at.is_(None))
    dropped = sa.update(d).where(*waits).values(settled_by=SERVICE, settled_at=now).returning(d.c.serial)
    for serial in list((await conn.execute(dropped)).scalars()):
        about = Subject.row(SUBMISSION, submission)
        await audit.record(conn, SERVICE, WITHDRAW, about, now, reason=DROPPED, serial=serial)


def reason_of(text: str) -> str:
    """The reason as it was typed. Refusal invalid. Pure."""
    said = "\n".join(visible(line) for line in text.splitlines()).strip()
    if not said or len(said) > LONGEST_REASON:
        why = f"Donnez le motif, en {LONGEST_REASON} caractères au plus."
        raise Refusal(Code.INVALID, fields=[{"name": "reason", "reason": why}])
    return said


async def _waiting(conn: AsyncConnection, services: DecisionServices, submission: int) -> FileDecision:
    found = proposed(await of_file(conn, services, submission))
    if found is None:
        raise Refusal(Code.NOT_FOUND)
    return found


async def _propose(
    conn: AsyncConnection,
    services: DecisionServices,
    of: FileHistory,
    outcome: DecisionOutcome,
    reason: str,
    by: Actor,
    now: int,
    replaces: FileDecision | None,
) -> FileDecision:
    said, submission = reason_of(reason), of.submission
    if of.status not in POSSIBLE[outcome]:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": outcome})
    known = await of_file(conn, services, submission)
    if proposed(known) is not None:
        raise Refusal(Code.ALREADY_DECIDED)
    head = await sheet(conn, services.lists.mailbox.personal, submission)
    await cases.refuse_undecided(conn, head.account)
    rules = _rules(services, head)
    answers = await answers_now(conn, services.lists.amendments, head, now)
    listed = await items.find(conn, None, submission)
    serial = len(known) + 1
    values: dict[str, Any] = {
        "submission": submission,
        "serial": serial,
        "outcome": outcome,
        "reason": services.sealed(submission, serial, said),
        "replaces": None if replaces is None else replaces.id,
        "second_needed": replaces is not None or rules.of(outcome).second_person,
        "answers": answers.digest,
        "rules": rules.digest,
        "checklist_rules": None if listed is None else listed.rules,
        "proposed_by": by.name,
        "proposed_at": now,
    }
    await conn.execute(sa.insert(d).values(values))
    made = await _waiting(conn, services, submission)
    about = Subject.row(SUBMISSION, submission)
    if made.second_needed:
        await audit.record(conn, by, PROPOSE, about, now, outcome=outcome, serial=serial)
        return made
    return await _make(conn, services, of, made, by, now)


async def _make(
    conn: AsyncConnection,
    services: DecisionServices,
    of: FileHistory,
    made: FileDecision,
    by: Actor,
    now: int,
) -> FileDecision:
    """The decision is in force: its row, its letter, its message and its event together."""
    if of.status not in POSSIBLE[made.outcome] or (of.status is FileStatus.DECIDED) != (
        made.replaces is not None
    ):
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.status, "to": made.outcome})
    day = day_of(now)
    settled = {"settled_by": by.name, "settled_at": now, "on_day": day.isoformat()}
    await conn.execute(sa.update(d).where(d.c.id == made.id).values(settled))
    decisions = await of_file(conn, services, of.submission)
    before = next((one for one in decisions if one.id == made.replaces), None)
    remedies = await _tell(
        conn, services, of.submission, made, None if before is None else before.on_day, day, now
    )
    kind = FileEventKind.DECIDED if before is None else FileEventKind.DECISION_REPLACED
    await events.record(
        conn, of, kind, by, now, key=None if before is None else str(made.serial), on_day=day, outcome=made.outcome,
        serial=made.serial, proposed_by=made.proposed_by, answers=made.answers, rules=made.rules,
        remedies=remedies,
    )  # fmt: skip
    return next(one for one in decisions if one.id == made.id)


async def _tell(
    conn: AsyncConnection,
    services: DecisionServices,
    submission: int,
    made: FileDecision,
    replaces: date | None,
    day: date,
    now: int,
) -> dict[str, int]:
    """File the letter and deliver the message; the days of each remedy that the letter names."""
    head = await sheet(conn, services.lists.mailbox.personal, submission)
    words, rules = words_of(services.lists, head), _rules(services, head)
    content = letter.decision_blocks(
        head,
        words,
        made.outcome,
        made.reason,
        rules,
        day,
        now,
        replaces=replaces,
        closures=await closures(conn),
    )
    about, title = (
        Subject.row(SUBMISSION, submission),
        letter.TITLE if replaces is None else letter.REPLACED_TITLE,
    )
    kind = DocumentKind.DECISION
    filed = await documents.file(conn, head.account, about, kind, title, content, now, made.serial)
    await deliver(
        conn, services.lists.mailbox, head.account, about, letter.MESSAGE_TITLE,
        letter.told_blocks(replaces is not None), now, key=f"decision:{submission}:{made.serial}", attachments=(filed,),
    )  # fmt: skip
    return letter.remedy_days(rules, made.outcome, day)


def _rules(services: DecisionServices, head: FileSheet) -> DecisionRules:
    rules = services.rules.get(head.programme)
    if rules is None:
        raise Refusal(Code.NOT_FOUND)
    return rules


def _read(services: DecisionServices, row: Any, replaced_by: int | None) -> FileDecision:
    values = {name: getattr(row, name) for name in FileDecision.__struct_fields__ if name != "replaced_by"}
    values["reason"] = services.opened(row.submission, row.serial, row.reason)
    return msgspec.convert(values | {"replaced_by": replaced_by}, FileDecision)
