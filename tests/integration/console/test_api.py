"""The operators' console: who may, what each call does, that it is on the record, and the page that serves the day."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from playwright.async_api import expect
from starlette.applications import Starlette

from accounts import store as accounts_store
from accounts.staff import add_operator
from config.app import create_app
from config.assets import renderer
from config.settings import Settings
from console import api, pages
from console.chart import chart, nice
from evidence import figures
from foundation import audit
from foundation.clock import now_ms, parse_rfc3339, rfc3339
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import moves
from quota.store import Period
from server.problems import Problems
from tests.support.browsing import look, page_of
from tests.support.desks import make_account, make_desk, sign_in
from tests.support.rooms import HOUR_MS, KEYS, Hall, hall, make_period, read_period, set_period
from tests.support.serving import serving

SECRET = "le mot de passe du pupitre"

API = "/api/v1/operator"


class ConsolePlace:
    """The console on real stores; `operator` is a browser at the desk, `nobody` one that is not signed in."""

    def __init__(self, hall: Hall) -> None:
        self.db, self.hall = hall.db, hall
        self.desk = make_desk(hall.db)
        problems = Problems("http://guichet.test", renderer())
        both = api.Console(self.desk.accounts, self.desk.programmes, hall.room)
        routes = [
            *api.routes(both),
            *pages.routes(both, renderer(), problems.tell),
            *problems.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers=problems.handlers())
        self.nobody = self.browser()
        self.operator = self.browser()

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url="http://guichet.test")

    async def open(self) -> None:
        await self.db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
        answer = await self.operator.post(f"{API}/session", json={"username": "Agnes", "password": SECRET})
        assert answer.status_code == 200, answer.text
        assert answer.json()["username"] == "agnes"

    async def audit(self) -> list[tuple[str, str, dict[str, Any]]]:
        a = audit.audit
        lines = await self.db.read(lambda conn: conn.execute(sa.select(a).order_by(a.c.id)))
        return [(line.actor, line.act, msgspec.json.decode(line.detail)) for line in lines]

    async def figures(self, period: Period, first: int, count: int) -> None:
        rows = [
            {"period": period.uid, "at": first + 2_000 * n, "waiting": n, "parked": 1, "live_tokens": 2,
             "accepted": 3, "lapsed": 4, "joined": 5}
            for n in range(count)
        ]  # fmt: skip
        await self.db.write(lambda conn: conn.execute(sa.insert(figures.figure), rows))


@pytest.fixture
async def place(database: Database, redis_url: str) -> AsyncIterator[ConsolePlace]:
    async with hall(database, redis_url) as room:
        place = ConsolePlace(room)
        await place.open()
        yield place
        await place.operator.aclose()
        await place.nobody.aclose()
        place.desk.accounts.hasher.close()


CALLS = [
    ("GET", "/session"), ("GET", "/programmes"), ("PUT", "/accommodations"),
    ("GET", "/periods"), ("POST", "/periods"), ("GET", "/periods/essai"),
    ("POST", "/periods/essai/announce"), ("POST", "/periods/essai/arm"), ("POST", "/periods/essai/pause"),
    ("POST", "/periods/essai/resume"), ("POST", "/periods/essai/suspend"), ("POST", "/periods/essai/close"),
    ("PATCH", "/periods/essai/pace"), ("PUT", "/periods/essai/mode"),
    ("PUT", "/periods/essai/value"), ("PUT", "/periods/essai/notice"), ("DELETE", "/periods/essai/notice"),
    ("PUT", "/periods/essai/proof"), ("DELETE", "/periods/essai/proof"),
    ("GET", "/periods/essai/figures"), ("DELETE", "/session"),
]  # fmt: skip


async def test_only_operators(place: ConsolePlace) -> None:
    """Whoever is not signed in gets 401, a candidate 403, on every call; and nothing moves."""
    await make_account(place.desk)
    period = await make_period(place.db)
    candidate = place.browser()
    candidate.cookies.set("session", (await sign_in(place.desk)).secret)
    before = await place.audit()
    for method, path in CALLS:
        stranger = await place.nobody.request(method, f"{API}{path}")
        assert (stranger.status_code, stranger.json()["code"]) == (401, "not_signed_in"), (method, path)
        refused = await candidate.request(method, f"{API}{path}")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), (method, path)
    assert await read_period(place.db, period) == period
    assert await place.audit() == before
    await candidate.aclose()


async def test_every_call_is_on_the_record(place: ConsolePlace) -> None:
    """Each call leaves one line with the operator's name: a move its own, a look and a refused call too."""
    await make_period(place.db)
    for method, path in CALLS:
        before = await place.audit()
        await place.operator.request(method, f"{API}{path}")
        (line,) = (await place.audit())[len(before) :]
        assert line[0] == "agnes", (method, path)


