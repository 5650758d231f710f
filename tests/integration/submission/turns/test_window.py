"""The ten minutes on a draft's pages: whose they are, and when nothing is said of them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import store as quota_store
from server.requests import Incoming
from submission.turns import window as window_module
from submission.turns.turn import Turns
from submission.turns.window import TurnWindow, Windows, periods_of
from tests.support.candidates.files import HERE, RIGHT, SIGNED, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.desks import CalledPerson, Desk, call, make_account, make_desk, sign_in, visit
from tests.support.rooms import make_period, set_period


class Editing:
    """Somebody who was called, signed in, and edits the draft."""

    def __init__(self, desk: Desk, called: CalledPerson, came: Incoming) -> None:
        self.desk, self.called, self.came = desk, called, came
        self.windows = Windows(Turns(desk))

    async def window(self, came: Incoming | None = None, programme: str = "demo") -> TurnWindow | None:
        heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.windows.ask(came or self.came, programme, heard.set_result)
        found: TurnWindow | None = await heard
        return found

    async def token(self, **values: Any) -> None:
        t = quota_store.token
        await self.desk.db.write(lambda conn: conn.execute(sa.update(t).values(values)))


@pytest.fixture
async def editing(database: Database) -> AsyncIterator[Editing]:
    desk = make_desk(database)
    period = await make_period(database, ticked_at=now_ms())
    await make_account(desk)
    called = await call(desk, period, 7)
    yield Editing(desk, called, called.visit(await sign_in(desk, called)).came)
    desk.accounts.hasher.close()


async def test_whose_turn_it_is_sees_the_time_left_and_the_way_back(editing: Editing) -> None:
    """A pause is said too; another programme's draft says nothing."""
    found = await editing.window()
    assert found is not None
    assert (found.review, found.is_over) == ("/periodes/essai/demande", False)
    assert 590_000 < found.clock.left_ms <= 600_000
    await set_period(editing.desk.db, editing.called.period, paused=True)
    paused = await editing.window()
    assert paused is not None and paused.clock.paused
    assert await editing.window(programme="autre") is None


async def test_a_lapse_is_said_for_a_while_with_the_way_to_the_room(editing: Editing) -> None:
    """And no longer when it is old; a submission and a place that was given back are no window."""
    await editing.token(state="lapsed")
    found = await editing.window()
    assert found is not None and found.is_over and found.room == "/periodes/essai"
    await editing.token(called_at=now_ms() - window_module.SAID_MS)
    assert await editing.window() is None
    for state in ("used", "left"):
        await editing.token(state=state, called_at=now_ms())
        assert await editing.window() is None


async def test_nobody_else_sees_a_window(editing: Editing) -> None:
    """Neither a browser without a ticket, which costs no look at SQL, nor one without the session of the account."""
    signed_in = await sign_in(editing.desk)
    assert await editing.window(visit({}, signed_in).came) is None
    assert await editing.window(editing.called.visit().came) is None
    await make_account(editing.desk, 2)
    other = editing.called.visit(await sign_in(editing.desk, None, 2)).came
    assert await editing.window(other) is None
    made_up = visit({f"ticket-{n}": "x" for n in range(20)}).came
    assert len(periods_of(made_up)) == window_module.MOST_TICKETS
    assert await editing.window(made_up) is None


# -- editing inside the window --------------------------------------------------------------------------------------

TRAINING = "/demande/demo/training"


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


@asynccontextmanager
async def whose_turn_it_is(place: FilePlace, **person: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that was called and has signed in."""
    await place.person(**person)
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        yield browser


def posted(page: httpx.Response, then: str, **changes: str) -> dict[str, str]:
    """The form of a section as the page has it, with these fields typed anew."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    typed = {
        name: unescape(text)
        for name, text in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page.text)
    }
    return typed | hidden | {"then": then} | {f"training.{name}": text for name, text in changes.items()}


async def test_what_is_missing_is_filled_in_and_signed_inside_the_window(place: FilePlace) -> None:
    """From the review to the section, with the time left there too; saved, back to the review, signed: without another
    sign-in, and all of it inside the ten minutes (WR-15)."""
    async with whose_turn_it_is(place, without="training.diploma") as browser:
        review = await browser.get(f"{HERE}/demande")
        assert f'href="{TRAINING}#training.diploma"' in review.text
        section = await browser.get(TRAINING)
        seen = text_of(section)
        assert "Il vous reste" in seen and "compte dans votre délai" in seen
        assert f'href="{HERE}/demande"' in section.text
        assert_clean(section)
        sent = posted(section, "review:essai", diploma="Maîtrise")
        saved = await browser.post(TRAINING, data=sent)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{HERE}/demande"), text_of(saved)
        review = await browser.get(f"{HERE}/demande")
        assert "Votre demande est complète." in text_of(review) and "Maîtrise" in review.text
        assert (await browser.post(f"{HERE}/demande", data=SIGNED)).headers["location"].startswith("/recus/")


