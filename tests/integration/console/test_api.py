"""The operators' API: who may, what each call does, and that it is on the record."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accounts import staff
from accounts import store as accounts_store
from accounts.second_factor import totp
from foundation import audit
from foundation.clock import now_ms, parse_rfc3339, rfc3339
from foundation.errors import Refusal
from quota import ledger
from quota.moves import schedule
from tests.integration.console.conftest import API, SECRET, ConsolePlace
from tests.support.candidates.page_checks import text_of
from tests.support.casework.released import REOPENS, released
from tests.support.desks import make_account, sign_in
from tests.support.rooms import HOUR_MS, hall, make_period, read_period, set_period

CALLS = [
    ("GET", "/session"), ("GET", "/programmes"), ("PUT", "/accommodations"),
    ("GET", "/periods"), ("POST", "/periods"), ("GET", "/periods/essai"), ("PATCH", "/periods/essai"),
    ("DELETE", "/periods/essai"), ("POST", "/periods/essai/disarm"), ("POST", "/periods/essai/annul"),
    ("POST", "/periods/essai/announce"), ("POST", "/periods/essai/arm"), ("POST", "/periods/essai/pause"),
    ("POST", "/periods/essai/resume"), ("POST", "/periods/essai/suspend"), ("POST", "/periods/essai/close"),
    ("PATCH", "/periods/essai/pace"), ("PUT", "/periods/essai/mode"),
    ("PUT", "/periods/essai/value"), ("PUT", "/periods/essai/notice"), ("DELETE", "/periods/essai/notice"),
    ("PUT", "/periods/essai/proof"), ("DELETE", "/periods/essai/proof"),
    ("GET", "/periods/essai/figures"), ("GET", "/periods/essai/readiness"), ("POST", "/periods/essai/stop"),
    ("DELETE", "/session"),
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


async def test_staff_of_any_role_sign_in_at_one_address(place: ConsolePlace) -> None:
    """The same session as the operator's, under the name that stays when there are other roles."""
    path, one = "/api/v1/staff/session", place.browser()
    body = {"username": "agnes", "password": SECRET, "code": None}
    answer = await one.post(path, json=body)
    assert (answer.status_code, answer.json().keys()) == (200, {"username", "expires_at", "roles"})
    as_operator = (await one.get(f"{API}/session")).json()
    assert as_operator | {"roles": ["operator"]} == (await one.get(path)).json() == answer.json()
    assert (await one.delete(path)).status_code == 204
    assert (await one.get(path)).status_code == 401
    assert (await one.post(path, json=body | {"code": 123456})).status_code == 422
    await one.aclose()