async def test_a_wrong_password(place: ConsolePlace) -> None:
    """A wrong password and an unknown name are the same 401, and open nothing."""
    for username in ("agnes", "personne"):
        answer = await place.nobody.post(f"{API}/session", json={"username": username, "password": "faux"})
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    assert (await place.nobody.get(f"{API}/periods")).status_code == 401


async def test_without_the_role_nobody_steers(place: ConsolePlace) -> None:
    """A grant that has ended shuts the desk at once, in the page and the API, on the record; so does one to come."""
    period = await make_period(place.db)
    await place.db.write(
        lambda conn: conn.execute(sa.update(accounts_store.role_grant).values(until_at=now_ms()))
    )
    before = await place.audit()
    for method, path in CALLS:
        refused = await place.operator.request(method, f"{API}{path}")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), (method, path)
    assert [line[:2] for line in (await place.audit())[len(before) :]] == [("agnes", "refused")] * len(CALLS)
    for method, path in (("GET", "/operateur"), ("POST", "/operateur/periodes/essai/pause")):
        assert (await place.operator.request(method, path)).status_code == 403
    assert await read_period(place.db, period) == period
    signing = {"username": "agnes", "password": SECRET}
    again = await place.nobody.post(f"{API}/session", json=signing)
    assert (again.status_code, again.json()["code"]) == (403, "not_allowed")
    assert (await place.nobody.get(f"{API}/session")).status_code == 401


async def test_the_record_says_in_what_role_and_what_changed(place: ConsolePlace) -> None:
    """Who and in what role; what was there before and what is since; about which period (P16)."""
    period = await make_period(place.db)
    await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 4})
    await place.operator.post(f"{API}/periods/essai/pause")
    a = audit.audit.c
    columns = (a.actor, a.role, a.act, a.subject_kind, a.subject_id, a.before, a.after)
    found = await place.db.read(lambda conn: conn.execute(sa.select(*columns).order_by(a.id.desc()).limit(2)))
    pause, pace = [tuple(row) for row in found]
    assert pace[:5] == ("agnes", "operator", "pace", "period", period.uid)
    assert msgspec.json.decode(pace[5]) == {
        "calls_per_minute": period.calls_per_minute,
        "most_live_tokens": 100,
    }
    assert msgspec.json.decode(pace[6]) == {"calls_per_minute": 4, "most_live_tokens": 100}
    assert pause[2:] == ("pause", "period", period.uid, '{"stand":"open"}', '{"stand":"paused"}')


async def test_programmes(place: ConsolePlace) -> None:
    """The programme files, with pace and token on top."""
    shown = {
        programme["id"]: programme for programme in (await place.operator.get(f"{API}/programmes")).json()
    }
    assert shown["demo"]["calls_per_minute"] == 240
    assert shown["demo"]["most_live_tokens"] == 250
    assert shown["demo"]["token_seconds"] == 600


async def test_a_whole_day(place: ConsolePlace) -> None:
    """From a draft to a closed period through the API; each move answers with the period as it is then."""
    opens_at, closes_at = now_ms() + HOUR_MS, now_ms() + 2 * HOUR_MS
    body = {
        "id": "juin",
        "programme": "demo",
        "opens_at": rfc3339(opens_at),
        "closes_at": rfc3339(closes_at),
        "cap": 7,
    }
    made = await place.operator.post(f"{API}/periods", json=body)
    assert made.status_code == 201
    assert (made.json() | body) == made.json()
    assert (made.json()["state"], made.json()["calls_per_minute"], made.json()["token_seconds"]) == (
        "draft",
        240,
        600,
    )
    (listed,) = (await place.operator.get(f"{API}/periods")).json()
    assert listed["id"] == "juin"
    for action, state in (("announce", "announced"), ("arm", "armed")):
        moved = await place.operator.post(f"{API}/periods/juin/{action}")
        assert (moved.status_code, moved.json()["state"]) == (200, state)
    await moves.open_due(place.db, opens_at)
    period = (await place.db.read(moves.every))[0]
    await set_period(place.db, period, opens_at=now_ms() - 1)
    for action, flags in (
        ("pause", (True, False)), ("suspend", (True, True)), ("resume", (False, False)), ("close", (False, False)),
    ):  # fmt: skip
        moved = await place.operator.post(f"{API}/periods/juin/{action}")
        assert moved.status_code == 200
        assert (moved.json()["paused"], moved.json()["suspended"]) == flags
    assert moved.json()["state"] == "closed"


