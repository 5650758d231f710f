"""What a request about a draft finds: whose it is, what is in it, whether it was submitted, how long it would be kept.

One look serves all who ask together; what belongs to whom is told apart by the session that each of them showed.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.sessions import Session
from foundation.calendar.days import DAY_MS, day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.direct import DirectLook
from foundation.sql.tables import among
from quota import store as quota_store
from quota.programmes import DraftRules
from quota.states import PeriodState
from submission import store as submission_store
from submission.drafts import repository
from submission.drafts.evaluated import EvaluatedDraft, evaluated_by
from submission.drafts.repository import Draft
from submission.drafts.retention import PeriodSpan, destroyed_after, kept_over, state_of
from submission.drafts.states import DraftState
from submission.forms.evaluation import Evaluation
from submission.forms.files import narrowed
from submission.forms.model import Form
from submission.services import SubmissionServices
from submission.states import SubmissionStatus

FIRST_FORM = ""
"""Stands for the version of a draft that names none: it was begun before there were versions."""


class EarlierReceipt(NamedTuple):
    """A submission of an account in a programme that stands."""

    receipt: str
    submitted_at: int


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose draft of which programme, and what follows from it today. `draft` is None before the first save."""

    session: Session
    programme: str
    rules: DraftRules
    form: Form
    draft: Draft | None
    kept_until: int
    receipt: str | None
    now: int

    @property
    def state(self) -> DraftState:
        return state_of(self.kept_until, self.receipt is not None, self.now)

    @property
    def destroyed_after(self) -> int:
        """Until when it can be recovered, once its days are over."""
        return destroyed_after(self.kept_until, self.rules.recover_days)

    @property
    def today(self) -> date:
        return day_of(self.now)

    @property
    def asked(self) -> Form:
        """The sections that the programme asks for."""
        return narrowed(self.form, self.rules.sections)

    def evaluated(self) -> Evaluation:
        """What follows from the answers today."""
        return self.followed().found

    def followed(self) -> EvaluatedDraft:
        """The same, with what is made of it for pages."""
        return evaluated_by(self.asked, self.programme, self.draft, self.today)

    def refuse_closed(self) -> None:
        """Refusals draft_submitted, draft_expired: what is in it is changed no more (DR-02)."""
        if self.receipt is not None:
            raise Refusal(Code.DRAFT_SUBMITTED, receipt=self.receipt)
        if self.draft is not None and self.state is DraftState.RECOVERABLE:
            raise Refusal(Code.DRAFT_EXPIRED)


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What one look at SQL found for those who asked together."""

    sessions: Mapping[str, Session]
    drafts: Mapping[tuple[int, str], Draft]
    receipts: Mapping[tuple[int, str], EarlierReceipt]
    periods: Mapping[str, list[PeriodSpan]]


async def look(
    conn: AsyncConnection, services: SubmissionServices, asked: Collection[tuple[str | None, str]]
) -> Looked:
    """Everything about the drafts of those who show these sessions, each for a programme. The periods are read where
    somebody begins: they say how long a draft would be kept."""
    digests = {shown for shown, _ in asked if shown}
    found, drafts = await repository.of_sessions(conn, services.drafts, digests)
    owners = {session.owner for session in found.values()}
    soon = now_ms() + DAY_MS

    def begins(shown: str | None, programme: str) -> bool:
        """Whether there is no draft, or one that may be over when it is looked at."""
        session, known = found.get(shown or ""), services.programmes.get(programme)
        if session is None or known is None:
            return False
        draft = drafts.get((session.owner, programme))
        return draft is None or draft.until(known.draft.days) < soon

    return Looked(
        sessions=found,
        drafts=drafts,
        receipts=await receipts(conn, owners) if owners else {},
        periods=await period_spans(conn) if any(begins(*one) for one in asked) else {},
    )


def view_of(
    looked: Looked, services: SubmissionServices, shown: str | None, programme: str, now: int | None = None
) -> DraftView:
    """One person's part of it. Refusals not_signed_in, session_ended, not_found."""
    now = now_ms() if now is None else now
    session = None if shown is None else looked.sessions.get(shown)
    if session is None:
        raise Refusal(Code.NOT_SIGNED_IN)
    if session.expires_at <= now:
        raise Refusal(Code.SESSION_ENDED)
    known = services.programmes.get(programme)
    if known is None:
        raise Refusal(Code.NOT_FOUND)
    draft, rules = looked.drafts.get((session.owner, programme)), known.draft
    until = 0 if draft is None else draft.until(rules.days)
    if draft is not None and now > until and now > destroyed_after(until, rules.recover_days):
        draft = None  # what is to be destroyed is shown to nobody
    form = form_of(
        services, programme, None if draft is None else draft.form_version or FIRST_FORM, day_of(now)
    )
    earlier = looked.receipts.get((session.owner, programme))
    stands = earlier is not None and draft is not None and earlier.submitted_at >= draft.begun_at
    return DraftView(
        session=session, programme=programme, rules=rules, form=form, draft=draft, now=now,
        kept_until=until or _kept_until(draft, rules, looked.periods.get(programme, []), form, now),
        receipt=earlier.receipt if earlier is not None and stands else None,
    )  # fmt: skip


