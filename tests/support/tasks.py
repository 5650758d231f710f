"""The worker's part for tests: every effect, with the programmes of the repository, and tasks done without a worker."""

from sqlalchemy.ext.asyncio import AsyncConnection

from config.effects import effects
from config.settings import PROGRAMMES
from foundation import outbox
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.programmes import load_all
from submission.follow_up import FollowUp
from submission.store import SUBMISSION

EFFECTS = effects(load_all(PROGRAMMES))


def about(submission: int) -> Subject:
    """The submission of this number as a subject."""
    return Subject.row(SUBMISSION, submission)


async def perform(db: Database, task: int, attempt: int) -> bool:
    """Do a task as the worker does."""
    return await outbox.perform(db, EFFECTS, task, attempt)


async def confirm(conn: AsyncConnection, submission: int, now: int) -> None:
    """File a submission's confirmation, without its task."""
    await EFFECTS[FollowUp.CONFIRMATION](conn, about(submission), now)
