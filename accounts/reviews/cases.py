"""Cases that a person decides: opened by what is found, moved by what is done in them, each event on paper.

What a decision does to accounts and submissions is a matter of `submission/near_duplicates/consequences.py`; here is
only the case. The row's version is the lock: of two decisions at once one is taken, and the other is told so.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.reviews import store
from accounts.reviews.states import DECIDING, Decision, ReviewAct, ReviewKind, ReviewState, moved
from foundation import audit
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for

r, e = store.review, store.review_event

BY_SERVICE = audit.SERVICE
"""The actor of what nobody did."""

BY_CANDIDATE = "candidate"
"""The actor of what an account's owner did: no user name stands in a case."""

LONGEST_TEXT = 2_000
"""Characters of a reason, a question or of observations."""


class FoundCase(msgspec.Struct, frozen=True, kw_only=True):
    """What was found and a person has to decide; `about` names it once and for all."""

    kind: ReviewKind
    about: str
    account: int
    other_account: int | None = None
    paper_record: int | None = None
    score: int
    signals: tuple[str, ...]


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it stands; `signals` are words of its kind's enumeration."""

    id: int
    kind: ReviewKind
    about: str
    account: int
    other_account: int | None
    paper_record: int | None
    state: ReviewState
    version: int
    score: int
    signals: tuple[str, ...]
    decision: Decision | None
    is_automatic: bool
    has_request: bool
    opened_at: int
    changed_at: int

    @property
    def accounts(self) -> tuple[int, ...]:
        """The accounts that it is about."""
        return tuple(account for account in (self.account, self.other_account) if account is not None)


class ReviewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened in a case."""

    id: int
    act: ReviewAct
    actor: str
    text: str
    at: int


async def open_case(
    conn: AsyncConnection, ciphers: FieldCipher, found: FoundCase, now: int
) -> tuple[ReviewCase, bool]:
    """The case about this, and whether it is new. Two tasks that find the same at once open one."""
    values = {
        "kind": found.kind, "about": found.about, "account": found.account, "other_account": found.other_account,
        "paper_record": found.paper_record, "state": ReviewState.OPEN, "version": 1, "score": found.score,
        "signals": _sealed_signals(ciphers, found.about, found.signals), "is_automatic": False, "has_request": False,
        "opened_at": now, "changed_at": now,
    }  # fmt: skip
    statement = insert_for(conn, r).values(values).on_conflict_do_nothing(index_elements=[r.c.about])
    made = (await conn.execute(statement.returning(r.c.id))).scalar_one_or_none()
    if made is not None:
        await _write_event(conn, ciphers, made, ReviewAct.OPENED, BY_SERVICE, "", now)
    row = (await conn.execute(sa.select(r).where(r.c.about == found.about))).one()
    return _review_of(row, ciphers), made is not None


async def act(
    conn: AsyncConnection,
    ciphers: FieldCipher,
    review: ReviewCase,
    done: ReviewAct,
    actor: str,
    text: str,
    now: int,
) -> tuple[ReviewCase, int]:
    """Do something in a case as it was read; the case after it, and the event's id.

    Refusals move_not_allowed; already_decided when somebody else was quicker.
    """
    state = moved(review.state, done)
    if state is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED)
    changes: dict[str, Any] = {"state": state, "version": review.version + 1, "changed_at": now}
    if done in DECIDING:
        changes |= {
            "decision": DECIDING[done],
            "is_automatic": done == ReviewAct.LINKED,
            "has_request": False,
        }
    elif done == ReviewAct.UNDONE:
        changes |= {"decision": None, "is_automatic": False}
    elif done == ReviewAct.REQUESTED:
        changes["has_request"] = True
    mine = sa.update(r).where(r.c.id == review.id, r.c.version == review.version).values(changes)
    if not (await conn.execute(mine)).rowcount:
        raise Refusal(Code.ALREADY_DECIDED)
    event = await _write_event(conn, ciphers, review.id, done, actor, text, now)
    return msgspec.structs.replace(review, **changes), event


async def strengthen(
    conn: AsyncConnection, ciphers: FieldCipher, review: ReviewCase, found: FoundCase
) -> ReviewCase:
    """Keep in a case what is found now, where that is more than it was opened with."""
    if found.score <= review.score:
        return review
    changes = {"score": found.score, "signals": _sealed_signals(ciphers, review.about, found.signals)}
    await conn.execute(sa.update(r).where(r.c.id == review.id).values(changes))
    return msgspec.structs.replace(review, score=found.score, signals=found.signals)


async def find(conn: AsyncConnection, ciphers: FieldCipher, id: int) -> ReviewCase:
    """The case of this number. Refusal not_found."""
    row = (await conn.execute(sa.select(r).where(r.c.id == id))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _review_of(row, ciphers)


async def events(conn: AsyncConnection, ciphers: FieldCipher, id: int) -> list[ReviewEvent]:
    """What happened in a case, the oldest first."""
    rows = await conn.execute(sa.select(e).where(e.c.review == id).order_by(e.c.id))
    return [
        ReviewEvent(
            id=row.id, act=ReviewAct(row.act), actor=row.actor, at=row.at,
            text="" if row.text is None else opened_text(ciphers, id, row.act, row.at, row.text),
        )
        for row in rows
    ]  # fmt: skip


async def was_touched(conn: AsyncConnection, id: int) -> bool:
    """Whether anybody, or the service, did something in it since it was opened: then nothing in it is automatic."""
    later = sa.select(e.c.id).where(e.c.review == id, e.c.act != ReviewAct.OPENED).limit(1)
    return (await conn.execute(later)).first() is not None


async def of_account(conn: AsyncConnection, ciphers: FieldCipher, account: int) -> list[ReviewCase]:
    """Every case about an account, the newest first."""
    about = sa.or_(r.c.account == account, r.c.other_account == account)
    rows = await conn.execute(sa.select(r).where(about).order_by(r.c.id.desc()))
    return [_review_of(row, ciphers) for row in rows]


async def may_be_on_paper(conn: AsyncConnection, account: int) -> bool:
    """Whether the paper register may have this account's person: its owner is warned before they submit (DU-05)."""
    is_hit = (r.c.account == account, r.c.kind == ReviewKind.PAPER)
    stands = sa.or_(r.c.decision.is_(None), r.c.decision == Decision.CONFIRMED)
    return (await conn.execute(sa.select(r.c.id).where(*is_hit, stands).limit(1))).first() is not None