def form_of(services: SubmissionServices, programme: str, version: str | None, today: date) -> Form:
    """The version that a draft is pinned to, or the newest one for who begins. Refusal not_found without any."""
    try:
        if version is None:
            return services.forms.newest(programme, today)
        if version == FIRST_FORM:
            return services.forms.first(programme)
        return services.forms.get(programme, version)
    except LookupError:
        raise Refusal(Code.NOT_FOUND) from None


def _kept_until(
    draft: Draft | None, rules: DraftRules, periods: list[PeriodSpan], form: Form, now: int
) -> int:
    """What is recorded, or would be if it were begun now. It never moves to the person's harm (P13)."""
    if draft is None:
        return kept_over(now, rules.days, periods, form.retention.further_periods)
    return draft.until(rules.days)


_IN_SIGHT = (
    PeriodState.ANNOUNCED,
    PeriodState.ARMED,
    PeriodState.OPEN,
    PeriodState.CAP_REACHED,
    PeriodState.CLOSED,
)

_SPANS = DirectLook(
    sa.select(
        quota_store.period.c.programme, quota_store.period.c.opens_at, quota_store.period.c.closes_at
    ).where(quota_store.period.c.state.in_(_IN_SIGHT))
)


async def period_spans(conn: AsyncConnection) -> dict[str, list[PeriodSpan]]:
    """The periods that were announced and not annulled, by programme."""
    found: dict[str, list[PeriodSpan]] = {}
    for programme, opens_at, closes_at in await _SPANS.rows(conn, {}):
        found.setdefault(programme, []).append(PeriodSpan(opens_at, closes_at))
    return found


_s, _p = submission_store.submission, quota_store.period

_RECEIPTS = DirectLook(
    sa.select(
        _s.c.account,
        _s.c.receipt,
        _s.c.submitted_at,
        sa.func.coalesce(_p.c.programme, _s.c.ledger).label("programme"),
    )
    .outerjoin(_p, _p.c.uid == _s.c.period)
    .where(among(_s.c.account, "owners"), _s.c.status == SubmissionStatus.SUBMITTED)
    .order_by(_s.c.submitted_at, _s.c.id)
)


async def receipts(conn: AsyncConnection, owners: Collection[int]) -> dict[tuple[int, str], EarlierReceipt]:
    """The last submission that stands of each of these accounts, by account and programme."""
    rows = await _RECEIPTS.rows(conn, {"owners": owners})
    return {(account, programme): EarlierReceipt(receipt, at) for account, receipt, at, programme in rows}