async def test_no_process_gives_a_number_after_the_close(place: ConsolePlace, redis_url: str) -> None:
    """Also one whose own look at the row is older than the close: the line was told before the operator was."""
    await make_period(place.db)
    async with hall(place.db, redis_url) as other:
        await other.join("a")
        stale = await other.room.period("essai")
        assert (await place.operator.post(f"{API}/periods/essai/close")).status_code == 200
        assert stale.state == "open"
        with pytest.raises(Refusal) as refusal:
            await other.room.join(stale, None, None, "b")
        assert refusal.value.code == "period_closed"


async def test_a_move_that_is_not_allowed(place: ConsolePlace) -> None:
    """It is 409 with where from and where to, and the refused call is on the record."""
    await make_period(place.db, state="announced", opens_at=now_ms() - 1)
    refused = await place.operator.post(f"{API}/periods/essai/arm")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["code"], problem["from"], problem["to"]) == ("move_not_allowed", "announced", "armed")
    assert (await place.audit())[-1][:2] == ("agnes", "refused")
    assert (await place.operator.post(f"{API}/periods/personne/arm")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"programme": "inconnu"}, "programme"),
        ({"opens_at": "demain"}, "opens_at"),
        ({"opens_at": "2026-11-01T01:30:00"}, "opens_at"),
        ({"closes_at": "2026-06-13T08:30:00-04:00"}, "closes_at"),
        ({"id": "Été"}, "id"),
        ({"cap": 0}, "cap"),
        ({"cap": "7"}, "cap"),
        ({"opens_at": "9999-12-31T23:59:59Z", "closes_at": None}, "closes_at"),
    ],
)
async def test_a_wrong_draft(place: ConsolePlace, change: dict[str, object], field: str) -> None:
    """A wrong field is 422 with its name; nothing is made."""
    body = {"id": "juin", "programme": "demo", "opens_at": "2026-06-13T08:30:00-04:00",
            "closes_at": "2026-06-20T23:59:00-04:00", "cap": 7}  # fmt: skip
    refused = await place.operator.post(f"{API}/periods", json=body | change)
    assert refused.status_code == 422
    assert field in [wrong["name"] for wrong in refused.json()["fields"]]
    assert await place.db.read(moves.every) == []


async def test_what_is_left_out_is_the_programmes(place: ConsolePlace) -> None:
    """Without an end and a cap, a draft has its programme's."""
    body = {"id": "juin", "programme": "prtq-2016", "opens_at": "2016-06-13T08:30"}
    made = (await place.operator.post(f"{API}/periods", json=body)).json()
    assert (made["opens_at"], made["closes_at"], made["cap"]) == (
        "2016-06-13T12:30:00.000Z", "2016-06-21T03:59:00.000Z", 5100,
    )  # fmt: skip


async def test_pace_and_notice(place: ConsolePlace) -> None:
    """Pace and notice are in the row and in the public view at once; a wrong one is 422."""
    period = await make_period(place.db)
    paced = await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 4})
    assert (paced.json()["calls_per_minute"], paced.json()["most_live_tokens"]) == (4, 100)
    told = await place.operator.put(f"{API}/periods/essai/notice", json={"text": "Patience."})
    assert told.json()["notice"] == "Patience."
    assert (await place.hall.room.period("essai")).notice == "Patience."
    assert (await place.operator.delete(f"{API}/periods/essai/notice")).status_code == 204
    assert (await read_period(place.db, period)).notice is None
    for wrong in ({"calls_per_minute": -1}, {"most_live_tokens": 0}, {"calls_per_minute": 10**30}):
        assert (await place.operator.patch(f"{API}/periods/essai/pace", json=wrong)).status_code == 422
    assert (await place.operator.put(f"{API}/periods/essai/notice", json={})).status_code == 422


