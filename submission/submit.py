"""Submit: one transaction that takes the place, writes the submission down and stages its tasks (P2 to P5).

Read this first: `_decide` is one submission from beginning to end. Those that arrive together are decided one after the
other under one lock, and written together (group commit): no answer goes out before it is committed (ADR 0009).
The period's row is locked before anything is looked at, and no network call is made while it is held.
Redis is not needed. A refusal changes nothing: a missing signature or an incomplete draft costs neither place nor
token. A repeat is known by its ticket and account alone, so it gets its receipt also after the end, in a suspension,
and without a live token.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities, sessions
from accounts.candidates import Applicant
from accounts.representatives import signing as representative_signing
from accounts.representatives.disclosure import Power, SigningVerdict
from foundation.batching import Batcher
from foundation.calendar.closures import Closures
from foundation.calendar.proclaimed import closures
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal, RefusalCause
from foundation.sql.bulk import BulkInsert
from quota import ledger
from quota.frozen_rules import FrozenRules, rules_of
from quota.ledger import Token
from quota.programmes import Programme
from quota.states import PeriodState, TokenState
from quota.store import Period
from quota.unit_of_work import LedgerUnit, open_unit
from submission import binding, duplicates, fees, follow_up, store
from submission.drafts import repository
from submission.drafts.evaluated import EvaluatedDraft, evaluated
from submission.drafts.repository import Draft
from submission.drafts.retention import is_expired
from submission.duplicates import EarlierSubmission, EarlierSubmissions
from submission.exempt import exclusion
from submission.exempt.exclusion import SubmittedOutside
from submission.fees import FixedFee
from submission.forms.evaluation import Evaluation
from submission.forms.files import Forms
from submission.pay_by import pay_by
from submission.receipt_numbers import new_receipt
from submission.services import SubmissionServices, Visit
from submission.signing import signatures, signers
from submission.states import Capacity, SubmissionStatus
from waitingroom.tickets import Ticket
from waitingroom.tokens import Claims

P = ParamSpec("P")

R = TypeVar("R")

MOST_TOGETHER = 128
"""Submissions in one transaction: some tens of milliseconds, for which the ticker waits."""

PATIENCE_SECONDS = 5.0
"""A submission that would wait longer is shed at once (backpressure). Candidates do not come by the thousand: each was
called."""


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What the last page sends: the token, the declaration, and the capacity in which it is signed, if it names one."""

    token: str = ""
    declaration: bool = False
    capacity: Capacity | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted submission. `repeated` when it had been accepted before this call. Instants in milliseconds."""

    receipt: str
    rank: int
    submitted_at: int
    pay_by: int
    repeated: bool
    status: SubmissionStatus = SubmissionStatus.SUBMITTED


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, before anything was read."""

    period_id: str
    visit: Visit
    session: str | None
    ticket: Ticket | None
    claims: Claims | None
    signing: Signing


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one request that can be read before the lock."""

    asked: _Asked
    uid: str
    programme: str
    account: Applicant
    person: str
    draft: Draft | None
    rules: FrozenRules
    ticket: Ticket | None
    stopped: bool
    power: Power | None
    """Of whoever represents the candidate, where one of them signs."""
    forms: Forms
    seals: FieldCipher
    fee_rules: Programme | None
    """The programme's file, for its fee table; None where this process has none: the fee is then fixed later, for the
    day of the submission (`casework/payments/fees.py`)."""

    def fee(self, found: Evaluation, submitted_at: int) -> FixedFee | None:
        """The fee of what is filled in; None where the announced rules ask for none (PY-10)."""
        return fees.of_draft(self.fee_rules, found, submitted_at) if self.rules.payment.asks_fees else None

    @property
    def number(self) -> int | None:
        return None if self.ticket is None else self.ticket.number


_Outcome = Accepted | Exception


class Submissions:
    """The submissions of one process: those that arrive together are gathered, and written in one transaction."""

    def __init__(self, services: SubmissionServices) -> None:
        self.services = services
        self._batcher = Batcher[_Asked, _Outcome](
            lambda some: _together(services, some), MOST_TOGETHER, "sql", PATIENCE_SECONDS
        )

    async def submit(self, visit: Visit, period_id: str, signing: Signing) -> Accepted:
        """Submit the signed-in account's draft for a period.

        Refusals not_signed_in, session_ended, not_found; then, under the lock: token_used (this ticket submitted for
        another account), duplicate_account, duplicate_person, annulled, suspended, quota_reached, period_closed,
        no_token,
        token_other_browser, account_too_recent, token_expired, token_used, account_has_live_token, device_refused,
        draft_expired, draft_incomplete, signature_missing, representative_not_recognised. Unavailable: nothing
        happened, or the repeat tells what did.
        """
        outcome = await self._batcher(self._asked(visit, period_id, signing))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def submit_then(
        self, visit: Visit, period_id: str, signing: Signing, then: Callable[[Accepted | BaseException], None]
    ) -> None:
        """The same by callback: `then` is given the outcome. Raises Unavailable when too many wait already."""
        self._batcher.put(self._asked(visit, period_id, signing), then)

    def _asked(self, visit: Visit, period_id: str, signing: Signing) -> _Asked:
        return _Asked(
            period_id=period_id,
            visit=visit,
            session=sessions.shown(visit),
            ticket=self.services.ticket(visit, period_id),
            claims=self.services.tokens.read(signing.token, period_id),
            signing=signing,
        )


async def _together(services: SubmissionServices, some: list[_Asked]) -> list[_Outcome]:
    """What comes of each request: first a look at who asks, then one transaction a period. Raises Unavailable."""
    cases = await services.db.read(lambda conn: _gather(conn, services, some))
    outcomes: dict[int, _Outcome] = {n: one for n, one in enumerate(cases) if isinstance(one, Refusal)}
    periods: dict[str, dict[int, _Case]] = {}
    for n, case in enumerate(cases):
        if isinstance(case, _Case):
            periods.setdefault(case.uid, {})[n] = case
    for uid, theirs in periods.items():
        answers = await _write(services, uid, list(theirs.values()))
        services.events.count(
            "accepted", sum(isinstance(one, Accepted) and not one.repeated for one in answers)
        )
        outcomes |= zip(theirs, answers, strict=True)
    return [outcomes[n] for n in range(len(some))]


async def _gather(
    conn: AsyncConnection, services: SubmissionServices, some: list[_Asked]
) -> list[_Case | Refusal]:
    periods = await ledger.periods_by_id(conn, {asked.period_id for asked in some})
    owners = await sessions.owners(
        conn, services.accounts.personal, {asked.session for asked in some if asked.session}
    )
    written = await repository.of_accounts(
        conn, services.drafts, {owner.account.id for owner in owners.values()}
    )
    for_others = {one.session for one in some if one.signing.capacity in signers.KINDS}
    powers = await signers.powers(conn, {owners[one].account.id for one in for_others if one in owners})

    def case_of(asked: _Asked) -> _Case:
        account = sessions.owner_of(asked.session, owners)
        period = periods.get(asked.period_id)
        if period is None:
            raise Refusal(Code.NOT_FOUND)
        return _Case(
            asked=asked,
            uid=period.uid,
            programme=period.programme,
            account=account,
            person=identities.person(account.identity, period.person_key),
            draft=written.get((account.id, period.programme)),
            rules=rules_of(period, services.programmes),
            ticket=asked.ticket if asked.ticket is not None and asked.ticket.uid == period.uid else None,
            stopped=services.stopped(period.id),
            power=powers.get(account.id),
            forms=services.forms,
            seals=services.seals,
            fee_rules=services.programmes.get(period.programme),
        )

    return [_or_refusal(case_of, asked) for asked in some]


async def _write(services: SubmissionServices, uid: str, cases: list[_Case]) -> list[_Outcome]:
    """One transaction for all. If it breaks a rule that only the tables know, each case has one of its own instead."""
    try:
        return await services.db.write(lambda conn: _record(conn, uid, cases))
    except Refusal:
        raise
    except Exception as problem:
        if len(cases) == 1:
            return [problem]
        return [outcome for case in cases for outcome in await _write(services, uid, [case])]


async def _record(conn: AsyncConnection, uid: str, cases: list[_Case]) -> list[_Outcome]:
    """Lock, read, decide one after the other, write. What is refused leaves nothing on the unit."""
    numbers = {case.number for case in cases if case.number is not None}
    owners = {case.account.id for case in cases}
    unit = await open_unit(conn, uid, numbers, owners)
    clocks = [unit.period.clock - case.asked.visit.age_ms() for case in cases]
    known = await duplicates.earlier(conn, uid, numbers, owners, {case.person for case in cases})
    people = {case.account.id: case.account.identity for case in cases}
    outside = await exclusion.submitted_outside(conn, unit.period.programme, people)
    closed = await closures(conn)
    rows: list[dict[str, Any]] = []
    signed: list[dict[str, Any]] = []

    def decide(case: _Case, received_clock: int) -> Accepted:
        try:
            with unit.all_or_nothing():
                return _decide(unit, known, outside, closed, rows, signed, case, received_clock)
        except Refusal as refusal:
            raise _with_whose_session(refusal, unit, case) from None

    outcomes: list[_Outcome] = [_or_refusal(decide, *one) for one in zip(cases, clocks, strict=True)]
    await _write_down(conn, uid, rows, signed)
    await unit.write(conn)
    return outcomes


def _or_refusal(decide: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | Refusal:
    """A refusal is one person's: it goes to them as a value, and the next one is looked at."""
    try:
        return decide(*args, **kwargs)
    except Refusal as refusal:
        return refusal