async def test_a_second_factor_is_asked_for_by_its_field(place: ConsolePlace) -> None:
    """A missing, wrong or used code is refused in the words of a wrong password."""
    secret, cipher = totp.new(), place.desk.accounts.totp
    stored = cipher.encrypt(secret, totp.field("agnes"))
    await place.db.write(lambda conn: staff.set_totp(conn, "agnes", stored, now_ms()))
    body = {"username": "agnes", "password": SECRET}
    code = totp.code_at(secret, now_ms() // 1000 // totp.STEP_SECONDS)
    missing = await place.nobody.post(f"{API}/session", json=body)
    wrong = await place.nobody.post(f"{API}/session", json=body | {"code": "000000"})
    right = await place.nobody.post(f"{API}/session", json=body | {"code": code})
    used = await place.browser().post(f"{API}/session", json=body | {"code": code})
    told = [(answer.status_code, answer.json().get("code")) for answer in (missing, wrong, right, used)]
    assert told == [(401, "bad_credentials"), (401, "bad_credentials"), (200, None), (401, "bad_credentials")]
    assert "missed_tries" not in right.json(), "they were made here"
    details = [detail for _, act, detail in await place.audit() if act == "sign_in_failed"]
    assert details == [{"code": "bad_credentials", "knew_password": True}] * 3


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
        assert (refused.status_code, refused.json()["code"]) == (403, "not_your_role"), (method, path)
    assert [line[:2] for line in (await place.audit())[len(before) :]] == [("agnes", "refused")] * len(CALLS)
    for method, path in (("GET", "/operateur"), ("POST", "/operateur/periodes/essai/pause")):
        assert (await place.operator.request(method, path)).status_code == 403
    assert await read_period(place.db, period) == period
    signing = {"username": "agnes", "password": SECRET}
    again = await place.nobody.post(f"{API}/session", json=signing)
    assert (again.status_code, again.json()["code"]) == (403, "not_your_role")
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
        "reason": "essai",
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
    announced = await place.operator.post(f"{API}/periods/juin/announce")
    assert (announced.status_code, announced.json()["state"]) == (200, "announced")
    again = {"cap": 7, "opens_at": rfc3339(opens_at)}
    alone = await place.operator.post(f"{API}/periods/juin/arm", json=again)
    assert (alone.status_code, alone.json()["code"]) == (409, "second_person_needed")
    second = await place.colleague()
    other = await second.post(f"{API}/periods/juin/arm", json=again | {"cap": 8})
    assert (other.status_code, other.json()["code"]) == (409, "retyped_differently")
    assert [field["name"] for field in other.json()["fields"]] == ["cap"]
    armed = await second.post(f"{API}/periods/juin/arm", json=again)
    assert (armed.status_code, armed.json()["state"]) == (200, "armed")
    await schedule.open_due(place.db, opens_at)
    period = (await place.db.read(ledger.every))[0]
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
        stale = await other.room.periods.find("essai")
        assert (await place.operator.post(f"{API}/periods/essai/close")).status_code == 200
        assert stale.state == "open"
        with pytest.raises(Refusal) as refusal:
            await other.room.joins.join(stale, None, None, "b")
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
        ({"opens_at": "2099-11-01T01:30:00"}, "opens_at"),
        ({"opens_at": "2016-06-13"}, "opens_at"),
        ({"opens_at": "0001-01-01T00:00:00Z", "closes_at": "2099-06-15"}, "opens_at"),
        ({"opens_at": "9999-12-31T23:59:59-23:00", "closes_at": "2099-06-15"}, "opens_at"),
        ({"opens_at": "2099-06-14", "reason": None}, "opens_at"),
        ({"opens_at": "2099-06-15T12:30:00-00:00", "reason": None, "cap": 50_000}, "cap"),
        ({"token_seconds": 1, "reason": None}, "token_seconds"),
        ({"calls_per_minute": 0, "reason": None}, "calls_per_minute"),
        ({"closes_at": "2099-06-15T08:30:00-04:00"}, "closes_at"),
        ({"id": "Été"}, "id"),
        ({"cap": 0}, "cap"),
        ({"cap": "7"}, "cap"),
        ({"opens_at": "9999-12-31T23:59:59Z", "closes_at": None}, "closes_at"),
    ],
)
async def test_a_wrong_draft(place: ConsolePlace, change: dict[str, object], field: str) -> None:
    """A wrong field is 422 with its name; nothing is made."""
    body = {"id": "juin", "programme": "demo", "opens_at": "2099-06-15T08:30:00-04:00",
            "closes_at": "2099-06-22T23:59:00-04:00", "cap": 7, "reason": "essai"}  # fmt: skip
    refused = await place.operator.post(f"{API}/periods", json=body | change)
    assert refused.status_code == 422
    assert field in [wrong["name"] for wrong in refused.json()["fields"]]
    assert await place.db.read(ledger.every) == []


async def test_what_is_left_out_is_the_programmes(place: ConsolePlace) -> None:
    """Without an end and a cap, a draft has its programme's."""
    body = {"id": "juin", "programme": "prtq-2016", "opens_at": "2099-06-15"}
    made = (await place.operator.post(f"{API}/periods", json=body)).json()
    assert (made["opens_at"], made["closes_at"], made["cap"]) == (
        "2099-06-15T12:30:00.000Z", "2099-06-23T03:59:00.000Z", 5100,
    )  # fmt: skip
    assert made["opens_at_local"] == "lundi 15 juin 2099 à 8 h 30"
    assert made["closes_at_local"] == "lundi 22 juin 2099 à 23 h 59"


