"""The room page in a real browser, whatever becomes of its connection, of the computer's clock and of its cookies."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from foundation.clock import now_ms, rfc3339
from tests.browser.conftest import HERE, RoomStage
from tests.support.browsing import look, with_changed_script
from tests.support.proxies import Sockets
from tests.support.rooms import rows_of
from waitingroom.line.snapshot import bitmap

pytestmark = pytest.mark.browser

ADDRESS_AFTER_A_CALL = re.compile(r"/connexion$")

NO_SOCKETS = "window.WebSocket = function () { throw new DOMException('blocked', 'SecurityError'); };"


def notice(page: Page) -> Any:
    return page.locator("[data-text=notice]:visible")


# -- what arrives ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "sockets",
    [
        Sockets.SWALLOWED,
        pytest.param(Sockets.UNANSWERED, marks=pytest.mark.slow),
        pytest.param(Sockets.KEPT, marks=pytest.mark.slow),
    ],
)
async def test_whatever_becomes_of_the_socket_the_page_hears(stage: RoomStage, sockets: Sockets) -> None:
    """Without a word from its socket the page polls, well before the minute of presence: news and the call come all the
    same, and nothing old is shown over them."""
    stage.proxy.sockets = sockets
    async with stage.waiting() as page:
        await stage.until(lambda: len(stage.proxy.polls()) >= 2, 45, "it polls again and again")
        await stage.set(notice="Les appels reprennent bientôt.")
        await expect(notice(page)).to_have_text("Les appels reprennent bientôt.")
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"), timeout=25_000)
        await page.wait_for_url(ADDRESS_AFTER_A_CALL)
    times = stage.proxy.polls()
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) < 25, "present without a break"


@pytest.mark.slow
async def test_a_socket_that_cannot_be_made_ends_nothing(stage: RoomStage) -> None:
    """Where something forbids WebSockets altogether, polls do without, and no error is left uncaught."""
    async with stage.waiting(NO_SOCKETS) as page:
        await stage.set(notice="Bientôt.")
        await expect(notice(page)).to_have_text("Bientôt.")


@pytest.mark.slow
async def test_a_poll_that_is_never_answered_does_not_end_the_polling(stage: RoomStage) -> None:
    """Each has a deadline, and the next one comes."""
    async with stage.waiting(NO_SOCKETS) as page:
        stage.proxy.unanswered = 2
        await stage.until(lambda: stage.proxy.unanswered == 0, 60, "two polls were left without an answer")
        await stage.set(notice="Entendu.")
        await expect(notice(page)).to_have_text("Entendu.", timeout=40_000)


@pytest.mark.slow
async def test_without_a_deadline_one_lost_answer_would_be_the_last(stage: RoomStage) -> None:
    """Twin: a page that waits for each answer for as long as it takes."""
    async with stage.waiting(NO_SOCKETS) as page:
        await with_changed_script(page, ("}, seconds * 1000);", "}, 1e9);"))
        await page.reload()
        stage.proxy.unanswered = 1
        await stage.until(lambda: stage.proxy.unanswered == 0, 30, "one poll was left without an answer")
        before = len(stage.proxy.polls())
        await page.wait_for_timeout(25_000)
        assert len(stage.proxy.polls()) == before


@pytest.mark.parametrize(
    "event",
    [
        "resume",
        "online",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("visibilitychange", "pageshow", "focus")),
    ],
)
async def test_coming_back_asks_at_once(stage: RoomStage, event: str) -> None:
    """Whichever way a browser says that the page is seen again."""
    stage.proxy.sockets = Sockets.UNANSWERED
    target = "document" if event in {"visibilitychange", "resume"} else "window"
    async with stage.waiting() as page:
        await page.wait_for_timeout(4_000)  # what it heard with the page is no longer fresh
        before = len(stage.proxy.polls())
        await page.evaluate(f"{target}.dispatchEvent(new Event('{event}'))")
        await stage.until(lambda: len(stage.proxy.polls()) > before, 3, f"{event} asks")


@pytest.mark.slow
async def test_behind_a_proxy_that_swallows_nobody_passes_an_open_page(stage: RoomStage) -> None:
    """Over more than the minute of presence: the page's number stays present, and a later one is not called before."""
    stage.proxy.sockets = Sockets.SWALLOWED
    async with stage.waiting() as page:
        second = await stage.hall.join()
        await asyncio.sleep(100)
        period = await stage.hall.period()
        await stage.hall.room.presence.mark(period.uid, bitmap([second.ticket.number]))
        await stage.call()
        await expect(page).to_have_title(re.compile("^C’est votre tour"))
        assert 1 in await rows_of(stage.hall.db, period)