ABOUT_THE_ACCOUNT = {
    Code.TOKEN_USED, Code.DUPLICATE_ACCOUNT, Code.DUPLICATE_PERSON, Code.ACCOUNT_HAS_LIVE_TOKEN,
    Code.ACCOUNT_TOO_RECENT, Code.DRAFT_EXPIRED, Code.DRAFT_INCOMPLETE,
}  # fmt: skip
"""Refusals that depend on whose session this browser has: they say whose it is."""


def _with_whose_session(refusal: Refusal, unit: LedgerUnit, case: _Case) -> Refusal:
    """The refusal, with the account that is signed in unless the token is its own, and whether it is another one's."""
    token = None if case.number is None else unit.tokens.get(case.number)
    bound_to = None if token is None else token.account
    if refusal.code not in ABOUT_THE_ACCOUNT or bound_to == case.account.id:
        return refusal
    fields = refusal.fields | {"signed_in_as": case.account.username}
    if token is not None and bound_to is not None:
        is_used = token.state == TokenState.USED
        fields["cause"] = RefusalCause.SUBMITTED_BY_ANOTHER if is_used else RefusalCause.SESSION_OF_ANOTHER
    return Refusal(refusal.code, **fields)


def _decide(
    unit: LedgerUnit,
    known: EarlierSubmissions,
    outside: SubmittedOutside,
    closed: Closures,
    rows: list[dict[str, Any]],
    signed: list[dict[str, Any]],
    case: _Case,
    received_clock: int,
) -> Accepted:
    """One submission, after those before it: the receipt it has, or a place, a rank and a row to write."""
    number, account, asked = case.number, case.account, case.asked
    if (one := known.find(number, account.id, case.person)) is not None:
        return _again(one, number, account, unit.period)
    outside.refuse(account.id, account.identity)
    if case.stopped:
        raise Refusal(Code.SUSPENDED)
    held = None if number is None else unit.tokens.get(number)
    refuse_by_state(unit.period, held is not None and holds(held, received_clock))
    claims = binding.beside(unit.period, asked.claims, case.ticket)
    binding.bind(unit, account, claims, received_clock)
    binding.allowed(asked.visit, case.rules.device.allow)
    shown, capacity, signer = ready(
        case.forms, case.programme, case.rules, case.draft, asked.signing, case.power
    )
    receipt = new_receipt()
    rank = unit.take(claims.number, account.id, received_clock, receipt)
    submitted_at = now_ms() - asked.visit.age_ms()
    last_day = pay_by(submitted_at, unit.period.pay_days, closed)
    rows.append({
        "receipt": receipt,
        "period": unit.period.uid,
        "rank": rank,
        "number": claims.number,
        "account": account.id,
        "person": case.person,
        "submitted_at": submitted_at,
        "pay_by": last_day,
        "capacity": capacity,
        "device": msgspec.json.encode(asked.visit.verdict).decode(),
        "content": signatures.ELSEWHERE,
        "status": SubmissionStatus.SUBMITTED,
        "fee": fees.written(case.fee(shown.found, submitted_at)),
    })  # fmt: skip
    signed.append(signatures.row_of(receipt, shown.frozen, capacity, signer, submitted_at, case.seals))
    known.add(
        EarlierSubmission(receipt, rank, claims.number, account.id, case.person, submitted_at, last_day)
    )
    return Accepted(receipt=receipt, rank=rank, submitted_at=submitted_at, pay_by=last_day, repeated=False)


