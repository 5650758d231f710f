"""The desk of money that waits: each look is on the record, and an act that there is not is refused."""

import pytest

from accounts.roles import Role
from console.payments.desk import act_of
from console.payments.pages import HERE
from foundation import audit
from foundation.errors import Refusal
from tests.integration.console.conftest import ConsolePlace
from tests.integration.console.payments.test_pages import money_routes
from tests.support.candidates.paying import FEE, came_by_post
from tests.support.tasks import rows, submitted


async def test_a_look_at_a_file_is_on_the_record(place: ConsolePlace) -> None:
    place.app.router.routes[:0] = money_routes(place)
    await submitted(place.db)
    await came_by_post(place.db, FEE + 500)
    agent = await place.staff("lucie", Role.AGENT)
    await agent.get(HERE)
    looked = await rows(place.db, audit.a.c.id, audit.a.c.actor, audit.a.c.act, audit.a.c.subject_kind)
    assert [row[1:] for row in looked if row[2] == audit.LOOK and row[3] == "submission"] == [
        ("lucie", audit.LOOK, "submission")
    ]
    await agent.aclose()


def test_an_act_that_there_is_not() -> None:
    with pytest.raises(Refusal):
        act_of("burn")