async def test_pace_and_notice(place: ConsolePlace) -> None:
    """Pace and notice are in the row and in the public view at once; a wrong one is 422."""
    period = await make_period(place.db)
    paced = await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 4})
    assert (paced.json()["calls_per_minute"], paced.json()["most_live_tokens"]) == (4, 100)
    told = await place.operator.put(f"{API}/periods/essai/notice", json={"text": "Patience."})
    assert told.json()["notice"] == "Patience."
    assert (await place.hall.room.periods.find("essai")).notice == "Patience."
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


async def test_two_operators_do_not_overwrite_each_other(place: ConsolePlace) -> None:
    """An edit that says what it saw is refused once a colleague was there, with the period as it is; a call, a tick or
    a submission makes nothing stale."""
    period = await make_period(place.db)
    seen = (await place.operator.get(f"{API}/periods/essai")).json()["version"]
    await set_period(place.db, period, clock=5, held=1)
    second = await place.colleague()
    paced = await second.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 4, "version": seen})
    assert (paced.status_code, paced.json()["version"]) == (200, seen + 1)
    edits: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("PATCH", "pace", {"calls_per_minute": 240}),
        ("PUT", "notice", {"text": "Patience."}),
        ("DELETE", "notice", {}),
        ("PUT", "proof", {}),
        ("DELETE", "proof", {}),
    )
    for method, path, body in edits:
        stale = await place.operator.request(
            method, f"{API}/periods/essai/{path}", json=body | {"version": seen}
        )
        assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile"), path
        current = stale.json()["current"]
        assert (current["id"], current["version"], current["calls_per_minute"]) == ("essai", seen + 1, 4)
    assert (await read_period(place.db, period)).calls_per_minute == 4
    by_address = await place.operator.delete(f"{API}/periods/essai/notice", params={"version": seen})
    assert by_address.status_code == 409
    without = await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 240})
    assert without.status_code == 200, "a client of before says nothing of what it saw"


async def test_stopping_asks_for_no_version(place: ConsolePlace) -> None:
    """A stale one stands in nobody's way who pauses, suspends or closes."""
    await make_period(place.db)
    for action in ("pause", "suspend", "close"):
        moved = await place.operator.post(f"{API}/periods/essai/{action}", json={"version": 999})
        assert moved.status_code == 200, action