async def test_figures(place: ConsolePlace) -> None:
    """The rows come oldest first, the last of them, from `since` on, and never more than an hour's."""
    period = await make_period(place.db)
    first = now_ms() // 2_000 * 2_000 - 10_000_000
    await place.figures(period, first, 2_000)
    every = (await place.operator.get(f"{API}/periods/essai/figures")).json()
    assert len(every) == 1_800
    assert list(every[0]) == ["at", "waiting", "parked", "live_tokens", "accepted", "lapsed", "joined"]
    assert [row["waiting"] for row in every] == list(range(200, 2_000))
    since = rfc3339(first + 2_000 * 1_990)
    late = (await place.operator.get(f"{API}/periods/essai/figures", params={"since": since})).json()
    assert [row["waiting"] for row in late] == list(range(1_990, 2_000))
    assert parse_rfc3339(late[0]["at"]) == first + 2_000 * 1_990
    few = (
        await place.operator.get(f"{API}/periods/essai/figures", params={"since": since, "limit": 3})
    ).json()
    assert [row["waiting"] for row in few] == [1_997, 1_998, 1_999]
    for wrong in ({"since": "hier"}, {"limit": "0"}, {"limit": "-1"}, {"limit": "beaucoup"}):
        assert (await place.operator.get(f"{API}/periods/essai/figures", params=wrong)).status_code == 422


async def test_a_session_that_is_signed_out(place: ConsolePlace) -> None:
    """After signing out, the old cookie opens nothing."""
    secret = place.operator.cookies["operator"]
    assert (await place.operator.delete(f"{API}/session")).status_code == 204
    place.operator.cookies.set("operator", secret)
    assert (await place.operator.get(f"{API}/session")).status_code == 401


async def test_the_page_asks_who_it_is(place: ConsolePlace) -> None:
    """Without a session the page is its sign-in, the parts are 401, and a pressed button leads to the sign-in."""
    period = await make_period(place.db)
    door = await place.nobody.get("/operateur")
    assert door.status_code == 200
    assert "Connexion des opérateurs" in door.text
    assert "Jetons en cours" not in door.text
    assert (await place.nobody.get("/operateur/jour?periode=essai")).status_code == 401
    pressed = await place.nobody.post("/operateur/periodes/essai/pause")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/operateur?note=session")
    assert await read_period(place.db, period) == period


async def test_signing_in_on_the_page(place: ConsolePlace) -> None:
    """The form opens the day; a wrong password says so and keeps the name that was typed, never the password."""
    wrong = await place.nobody.post(
        "/operateur/connexion", data={"username": "agnès<b>", "password": "faux faux"}
    )
    assert wrong.status_code == 401
    assert "agnès&lt;b&gt;" in wrong.text
    assert "faux faux" not in wrong.text
    right = await place.nobody.post("/operateur/connexion", data={"username": "agnes", "password": SECRET})
    assert (right.status_code, right.headers["location"]) == (303, "/operateur")
    assert "HttpOnly" in right.headers["set-cookie"]
    empty = await place.nobody.get("/operateur")
    assert "Aucune période" in empty.text


