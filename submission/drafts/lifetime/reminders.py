"""The tasks that look at a draft when something of its time has come (DR-01 to DR-03).

One task a draft is staged at a time, for the next instant of `lifecycle.py`; it reads everything again in its own
transaction, so what was recovered, extended or submitted meanwhile is seen. It is idempotent: a mail has a key, and
what was destroyed is left alone. Destruction is a part of it: the answers go, a tombstone without personal data stays.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL, PersonalFields
from foundation import outbox
from foundation.calendar.days import day_of
from foundation.mail.outgoing import post
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota import ledger
from quota import store as quota_store
from quota.programmes import DraftRules, Programme
from quota.states import PeriodTask
from submission.drafts import look, store
from submission.drafts.lifetime import lifecycle, mails
from submission.drafts.lifetime.lifecycle import DraftNotice, DraftSpan
from submission.drafts.look import EarlierReceipt
from submission.drafts.retention import kept_over, kept_until
from submission.drafts.states import DraftEnd
from submission.drafts.store import DRAFT, PROGRAMME
from submission.forms.files import Forms
from submission.forms.model import Form

AT_ONCE: Final = 300
"""Drafts that one task extends: a tenth of a second; the next task goes on behind them."""

BUSY_MS: Final = 3_600_000
"""A draft whose owner holds a live token is looked at again after so long: nothing is destroyed under way."""


class DraftTask(StrEnum):
    """Kinds of tasks of drafts."""

    LOOK = "draft_look"
    """The time of one draft: its reminders, its end, its destruction."""
    EXTEND = "draft_extend"
    """A period was announced: the drafts of its programme are kept over it (DR-01)."""


_d = store.draft


async def stage_look(conn: AsyncConnection, draft: int, at: int, now: int) -> None:
    """Have a draft looked at then; staged twice for one instant it is one task."""
    subject = Subject.row(DRAFT, draft)
    key = f"{outbox.key_of(DraftTask.LOOK, subject)}:{at}"
    await outbox.stage(conn, DraftTask.LOOK, subject, now, due_at=at, key=key)


class DraftCare:
    """The effects. `personal` opens addresses; `public_url` is where the mails lead."""

    def __init__(
        self, programmes: Mapping[str, Programme], forms: Forms, personal: PersonalFields, public_url: str
    ) -> None:
        self.programmes, self.forms = programmes, forms
        self.personal, self.public_url = personal, public_url

    def effects(self) -> dict[str, Effect]:
        """By kind of task."""
        return {
            DraftTask.LOOK: self.attend,
            DraftTask.EXTEND: self.extend,
            PeriodTask.ANNOUNCED: self.announced,
        }

    async def attend(self, conn: AsyncConnection, subject: Subject, now: int) -> None:
        """Tell what is to be told of a draft, or destroy it, and say when to look again."""
        row = await _locked(conn, subject.number)
        programme = None if row is None else self.programmes.get(row.programme)
        if row is None or programme is None:
            return
        rules = programme.draft
        until = kept_until(row.begun_at, row.kept_until, rules.days)
        span = DraftSpan(row.begun_at, until, rules.recover_days)
        earlier = (await look.receipts(conn, {row.account})).get((row.account, row.programme))
        if _is_submitted(earlier, row.begun_at):
            await self._of_a_submitted_one(conn, row, until, now)
        elif now > span.destroyed_after:
            await self._destroy(conn, row, span, now)
        else:
            periods = (await look.period_spans(conn)).get(row.programme, [])
            for mark in lifecycle.due(span, periods, now):
                await self._tell(conn, row, mark.notice, mark.about, span, now)
            await stage_look(conn, row.id, lifecycle.look_again_at(span, periods, now), now)

    async def _of_a_submitted_one(self, conn: AsyncConnection, row: Any, until: int, now: int) -> None:
        """What was signed is kept with the submission: the draft goes at its end without a word."""
        if now > until:
            await destroy(conn, row.id, DraftEnd.SUBMITTED, now)
        else:
            await stage_look(conn, row.id, until + 1, now)

    async def _destroy(self, conn: AsyncConnection, row: Any, span: DraftSpan, now: int) -> None:
        if await ledger.holds_live_token(conn, row.account):
            await stage_look(conn, row.id, now + BUSY_MS, now)
            return
        await destroy(conn, row.id, DraftEnd.EXPIRED, now)
        await self._tell(conn, row, DraftNotice.DESTROYED, span.kept_until, span, now)

    async def _tell(
        self, conn: AsyncConnection, row: Any, notice: DraftNotice, about: int, span: DraftSpan, now: int
    ) -> None:
        """Post a mail, once for what it is about; who has no address is told by the pages alone."""
        to = await self._address(conn, row.account)
        if not to:
            return
        page = f"{self.public_url}/demande/{row.programme}"
        mail = mails.notice(to, notice, page, about, now, span.destroyed_after)
        subject = Subject.row(DRAFT, row.id)
        left = lifecycle.days_between(now, about) if notice is DraftNotice.ENDS_SOON else ""
        await post(conn, mail, subject, now, key=f"{notice}:{row.id}:{about}:{left}")

    async def _address(self, conn: AsyncConnection, account: int) -> str:
        a = accounts_store.account.c
        found = (await conn.execute(sa.select(a.username, a.email).where(a.id == account))).one()
        return self.personal.opened(found.username, EMAIL, found.email) if found.email else ""

    # -- A period was announced ------------------------------------------------------------------------------------

    async def announced(self, conn: AsyncConnection, subject: Subject, now: int) -> None:
        """Have the drafts of the programme of a period that was announced kept over it."""
        p = quota_store.period.c
        found = (await conn.execute(sa.select(p.programme).where(p.uid == subject.id))).scalar_one_or_none()
        if found is not None:
            await stage_extension(conn, found, now)

    async def extend(self, conn: AsyncConnection, subject: Subject, now: int) -> None:
        """Keep the drafts of a programme over the periods that its form's retention names; each extension is recorded
        in its row and told, and none is ever shortened (P13). The subject's key is `PROGRAMME` or `PROGRAMME:ID`, the
        last draft that was done."""
        id, _, done = subject.id.partition(":")
        programme = self.programmes.get(id)
        if programme is None:
            return
        spans = (await look.period_spans(conn)).get(id, [])
        form = self.forms.newest(id, day_of(now))
        live = (_d.c.programme == id, _d.c.destroyed_at.is_(None), _d.c.id > int(done or 0))
        rows = list(
            await conn.execute(sa.select(_d).where(*live).order_by(_d.c.id).limit(AT_ONCE).with_for_update())
        )
        for row in rows:
            await self._extend_one(conn, row, programme.draft, spans, form, now)
        if len(rows) == AT_ONCE:
            await stage_extension(conn, id, now, done=rows[-1].id)

    async def _extend_one(
        self, conn: AsyncConnection, row: Any, rules: DraftRules, spans: list[Any], form: Form, now: int
    ) -> None:
        stands = kept_until(row.begun_at, row.kept_until, rules.days)
        longer = kept_over(row.begun_at, rules.days, spans, form.retention.further_periods)
        span = DraftSpan(row.begun_at, max(stands, longer), rules.recover_days)
        if longer > stands and now <= stands:
            await conn.execute(sa.update(_d).where(_d.c.id == row.id).values(kept_until=longer))
            await self._tell(conn, row, DraftNotice.EXTENDED, longer, span, now)
        await stage_look(conn, row.id, lifecycle.look_again_at(span, spans, now), now)


async def stage_extension(
    conn: AsyncConnection, programme: str, now: int, *, done: int = 0, due_at: int = outbox.AT_ONCE
) -> None:
    """Have the drafts of a programme kept over its periods, as they are announced now, or then: `due_at`."""
    subject = Subject(PROGRAMME, f"{programme}:{done}" if done else programme)
    key = f"{outbox.key_of(DraftTask.EXTEND, subject)}:{now}"
    await outbox.stage(conn, DraftTask.EXTEND, subject, now, due_at=due_at, key=key)


def _is_submitted(earlier: EarlierReceipt | None, begun_at: int) -> bool:
    return earlier is not None and earlier.submitted_at >= begun_at


async def _locked(conn: AsyncConnection, draft: int) -> Any:
    live = (_d.c.id == draft, _d.c.destroyed_at.is_(None))
    return (await conn.execute(sa.select(_d).where(*live).with_for_update())).one_or_none()


async def destroy(conn: AsyncConnection, draft: int, why: DraftEnd, now: int) -> None:
    """Destroy what was filled in. What stays is the tombstone: ids, dates, and the reason."""
    for part in (store.draft_section, store.draft_past):
        await conn.execute(sa.delete(part).where(part.c.draft == draft))
    gone = {"content": None, "destroyed_at": now, "ended_by": why, "updated_at": now}
    await conn.execute(sa.update(_d).where(_d.c.id == draft).values(gone))