async def _write_down(
    conn: AsyncConnection, uid: str, rows: list[dict[str, Any]], signed: list[dict[str, Any]]
) -> None:
    """The submissions, their signatures, history and tasks: ranks are given one after the other, so they name the
    rows."""
    if not rows:
        return
    first, last = rows[0]["rank"], rows[-1]["rank"]
    await _SUBMISSIONS.execute(conn, rows)
    await signatures.WRITE.execute(conn, signed)
    await conn.execute(_HISTORY, {"uid": uid, "first": first, "last": last})
    await follow_up.stage(conn, uid, first, last)
    await representative_signing.stage(conn, signatures.for_others(signed), rows[0]["submitted_at"])


_SUBMISSIONS = BulkInsert(
    store.submission,
    (
        "receipt", "period", "rank", "number", "account", "person", "submitted_at", "pay_by", "capacity", "device",
        "content", "status", "fee",
    ),
)  # fmt: skip

_HISTORY = sa.insert(store.status_change).from_select(
    ["submission", "status", "at"],
    sa.select(store.submission.c.id, store.submission.c.status, store.submission.c.submitted_at).where(
        store.RANKS
    ),
)


def _again(one: EarlierSubmission, number: int | None, account: Applicant, period: Period) -> Accepted:
    """The same receipt for the same ticket and account; otherwise a refusal."""
    annulled = period.state == PeriodState.ANNULLED
    if annulled and (one.number != number or one.account != account.id):
        raise Refusal(Code.ANNULLED)
    if one.number != number:
        duplicates.refuse(one, account)
    if one.account != account.id:
        raise Refusal(Code.TOKEN_USED)
    return Accepted(
        receipt=one.receipt, rank=one.rank, submitted_at=one.submitted_at, pay_by=one.pay_by, repeated=True,
        status=SubmissionStatus.ANNULLED if annulled else SubmissionStatus.SUBMITTED,
    )  # fmt: skip


