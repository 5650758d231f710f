"""What follows an acceptance is staged with it, once."""

import sqlalchemy as sa

from foundation import outbox
from foundation.sql.database import Database
from submission import follow_up
from submission.follow_up import FollowUp
from submission.store import SUBMISSION, submission
from tests.support.tasks import rows, submitted

t = outbox.task


async def test_every_submission_has_every_kind_once(database: Database) -> None:
    """In the order of the kinds, about the submission; staged again they are the same tasks (P3)."""
    await submitted(database, 2)
    staged = await rows(database, t.c.subject_id, t.c.kind, t.c.subject_kind)
    assert sorted(kind for _, kind, _ in staged) == sorted([*FollowUp, *FollowUp])
    assert {kind for _, _, kind in staged} == {SUBMISSION}
    ids = {str(id) for (id,) in await rows(database, submission.c.id)}
    assert {subject for subject, _, _ in staged} == ids
    periods = await database.read(lambda conn: conn.execute(sa.select(submission.c.period)))
    uid = periods.scalars().first() or ""
    await database.write(lambda conn: follow_up.stage(conn, uid, 1, 2))
    assert await rows(database, t.c.subject_id, t.c.kind, t.c.subject_kind) == staged