async def refuse_undecided(conn: AsyncConnection, account: int) -> None:
    """Refusal review_pending while nobody has decided whether this account was ceded (DU-02).

    What waits is what the office would grant or refuse. What the person does (submit, pay, answer) goes on: a score
    stops nobody.
    """
    undecided = (r.c.account == account, r.c.kind == ReviewKind.CESSION, r.c.state != ReviewState.DECIDED)
    if (await conn.execute(sa.select(r.c.id).where(*undecided).limit(1))).first() is not None:
        raise Refusal(Code.REVIEW_PENDING)


async def queue(
    conn: AsyncConnection,
    ciphers: FieldCipher,
    kinds: Collection[ReviewKind],
    states: Sequence[ReviewState],
    most: int,
    skipped: int = 0,
) -> list[ReviewCase]:
    """Cases of these kinds and states: those that their person asked about first, then the longest open."""
    chosen = sa.select(r).where(r.c.kind.in_(kinds), r.c.state.in_(states))
    ordered = chosen.order_by(r.c.has_request.desc(), r.c.opened_at, r.c.id).limit(most).offset(skipped)
    return [_review_of(row, ciphers) for row in await conn.execute(ordered)]


async def counts(conn: AsyncConnection) -> dict[tuple[ReviewKind, ReviewState], int]:
    """How many cases there are of each kind in each state."""
    rows = await conn.execute(sa.select(r.c.kind, r.c.state, sa.func.count()).group_by(r.c.kind, r.c.state))
    return {(ReviewKind(kind), ReviewState(state)): count for kind, state, count in rows}


async def _write_event(
    conn: AsyncConnection, ciphers: FieldCipher, review: int, act: ReviewAct, actor: str, text: str, now: int
) -> int:
    sealed = ciphers.encrypt(text, _text_field(review, act, now)) if text else None
    values = {"review": review, "act": act, "actor": actor, "text": sealed, "at": now}
    made: int = (await conn.execute(sa.insert(e).values(values).returning(e.c.id))).scalar_one()
    return made


def _review_of(row: sa.Row[*tuple[Any, ...]], ciphers: FieldCipher) -> ReviewCase:
    signals = ciphers.decrypt(row.signals, _signals_field(row.about))
    return ReviewCase(
        id=row.id, kind=ReviewKind(row.kind), about=row.about, account=row.account, other_account=row.other_account,
        paper_record=row.paper_record, state=ReviewState(row.state), version=row.version, score=row.score,
        signals=() if signals is None else msgspec.json.decode(signals, type=tuple[str, ...]),
        decision=None if row.decision is None else Decision(row.decision), is_automatic=bool(row.is_automatic),
        has_request=bool(row.has_request), opened_at=row.opened_at, changed_at=row.changed_at,
    )  # fmt: skip


def _sealed_signals(ciphers: FieldCipher, about: str, signals: Sequence[str]) -> str:
    return ciphers.encrypt(msgspec.json.encode([str(one) for one in signals]).decode(), _signals_field(about))


def _signals_field(about: str) -> str:
    return f"review:{about}:signals"


def _text_field(review: int, act: str, at: int) -> str:
    return f"review_event:{review}:{act}:{at}:text"


def opened_text(ciphers: FieldCipher, review: int, act: str, at: int, stored: str) -> str:
    """What was written with this event; empty where none of our keys opens it."""
    return ciphers.decrypt(stored, _text_field(review, act, at)) or ""