async def test_an_arrival_asks_for_six_answers(stage: RoomStage) -> None:
    """Page, style, script, the button, the page with the number, the socket; no favicon, though each state has one."""
    async with stage.waiting() as page:
        await stage.until(lambda: stage.proxy.asked[-1][1].endswith("/live"), 10, "the socket is asked for")
        paths = [path for _, path in stage.proxy.asked]
        files = ["/static/base.css", "/static/room-page.js"]
        # On a busy machine the button is pressed before the script was read to its end: then it is asked for again.
        assert sorted({path for path in paths if path.startswith("/static/")}) == files
        others = [path for path in paths if not path.startswith("/static/")]
        assert others == [HERE, f"{HERE}/joindre", HERE, "/api/v1/periods/essai/live"]
        icon = page.locator("link[rel=icon]")
        await expect(icon).to_have_attribute("data-icon", "paused")
        await stage.call()
        await expect(icon).to_have_attribute("data-icon", "called")
        await expect(icon).to_have_attribute("href", re.compile("^data:image/svg.xml,<svg[^#]+</svg>$"))


# -- what is said ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def told(stage: RoomStage) -> AsyncIterator[tuple[Page, Callable[..., None]]]:
    """A page that waits, told by the test: `tell(after_ms, ahead=...)` sends a position written so long from now."""
    sockets: list[WebSocketRoute] = []
    await stage.period()
    async with stage.page() as page:
        await page.route_web_socket(re.compile("/live$"), lambda one: sockets.append(one))
        await page.goto(HERE)
        await page.get_by_role("button", name="Se connecter").click()
        await page.wait_for_selector(".ticket__number")
        me = json.loads(await page.locator("#room").get_attribute("data-me") or "")
        await stage.until(lambda: sockets, 20, "the socket is opened")

        def tell(after_ms: int = 0, **values: Any) -> None:
            at = rfc3339(now_ms() + after_ms)
            frame = me | {"type": "position", "paused": False, "server_time": at, "as_of": at} | values
            sockets[0].send(json.dumps(frame))

        yield page, tell


async def test_somebody_who_was_away_is_told_for_how_long(stage: RoomStage) -> None:
    """By the server's clock, whatever the computer's own did meanwhile; with the number, which is the same."""
    async with told(stage) as (page, tell):
        tell(ahead=40)
        await expect(page.locator("[data-text=ahead]")).to_have_text("40")
        tell(75_000, ahead=38)
        await expect(page.locator("[data-text=status]")).to_contain_text("Vous êtes de retour après 1 min 1")
        await expect(page.locator("[data-text=status]")).to_contain_text("Votre numéro est toujours le 1.")


async def test_the_status_never_contradicts_the_figure_above_it(stage: RoomStage) -> None:
    """A milestone is on the page while its figure is, and no longer."""
    async with told(stage) as (page, tell):
        status = page.locator("[data-text=status]")
        tell(ahead=800)
        tell(200, ahead=390)
        await expect(status).to_have_text("390 personnes avant vous.")
        tell(400, ahead=388)
        await expect(page.locator("[data-text=ahead]")).to_have_text("388")
        assert await status.inner_text() == ""


async def test_what_comes_late_is_not_shown_over_what_is_newer(stage: RoomStage) -> None:
    """A proxy delivers old positions in bulk: they change nothing."""
    async with told(stage) as (page, tell):
        tell(500, ahead=12)
        await expect(page.locator("[data-text=ahead]")).to_have_text("12")
        tell(-30_000, ahead=90, type="paused", paused=True)
        await page.wait_for_timeout(500)
        await expect(page.locator("[data-text=ahead]")).not_to_have_text("90")


async def test_the_call_of_a_short_token_is_heard(stage: RoomStage) -> None:
    """The alert of the call is not replaced at once by that of the last minute."""
    async with stage.waiting() as page:
        await stage.set(token_seconds=60)
        await stage.call()
        await expect(page.locator("[data-text=alert]")).to_contain_text("C’est votre tour")
        await page.wait_for_timeout(1_500)
        await expect(page.locator("[data-text=alert]")).to_contain_text("C’est votre tour")


