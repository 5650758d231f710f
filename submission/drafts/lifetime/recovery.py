"""Taking back a draft whose days are over, before it is destroyed."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Code, Refusal
from submission.drafts import look, store
from submission.drafts.lifetime import lifecycle, reminders
from submission.drafts.lifetime.lifecycle import DraftSpan
from submission.drafts.look import DraftView
from submission.drafts.repository import LIVE, Draft
from submission.drafts.retention import is_expired, kept_over
from submission.drafts.states import DraftState
from submission.services import SubmissionServices


def way_back(draft: Draft | None, programme: str, days: int, back: str, now: int) -> dict[str, str]:
    """What `review_gaps.html` needs to offer a draft back whose days are over; nothing of any other. Pure.

    `back` is the page that it is offered on, to which it leads back.
    """
    if draft is None or not is_expired(draft.until(days), now):
        return {"recover": "", "back": ""}
    return {"recover": f"/demande/{programme}", "back": back}


async def recover(services: SubmissionServices, view: DraftView) -> None:
    """Begin the days of an expired draft anew, as if it were filled in today with the same text; of any other nothing.

    Who let it end could fill everything in again: this spares them the typing and gives nobody more. Refusal
    draft_expired when it was destroyed meanwhile.
    """
    if view.draft is None or view.state is not DraftState.RECOVERABLE:
        return
    draft, now = view.draft, view.now

    async def write(conn: AsyncConnection) -> None:
        periods = (await look.period_spans(conn)).get(view.programme, [])
        until = kept_over(now, view.rules.days, periods, view.form.retention.further_periods)
        d = store.draft
        same = (d.c.id == draft.id, LIVE)
        recovered = sa.update(d).where(*same).values(
            begun_at=now, kept_until=until, updated_at=now, revision=d.c.revision + 1
        )  # fmt: skip
        if not (await conn.execute(recovered)).rowcount:
            raise Refusal(Code.DRAFT_EXPIRED)
        span = DraftSpan(now, until, view.rules.recover_days)
        await reminders.stage_look(conn, draft.id, lifecycle.look_again_at(span, periods, now), now)

    await services.db.write(write)