async def test_the_day(place: ConsolePlace) -> None:
    """State, figures, graphs with their table, the age of the last beat and the last moves are on the page."""
    period = await make_period(place.db, ticked_at=now_ms(), accepted=12, held=15)
    await place.figures(period, now_ms() // 2_000 * 2_000 - 60_000, 30)
    await place.operator.post("/operateur/periodes/essai/pause")
    text = (await place.operator.get("/operateur")).text
    for part in ("En pause", "Dernier battement du service il y a", "sur 50", "Mise en pause", "agnes", "Reprendre",
                 "<table", 'aria-label="Demandes acceptées', "chart__line", "Fermer…", "Rythme"):  # fmt: skip
        assert part in text, part
    assert "Mettre en pause" not in text
    assert "style=" not in text
    assert "Le service ne bat plus" not in text


async def test_a_silent_service_is_said(place: ConsolePlace) -> None:
    """When no tick came for some seconds the page says that nobody is called, and that no number is lost."""
    await make_period(place.db, ticked_at=now_ms() - 60_000)
    text = (await place.operator.get("/operateur")).text
    assert "Le service ne bat plus" in text
    assert "il y a 60" in text


async def test_buttons_of_the_page(place: ConsolePlace) -> None:
    """Each button does its move and says so; closing asks first; what is not allowed says why."""
    period = await make_period(place.db)
    for action in ("pause", "resume", "suspend", "resume"):
        done = await place.operator.post(f"/operateur/periodes/essai/{action}")
        assert (done.status_code, done.headers["location"]) == (
            303,
            f"/operateur?periode=essai&fait={action}",
        )
    refused = await place.operator.post("/operateur/periodes/essai/resume")
    assert refused.status_code == 409
    assert "ne peut pas passer" in refused.text
    ask = await place.operator.get("/operateur/periodes/essai/close")
    assert "Cela ne se défait pas" in ask.text
    assert (await read_period(place.db, period)).state == "open"
    await place.operator.post("/operateur/periodes/essai/close")
    assert (await read_period(place.db, period)).state == "closed"
    assert "Aucune action" in (await place.operator.get("/operateur?periode=essai")).text
    for nothing in ("open", "reach_cap", "create", "delete"):
        assert (await place.operator.post(f"/operateur/periodes/essai/{nothing}")).status_code == 404


async def test_forms_of_the_page(place: ConsolePlace) -> None:
    """Pace takes numbers as people write them; what was typed wrong is kept and explained."""
    period = await make_period(place.db)
    typed = {"calls_per_minute": "1 200", "most_live_tokens": ""}
    await place.operator.post("/operateur/periodes/essai/pace", data=typed)
    assert (await read_period(place.db, period)).calls_per_minute == 1_200
    wrong = await place.operator.post("/operateur/periodes/essai/pace", data={"calls_per_minute": "beaucoup"})
    assert wrong.status_code == 422
    assert "beaucoup" in wrong.text
    assert "doit être un nombre entier" in wrong.text
    await place.operator.post("/operateur/periodes/essai/notice", data={"text": "<b>Bonjour</b>\r\nà tous"})
    assert (await read_period(place.db, period)).notice == "<b>Bonjour</b>\nà tous"
    assert "&lt;b&gt;Bonjour" in (await place.operator.get("/operateur")).text
    await place.operator.post("/operateur/periodes/essai/clear_notice")
    assert (await read_period(place.db, period)).notice is None


def test_the_curve_has_gaps_where_nothing_was_written() -> None:
    """Two points far apart are not joined: the service was away, and a line would be an invention."""
    drawn = chart([(0, 0), (10, 50), (90, 50), (100, 100)], 0, 100, gap_ms=20)
    assert drawn.line == "M0.0,100.0L100.0,50.0 M900.0,50.0L1000.0,0.0"
    assert drawn.area.count("Z") == 2
    assert (drawn.top, drawn.least, drawn.most, drawn.last) == (100, 0, 100, 100)


def test_the_curve_of_nothing() -> None:
    """No figures make an empty curve, one makes a dash, and a limit is where it belongs."""
    empty = chart([], 0, 100, gap_ms=20, limit=50)
    assert (empty.line, empty.area, empty.last, empty.limit_y) == ("", "", 0, 0.0)
    assert chart([(50, 25)], 0, 100, gap_ms=20, limit=50).line == "M498.0,50.0L500.0,50.0"
    assert chart([(0, 100)], 0, 100, gap_ms=20, limit=50).limit_y == 50.0


def test_edges_are_round() -> None:
    """The upper edge is one of 5, 10, 20, 50, ... and never below the value."""
    assert [nice(value) for value in (0, 5, 6, 11, 51, 101, 5_073)] == [5, 5, 10, 20, 100, 200, 10_000]


@contextmanager
def served(sqlite_url: str, redis_url: str) -> Iterator[str]:
    """The whole service on a free port; its address."""
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    with serving(create_app(settings), lifespan=True) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.browser
async def test_the_day_in_a_browser(sqlite_url: str, redis_url: str) -> None:
    """An operator signs in, pauses and resumes; the page follows what others do; axe finds nothing, also at 320 px."""
    db = Database(sqlite_url)
    desk = make_desk(db)
    await db.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    period = await make_period(db, ticked_at=now_ms())
    faults: list[str] = []
    with served(sqlite_url, redis_url) as url:
        async with page_of(url) as page:
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            await page.goto("/operateur")
            await page.get_by_label("Nom d’utilisateur").fill("agnes")
            await page.get_by_label("Mot de passe").fill(SECRET)
            await page.get_by_role("button", name="Se connecter").click()
            await page.get_by_role("button", name="Mettre en pause").click()
            await expect(page.get_by_text("La période est en pause.")).to_be_visible()
            await expect(page).to_have_title("En pause – essai – Guichet des demandes")
            await db.write(lambda conn: moves.suspend(conn, period.uid, "boris", now_ms()))
            await expect(page.get_by_text("Suspendue", exact=True)).to_be_visible()
            await expect(page.get_by_role("cell", name="boris")).to_be_visible()
            await page.get_by_role("button", name="Reprendre").click()
            await expect(page.get_by_text("La période a repris.")).to_be_visible()
            await look(page)
    assert faults == []
    desk.accounts.hasher.close()
    await db.close()
