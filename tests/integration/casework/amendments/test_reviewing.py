"""An agent's word about an amendment is added, and changes nothing."""

import asyncio

from casework.amendments import reviewing
from casework.amendments.amending import amend
from casework.amendments.states import AmendmentAct
from casework.amendments.store import amendment_review
from casework.mailbox.store import message
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Refusal
from tests.integration.casework.amendments.conftest import AmendedPlace
from tests.integration.casework.amendments.test_amending import sent
from tests.support.casework.messages import MAILBOX
from tests.support.tasks import rows

LUCIE = Actor("lucie", "agent")


async def test_of_agents_who_press_at_once_one_takes_it_into_account(amended: AmendedPlace) -> None:
    """The others are told; one line each, and no message."""
    one, by = sent(), Actor("anne", "candidate")
    await amended.db.write(lambda conn: amend(conn, amended.services, 1, by, 1, one, now_ms()))

    async def acknowledge() -> None:
        await amended.db.write(
            lambda conn: reviewing.review(
                conn, amended.services, MAILBOX, 1, 1, AmendmentAct.ACKNOWLEDGE, "", LUCIE, now_ms()
            )
        )

    outcomes = await asyncio.gather(*(acknowledge() for _ in range(4)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, Refusal) for outcome in outcomes)
    assert len(await rows(amended.db, amendment_review.c.id)) == 1
    assert await rows(amended.db, message.c.id) == []
