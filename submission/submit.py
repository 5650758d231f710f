"""Submit: one transaction that takes the place, writes the submission down and stages its jobs (P2 to P5).

Read this first. The period's row is locked before anything is looked at, and no network call is made while it is held.
Redis is not needed. A refusal changes nothing: a missing signature or an incomplete draft costs neither place nor
token. A repeat is known by its ticket and account alone, so it gets its receipt also after the end, in a suspension,
and without a live token.
"""

import secrets
from datetime import datetime, time, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from quota import ledger
from quota.clock import MONTREAL, montreal, now_ms
from quota.errors import Refusal
from quota.ledger import Token
from quota.programmes import Programme
from quota.store import Period
from submission import accounts, drafts, duplicates, jobs, sessions, store
from submission.accounts import Account
from submission.desk import Desk, Visit
from submission.drafts import Draft
from submission.duplicates import Earlier
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims

CAPACITIES = frozenset({"candidate", "lawyer"})
"""Who may sign: the candidate, or the lawyer on file in the candidate's name (SW-03)."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter can be read as another or as a digit."""


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What the last page sends: the token, the declaration, and in which capacity it is signed."""

    token: str = ""
    declaration: bool = False
    capacity: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted submission. `repeated` when it had been accepted before this call. Instants in milliseconds."""

    receipt: str
    rank: int
    submitted_at: int
    pay_by: int
    repeated: bool


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one request that can be read before the lock."""

    uid: str
    account: Account
    draft: Draft | None
    programme: Programme
    ticket: Ticket | None
    claims: Claims | None
    signing: Signing
    visit: Visit


async def submit(desk: Desk, visit: Visit, period_id: str, signing: Signing) -> Accepted:
    """Submit the signed-in account's draft for a period.

    Refusals not_signed_in, session_ended, not_found; then, under the lock: token_used (this ticket submitted for
    somebody else), duplicate_account, duplicate_person, suspended, quota_reached, period_closed, no_token,
    token_other_browser, account_too_recent, token_expired, token_used, account_has_live_token, device_refused,
    draft_expired, draft_incomplete, signature_missing. Unavailable: nothing happened, or the repeat tells what did.
    """
    case = await desk.db.read(lambda conn: _gather(conn, desk, visit, period_id, signing))
    accepted = await desk.db.write(lambda conn: _record(conn, case))
    if not accepted.repeated:
        desk.events.count("accepted")
    return accepted


async def _gather(conn: AsyncConnection, desk: Desk, visit: Visit, period_id: str, signing: Signing) -> _Case:
    session = await sessions.find(conn, visit)
    period = await ledger.period_by_id(conn, period_id)
    account = await accounts.by_id(conn, session.owner)
    if account is None:
        raise Refusal("not_signed_in")
    return _Case(
        uid=period.uid,
        account=account,
        draft=await drafts.find(conn, account.id, period.programme),
        programme=desk.programmes[period.programme],
        ticket=desk.ticket(visit, period.id),
        claims=desk.tokens.read(signing.token, period.id),
        signing=signing,
        visit=visit,
    )


async def _record(conn: AsyncConnection, case: _Case) -> Accepted:
    period = await ledger.lock(conn, case.uid)
    received_clock = period.clock - case.visit.age_ms()
    ticket = case.ticket if case.ticket is not None and case.ticket.uid == period.uid else None
    number = None if ticket is None else ticket.number
    for one in await duplicates.earlier(conn, period, case.account, number):
        return _again(one, number, case.account)
    held = None if number is None else await ledger.find(conn, period.uid, number)
    refuse_by_state(period, held is not None and holds(held, received_clock))
    claims = sessions.beside(period, case.claims, ticket)
    token = await sessions.bind(conn, period, case.account, claims, received_clock)
    sessions.allowed(case.visit, case.programme.device.allow)
    content = _ready(case)
    # Read again: binding may have ended an overdue token of this account, and freed its place.
    period = await ledger.lock(conn, case.uid)
    receipt = new_receipt()
    rank = await ledger.take(conn, period, token, case.account.id, received_clock, receipt)
    return await _write_down(conn, period, case, claims.number, receipt, rank, content)


def _again(one: Earlier, number: int | None, account: Account) -> Accepted:
    """The same receipt for the same ticket and account; otherwise a refusal."""
    if one.number != number:
        duplicates.refuse(one, account)
    if one.account != account.id:
        raise Refusal("token_used")
    return Accepted(
        receipt=one.receipt, rank=one.rank, submitted_at=one.submitted_at, pay_by=one.pay_by, repeated=True
    )


def holds(token: Token, received_clock: int) -> bool:
    """Whether this token was good when the request arrived; a lapse since then does not count (P5)."""
    return token.state in {"live", "lapsed"} and received_clock <= (token.ends or 0)


def refuse_by_state(period: Period, holds_token: bool) -> None:
    """What the period's state says before the token is looked at. Live tokens finish after a close."""
    if period.state == "draft":
        raise Refusal("not_found")
    if period.suspended:
        raise Refusal("suspended")
    if period.state == "cap_reached" and not holds_token:
        raise Refusal("quota_reached")
    if period.state == "closed" and not holds_token:
        raise Refusal("period_closed")


def _ready(case: _Case) -> drafts.Content:
    """The draft's content, complete and signed. Refusals draft_expired, draft_incomplete, signature_missing."""
    rules, draft = case.programme.draft, case.draft
    if draft is not None and drafts.expired(draft.begun_at, now_ms(), rules.days):
        raise Refusal("draft_expired")
    content = {} if draft is None else draft.content
    if missing := drafts.missing(content, rules.sections):
        raise Refusal("draft_incomplete", missing=missing)
    if not case.signing.declaration or case.signing.capacity not in CAPACITIES:
        raise Refusal("signature_missing")
    return content


async def _write_down(
    conn: AsyncConnection,
    period: Period,
    case: _Case,
    number: int,
    receipt: str,
    rank: int,
    content: drafts.Content,
) -> Accepted:
    submitted_at = now_ms() - case.visit.age_ms()
    last_day = pay_by(submitted_at, period.pay_days)
    row = {
        "receipt": receipt,
        "period": period.uid,
        "rank": rank,
        "number": number,
        "account": case.account.id,
        "person": accounts.person(case.account.identity, period.person_key),
        "submitted_at": submitted_at,
        "pay_by": last_day,
        "capacity": case.signing.capacity,
        "device": msgspec.json.encode(case.visit.verdict).decode(),
        "content": msgspec.json.encode(content).decode(),
        "status": "submitted",
    }
    written = sa.insert(store.submission).values(row).returning(store.submission.c.id)
    submission = (await conn.execute(written)).scalar_one()
    change = {"submission": submission, "status": "submitted", "at": submitted_at}
    await conn.execute(sa.insert(store.status_change).values(change))
    await jobs.stage(conn, submission, submitted_at)
    return Accepted(receipt=receipt, rank=rank, submitted_at=submitted_at, pay_by=last_day, repeated=False)


def new_receipt() -> str:
    """`MPQ-7K2QX-...`: 100 random bits that can be read out on the telephone."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(("MPQ", *groups))


def pay_by(submitted_at: int, days: int) -> int:
    """The last second of the last day to pay, in Montréal: the day of submission is not counted (PY-01).

    A last day on a weekend moves to Monday, in the candidate's favour (`domain.md` 1.X.16). Public holidays are not
    known here yet: on one of them the day stays.
    """
    day = montreal(submitted_at).date() + timedelta(days=days)
    day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
    return round(datetime.combine(day, time(23, 59, 59), MONTREAL).timestamp() * 1000)
