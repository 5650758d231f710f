"""« Argent à décider » as an agent's browser without scripts sees it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.routing import BaseRoute

from accounts.roles import Role
from casework.files.states import FileStatus
from casework.payments import cases
from casework.payments.states import Instrument, MoneyReason
from casework.payments.supplements import ending
from casework.payments.supplements.rows import SupplementState
from config.assets import renderer
from console.payments.desk import MoneyDesk
from console.payments.pages import HERE, MoneyPages
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from server.problems import Problems
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.paying import FEE, PAYMENTS, came_by_post, status_of_file, titles_of
from tests.support.casework.supplements import EXTRA, asked, supplements_of
from tests.support.tasks import submitted


def money_routes(place: ConsolePlace) -> list[BaseRoute]:
    problems = Problems("http://guichet.test", renderer())
    return MoneyPages(MoneyDesk(place.console.staff, PAYMENTS), renderer(), problems.tell).routes()


@pytest.fixture
async def agent(place: ConsolePlace) -> AsyncIterator[httpx.AsyncClient]:
    place.app.router.routes[:0] = money_routes(place)
    await submitted(place.db)
    await came_by_post(place.db, FEE + 500)
    browser = await place.staff("lucie", Role.AGENT)
    yield browser
    await browser.aclose()


async def test_decided_once_with_what_follows_shown_before(
    place: ConsolePlace, agent: httpx.AsyncClient
) -> None:
    said = text_of(await agent.get(HERE))
    assert "827,00" in said and "Montant de trop" in said
    assert "Le surplus de 5,00" in said.replace("\u00a0", " ")
    for wrong, status in (({"act": "accept", "why": " "}, 422), ({"act": "", "why": "Surplus."}, 422)):
        page = await agent.post(f"{HERE}/1", data=wrong)
        assert page.status_code == status
        assert ('value="Surplus."' in page.text) == ("Surplus." in wrong["why"])
    assert (await agent.post(f"{HERE}/1", data={"act": "delete", "why": "x"})).status_code == 409
    done = await agent.post(f"{HERE}/1", data={"act": "accept", "why": "Surplus à rembourser."})
    assert done.headers["location"] == f"{HERE}?note=decide"
    assert "Rien n’attend de décision" in text_of(await agent.get(HERE))
    assert await status_of_file(place.db) is FileStatus.PAID
    assert (await agent.post(f"{HERE}/1", data={"act": "accept", "why": "Encore."})).status_code == 409
    assert (await agent.post(f"{HERE}/9", data={"act": "accept", "why": "Encore."})).status_code == 404


async def test_a_cheque_that_is_owed_is_entered_once(place: ConsolePlace, agent: httpx.AsyncClient) -> None:
    await agent.post(f"{HERE}/1", data={"act": "accept", "why": "Surplus à rembourser."})
    owed = await agent.get(HERE)
    wrong = await agent.post(f"{HERE}/cheques/1", data={"number": "A_1", "issued_on": "hier"})
    typed = {"number": "a-1", "issued_on": day_of(now_ms()).isoformat()}
    done = await agent.post(f"{HERE}/cheques/1", data=typed)
    after = await agent.get(done.headers["location"])
    for page in (owed, wrong, after):
        assert_clean(page)
    assert "Chèques à émettre" in text_of(owed) and "Chèques à émettre" not in text_of(after)
    assert wrong.status_code == 422 and 'value="A_1"' in wrong.text and 'href="#issued_on-1"' in wrong.text
    assert "Le chèque est inscrit" in text_of(after)
    assert (await agent.post(f"{HERE}/cheques/1", data=typed | {"number": "B-2"})).status_code == 409
    assert (await agent.post(f"{HERE}/cheques/9", data=typed)).status_code == 404


async def test_clerks_decide_nothing(place: ConsolePlace, agent: httpx.AsyncClient) -> None:
    clerk = await place.staff("claire", Role.CLERK)
    assert (await clerk.post(f"{HERE}/1", data={"act": "accept", "why": "x"})).status_code == 403
    assert f'href="{HERE}"' in (await agent.get("/personnel")).text
    await clerk.aclose()


@pytest.mark.parametrize("id", ["9" * 15, "9" * 40, "9" * 5_000, "-1", "1.0", "٣", "x"])
async def test_a_number_that_no_case_has_is_not_found(agent: httpx.AsyncClient, id: str) -> None:
    """However long: what no row can have never reaches the store."""
    answer = await agent.post(f"{HERE}/{id}", data={"act": "accept", "why": "Surplus."})
    assert answer.status_code == 404


async def test_new_days_for_an_amendment_that_had_lapsed_say_that_it_comes_back(place: ConsolePlace) -> None:
    """Before two people decide so; its letter says it too."""
    place.app.router.routes[:0] = money_routes(place)
    one = await asked(place.db, now_ms() - 80 * 86_400_000)
    await place.db.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms()))
    why, by = MoneyReason.MISDATED, Instrument.BANK_DRAFT
    await place.db.write(
        lambda conn: cases.open_case(conn, 1, why, by, EXTRA, one.last_day, now_ms(), key="item:1:redated:1")
    )
    for name in ("lucie", "marc"):
        agent = await place.staff(name, Role.AGENT)
        assert "tenue pour sans effet, est rétablie" in text_of(await agent.get(HERE))
        await agent.post(f"{HERE}/1", data={"act": "more_days", "why": "Mal daté."})
        await agent.aclose()
    assert [found.state for found in await supplements_of(place.db)] == [SupplementState.AWAITED]
    assert "Décision sur un paiement reçu" in (await titles_of(place.db))[0]