async def test_a_draft_is_corrected_and_removed(place: ConsolePlace) -> None:
    """With its version; what a draft is named and of which programme, no correction changes."""
    body = {"id": "juin", "programme": "prtq-2016", "opens_at": "2099-06-15"}
    made = (await place.operator.post(f"{API}/periods", json=body)).json()
    one = f"{API}/periods/juin"
    fixed = await place.operator.patch(one, json={"opens_at": "2099-06-16", "version": made["version"]})
    assert (fixed.json()["opens_at_local"], fixed.json()["closes_at_local"]) == (
        "mardi 16 juin 2099 à 8 h 30", "mardi 23 juin 2099 à 23 h 59",
    )  # fmt: skip
    stale = await place.operator.patch(one, json={"cap": 5100, "version": made["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    for wrong in ({"cap": 50_000}, {"programme": "demo"}, {"id": "juillet"}, {"opens_at": "2016-06-13"}):
        assert (await place.operator.patch(one, json=wrong)).status_code == 422, wrong
    assert (await place.operator.patch(one, json={"cap": 50_000, "reason": "essai"})).status_code == 200
    assert (await place.operator.delete(one)).status_code == 204
    assert (await place.operator.get(one)).status_code == 404
    assert [line[1] for line in await place.audit()][-2:] == ["remove", "refused"]


async def test_an_annulment_after_the_end_takes_two(place: ConsolePlace) -> None:
    """The first call is refused and kept, the second operator's does it; everybody is told when and why."""
    await make_period(place.db)
    assert (await place.operator.post(f"{API}/periods/essai/close")).status_code == 200
    one = f"{API}/periods/essai/annul"
    assert (await place.operator.post(one)).status_code == 422
    for _ in range(2):
        alone = await place.operator.post(one, json={"reason": "Ouverte par accident"})
        assert (alone.status_code, alone.json()["code"]) == (409, "second_person_needed")
    second = await place.colleague()
    asked = (await second.get(f"{API}/periods/essai")).json()["annulment_asked"]
    assert (asked["by"], asked["reason"]) == ("agnes", "Ouverte par accident")
    done = await second.post(one, json={})
    assert (done.status_code, done.json()["state"]) == (200, "annulled")
    public = place.hall.summary(await place.hall.room.periods.find("essai"))
    assert public["state"] == "annulled"
    told = public["annulment"]
    assert isinstance(told, dict) and told["reason"] == "Ouverte par accident"


async def test_a_process_without_the_announced_rules_fails_closed(place: ConsolePlace) -> None:
    """It announces nothing whose programme it does not know, and arms nothing whose file is another; no notice is
    dropped."""
    body = {"id": "juin", "programme": "prtq-2016", "opens_at": "2099-06-15"}
    await place.operator.post(f"{API}/periods", json=body)
    known = dict(place.console.programmes)
    prtq = known["prtq-2016"]
    place.console.programmes = {"demo": known["demo"]}
    refused = await place.operator.post(f"{API}/periods/juin/announce")
    assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, "programme")
    place.console.programmes = known
    assert (await place.operator.post(f"{API}/periods/juin/announce")).status_code == 200
    window = msgspec.structs.replace(prtq.window, notice_hours=0)
    other = known | {prtq.id: msgspec.structs.replace(prtq, window=window)}
    second, again = await place.colleague(), {"cap": 5100, "opens_at": "2099-06-15"}
    for programmes in (other, {"demo": known["demo"]}):
        place.console.programmes = programmes
        refused = await second.post(f"{API}/periods/juin/arm", json=again)
        assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, "programme")
    assert "Périodes touchées\N{NO-BREAK SPACE}: juin" in (await place.operator.get("/operateur")).text
    place.console.programmes = known
    assert (await second.post(f"{API}/periods/juin/arm", json=again)).status_code == 200


async def test_released_places_are_offered_again(place: ConsolePlace) -> None:
    """The balance stands with the programme; a period takes its cap from it, and refuses what is not left."""
    await released(place.db, 2)
    body = {
        "id": "reprise",
        "programme": "demo",
        "opens_at": "2099-06-15",
        "from_released": True,
        "reason": "essai",
    }
    kept = await place.operator.post(f"{API}/periods", json=body)
    assert (kept.status_code, kept.json()["code"], kept.json()["on_unpaid"]) == (
        409, "no_released_places", "keep_closed",
    )  # fmt: skip
    place.console.programmes = {"demo": REOPENS}
    made = await place.operator.post(f"{API}/periods", json=body)
    assert (made.status_code, made.json()["cap"], made.json()["from_released"]) == (201, 2, True)
    more = await place.operator.patch(f"{API}/periods/reprise", json={"cap": 3})
    assert (more.json()["code"], more.json()["available"]) == ("no_released_places", 2)
    announced = await place.operator.post(f"{API}/periods/reprise/announce")
    assert announced.json()["state"] == "announced"
    (programme,) = (await place.operator.get(f"{API}/programmes")).json()
    assert programme["released_places"] == {
        "released": 2, "offered": 2, "available": 0, "periods": [
            {"id": "reprise", "state": "announced", "cap": 2, "kept": 2},
        ],
    }  # fmt: skip
    page = text_of(await place.operator.get("/operateur?periode=reprise"))
    assert "ont libéré 2 places" in page and "Les demandes supprimées faute de paiement" in page
    assert "Aucune à offrir" in page and "qui reprend des places libérées" in page


async def test_a_programme_that_keeps_places_closed_speaks_of_none(place: ConsolePlace) -> None:
    await make_period(place.db)
    shown = (await place.operator.get(f"{API}/programmes")).json()
    assert {one["released_places"] for one in shown} == {None}
    assert "Places libérées" not in (await place.operator.get("/operateur?periode=essai")).text
