"""The answers of a file as they are now: what was signed while nothing was added, and the same each time after."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments.frozen_now import AnswersNow, answers_now
from casework.files.sheet import sheet
from foundation.clock import now_ms
from submission.store import signature
from tests.integration.casework.amendments.conftest import AmendedPlace
from tests.integration.casework.amendments.test_amending import amend, sent
from tests.support.tasks import rows


async def found(amended: AmendedPlace) -> AnswersNow:
    async def read(conn: AsyncConnection) -> AnswersNow:
        return await answers_now(
            conn, amended.services, await sheet(conn, amended.services.personal, 1), now_ms()
        )

    return await amended.db.read(read)


async def test_an_amendment_changes_the_digest_once(amended: AmendedPlace) -> None:
    ((signed,), *_) = await rows(amended.db, signature.c.content_digest)
    assert (await found(amended)).digest == signed
    await amend(amended, sent())
    after, again = await found(amended), await found(amended)
    assert after.digest == again.digest != signed
    assert after.answers.salt