def holds(token: Token, received_clock: int) -> bool:
    """Whether this token was good when the request arrived; a lapse since then does not count (P5)."""
    return token.state in {TokenState.LIVE, TokenState.LAPSED} and received_clock <= (token.ends or 0)


def refuse_by_state(period: Period, holds_token: bool) -> None:
    """What the period's state says before the token is looked at. Live tokens finish after a close."""
    if period.state == PeriodState.DRAFT:
        raise Refusal(Code.NOT_FOUND)
    if period.state == PeriodState.ANNULLED:
        raise Refusal(Code.ANNULLED)
    if period.suspended:
        raise Refusal(Code.SUSPENDED)
    if period.state == PeriodState.CAP_REACHED and not holds_token:
        raise Refusal(Code.QUOTA_REACHED)
    if period.state == PeriodState.CLOSED and not holds_token:
        raise Refusal(Code.PERIOD_CLOSED)


def ready(
    forms: Forms,
    programme: str,
    rules: FrozenRules,
    draft: Draft | None,
    signing: Signing,
    power: Power | None,
) -> tuple[EvaluatedDraft, Capacity, SigningVerdict | None]:
    """The draft, complete and signed, in which capacity, and who signs for the candidate.

    Refusals draft_expired, draft_incomplete, signature_missing, representative_not_recognised.
    """
    if draft is not None and is_expired(draft.until(rules.draft.days), now_ms()):
        raise Refusal(Code.DRAFT_EXPIRED)
    shown = evaluated(forms, programme, rules.draft, draft, now_ms())
    if not shown.found.is_complete:
        raise Refusal(Code.DRAFT_INCOMPLETE, missing=shown.found.to_mend)
    if not signing.declaration or signing.capacity is None:
        raise Refusal(Code.SIGNATURE_MISSING)
    signer = signers.verdict(signing.capacity, power, rules.representatives.may_sign)
    if signer is not None and not signer.allowed:
        raise Refusal(Code.REPRESENTATIVE_NOT_RECOGNISED, ground=signer.ground)
    return shown, signing.capacity, signer
