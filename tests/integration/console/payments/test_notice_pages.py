"""`/personnel/avis`: an agent records a posted notice, another of the staff confirms it."""

from datetime import timedelta

import sqlalchemy as sa
from starlette.routing import BaseRoute

from accounts.roles import Role
from casework.payments.unpaid import posted_notice
from config.assets import renderer
from console.payments.notice_desk import NoticeDesk
from console.payments.notice_pages import HERE, NoticePages
from foundation.calendar.days import DAY_MS, day_of
from foundation.clock import now_ms
from server.problems import Problems
from submission.store import submission
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.paying import PAYMENTS
from tests.support.tasks import submitted

NUMBER = "D-0000001-95"


def notice_routes(place: ConsolePlace) -> list[BaseRoute]:
    problems = Problems("http://guichet.test", renderer())
    return NoticePages(NoticeDesk(place.console.staff, PAYMENTS), renderer(), problems.tell).routes()


async def test_recorded_by_one_confirmed_by_another(place: ConsolePlace) -> None:
    place.app.router.routes[:0] = notice_routes(place)
    await submitted(place.db, 2)
    late = sa.update(submission).where(submission.c.id == 1).values(pay_by=now_ms() - 60 * DAY_MS)
    await place.db.write(lambda conn: conn.execute(late))
    agent, other = await place.staff("lucie", Role.AGENT), await place.staff("boris", Role.APPROVER)
    empty = await agent.get(HERE)
    posted = (day_of(now_ms()) - timedelta(days=20)).isoformat()
    typed = {"number": NUMBER, "posted_on": posted, "tracking": "", "why": "Aucun serveur de courriel."}
    wrong = await agent.post(HERE, data=typed | {"number": "D-0000001-96", "why": "Mon motif."})
    bad = await agent.post(HERE, data=typed | {"why": " "})
    forbidden = await other.post(HERE, data=typed)
    done = await agent.post(HERE, data=typed)
    own = await agent.post(f"{HERE}/{NUMBER}/confirmer")
    seen = await other.get(HERE)
    confirmed = await other.post(f"{HERE}/{NUMBER}/confirmer")
    after = await other.get(confirmed.headers["location"])
    for page in (empty, wrong, bad, seen, after):
        assert_clean(page)
    assert NUMBER in text_of(empty) and "Aucun avis" in text_of(empty) and "D-0000002" not in text_of(empty)
    assert (wrong.status_code, "Mon motif." in wrong.text) == (422, True)
    assert (bad.status_code, forbidden.status_code, own.status_code) == (422, 403, 409)
    assert done.headers["location"] == f"{HERE}?note=inscrit"
    assert "à confirmer" in text_of(seen) and "dès maintenant" in text_of(seen)
    assert confirmed.headers["location"] == f"{HERE}?note=confirme"
    assert "L’avis posté est confirmé." in text_of(after) and NUMBER not in text_of(after)
    assert await place.db.read(lambda conn: posted_notice.standing(conn, 1)) is not None
    await agent.aclose()
    await other.aclose()