# -- leaving -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_staying_is_a_button_that_stands_still(stage: RoomStage) -> None:
    """In a wide font too: it has the same place under the mouse, the click arrives, and the page does not leave."""
    async with stage.waiting(bypass_csp=True) as page:
        await page.add_style_tag(content="* { font-family: 'DejaVu Sans Mono', monospace !important; }")
        await page.set_viewport_size({"width": 700, "height": 900})
        await stage.call()
        button = page.get_by_role("button", name="Rester sur cette page")
        before = await button.bounding_box()
        assert before
        await page.mouse.move(before["x"] + before["width"] - 4, before["y"] + before["height"] - 4)
        await page.wait_for_timeout(300)
        assert await button.bounding_box() == before
        await page.mouse.down()
        await page.mouse.up()
        await expect(button).to_be_hidden()
        await page.wait_for_timeout(8_000)
        assert page.url.endswith(HERE)


@pytest.mark.slow
@pytest.mark.parametrize("called", [False, True])
async def test_cookies_that_go_while_the_page_is_open_are_said(stage: RoomStage, called: bool) -> None:
    """The number stays on the screen, with what happened and what to do; the page leaves for nowhere."""
    async with stage.waiting() as page:
        kept = await page.context.cookies()
        await page.context.clear_cookies()
        if called:
            await stage.call()
        else:
            await page.wait_for_timeout(10_500)
            await page.evaluate("window.dispatchEvent(new Event('focus'))")
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Ce navigateur ne retrouve plus votre numéro")
        await expect(page.locator("[data-show=forgotten] .ticket__number")).to_have_text("1")
        await page.wait_for_timeout(6_000)
        assert page.url.endswith(HERE)
        await look(page, f"30-forgotten-{'called' if called else 'waiting'}")
        await page.context.add_cookies(kept)  # type: ignore[arg-type]
        await expect(heading).not_to_have_text("Ce navigateur ne retrouve plus votre numéro", timeout=30_000)


@pytest.mark.slow
async def test_a_sign_in_without_the_number_says_so(stage: RoomStage) -> None:
    """From the announced redirect on the cookies are gone: the room's page says what happened and how to go on."""
    async with stage.waiting() as page:
        await stage.call()
        await page.wait_for_url(ADDRESS_AFTER_A_CALL)
        await page.context.clear_cookies()
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nous ne trouvons pas votre numéro")
        await look(page, "31-forgotten-door")


@pytest.mark.slow
async def test_a_token_that_lapsed_after_the_last_place_says_that_all_are_taken(stage: RoomStage) -> None:
    """On the sign-in that was still open, and on the room's page."""
    async with stage.waiting() as page:
        await stage.call()
        await page.wait_for_url(ADDRESS_AFTER_A_CALL)
        await stage.end("lapsed")
        await stage.set(state="cap_reached", ended_at=now_ms(), accepted=50, held=50)
        await expect(page.locator("[data-left]")).to_have_text("Votre délai est terminé.")
        await page.get_by_role("link", name="Retourner à la page d’attente").first.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Votre délai est dépassé")
        await expect(page.locator("main")).to_contain_text("Toutes les places sont maintenant prises")
        await look(page, "32-lapsed-after-the-cap")


@pytest.mark.parametrize("aborts", [True, False])
async def test_a_button_that_is_not_answered_is_given_up_before_it_is_asked_again(
    stage: RoomStage, aborts: bool
) -> None:
    """So that a service that is behind does not begin the first request too; the second brings the number. Twin: left
    alone, the first one stays in its queue."""
    await stage.period()
    async with stage.page() as page:
        changes = [("inTime(10,", "inTime(0.5,")]
        await with_changed_script(page, *changes, *(() if aborts else (("if (stop) stop.abort();", ""),)))
        given_up, before, asked = list[str](), list[str](), list[Route]()
        page.on("requestfailed", lambda request: given_up.append(request.url))

        async def join(route: Route) -> None:
            asked.append(route)
            if len(asked) > 1:
                before.extend(given_up)  # what goes with the page is no answer
                await route.continue_()

        await page.route("**/joindre", join)
        await page.goto(HERE)
        await page.get_by_role("button", name="Se connecter").click()
        await stage.until(lambda: len(asked) > 1, 10, "it is asked for again")
        await expect(page.locator("[data-text=ahead]:visible")).to_be_visible()
        assert len(asked) == 2
        assert any(url.endswith("/joindre") for url in before) is aborts