async def test_the_end_in_the_middle_of_typing_keeps_what_was_typed(place: FilePlace) -> None:
    """Whoever is overtaken by the lapse saves all the same, and reads that the time is over and how to come back; the
    review leads to the room (P12, SW-02)."""
    async with whose_turn_it_is(place) as browser:
        section = await browser.get(TRAINING)
        lapsed = sa.update(quota_store.token).values(state="lapsed", ends=-60_000)
        await place.db.write(lambda conn: conn.execute(lapsed))
        saved = await browser.post(TRAINING, data=posted(section, "here", school="Université Laval"))
        assert (saved.status_code, saved.headers["location"]) == (303, f"{TRAINING}?enregistre=1")
        again = await browser.get(saved.headers["location"])
        seen = text_of(again)
        assert "Votre délai de soumission est terminé" in seen and "reprenez un numéro" in seen
        assert f'href="{HERE}"' in again.text and "Université Laval" in again.text
        assert "revenir à la révision" not in seen
        assert_clean(again)
        to_review = await browser.post(TRAINING, data=posted(again, "review:essai", school="Laval"))
        assert to_review.headers["location"] == f"{HERE}/demande"
        assert (await browser.get(f"{HERE}/demande")).headers["location"] == HERE
        signed = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert signed.status_code == 410 and "Votre délai est terminé" in text_of(signed)
        assert "Laval" in signed.text and 'value="candidate" checked' in signed.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"paused": True}, "votre délai ne s’écoule pas"),
        ({"suspended": True}, "votre délai ne s’écoule pas"),
        ({"state": "closed"}, "Il vous reste"),
        ({"state": "cap_reached"}, "Il vous reste"),
    ],
    ids=["paused", "suspended", "closed", "cap reached"],
)
async def test_whatever_becomes_of_the_period_in_mid_typing_the_section_is_saved(
    place: FilePlace, values: dict[str, Any], words: str
) -> None:
    """A pause and a suspension stop the clock and are said; who holds a place finishes after the close, also where the
    others took all that were left."""
    async with whose_turn_it_is(place) as browser:
        section = await browser.get(TRAINING)
        ended = {"ended_at": now_ms()} if "state" in values else {}
        await set_period(place.db, place.period, **values, **ended)
        saved = await browser.post(TRAINING, data=posted(section, "here", school="Université Laval"))
        assert saved.status_code == 303
        again = await browser.get(saved.headers["location"])
        assert words in text_of(again) and "Université Laval" in again.text
        signed = await browser.post(f"{HERE}/demande", data=SIGNED)
        if "suspended" in values:
            assert signed.status_code == 409 and "Les soumissions sont suspendues" in text_of(signed)
            assert 'value="candidate" checked' in signed.text
        else:
            assert signed.headers["location"].startswith("/recus/")


async def test_a_refused_save_shows_the_time_left_beside_what_was_typed(place: FilePlace) -> None:
    """A wrong value and another tab's save come back with the bar, so that nobody loses sight of the clock."""
    async with whose_turn_it_is(place) as browser:
        section = await browser.get(TRAINING)
        wrong = await browser.post(TRAINING, data=posted(section, "here", year="mille"))
        assert wrong.status_code == 422 and "Il vous reste" in text_of(wrong) and "mille" in wrong.text
        stale = posted(section, "here", school="Autre") | {"version": "0"}
        changed = await browser.post(TRAINING, data=stale)
        assert changed.status_code == 409 and "Il vous reste" in text_of(changed)
        assert "Les deux textes" in text_of(changed)


async def test_a_save_leads_to_no_page_that_somebody_made_up(place: FilePlace) -> None:
    """What follows « review: » is the name of a period or nothing."""
    async with whose_turn_it_is(place) as browser:
        section = await browser.get(TRAINING)
        sent = posted(section, "review:../../elsewhere", school="Laval")
        saved = await browser.post(TRAINING, data=sent)
        assert saved.headers["location"] == "/demande/demo"
