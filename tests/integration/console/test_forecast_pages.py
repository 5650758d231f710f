"""The page before announcing and arming: words, checks, the form, and what is kept when the act is refused."""

from typing import Any

import msgspec
import pytest

from console.gate import ReadinessGate
from console.readiness import ReadinessFacts
from foundation.clock import now_ms
from quota.states import PeriodState
from quota.store import Period
from tests.integration.console.conftest import API, ConsolePlace
from tests.support.rooms import HOUR_MS, make_period, read_period

PAGE = "/operateur/periodes/essai/verification"


async def draft(place: ConsolePlace, **values: Any) -> Period:
    state = values.pop("state", PeriodState.DRAFT)
    now = now_ms()
    values = {"odd_reason": "essai"} | values
    return await make_period(
        place.db, state=state, opens_at=now + 48 * HOUR_MS, closes_at=now + 60 * HOUR_MS, **values
    )


def not_ready(place: ConsolePlace) -> None:
    """From here on this installation has no ticker."""

    async def facts(period: Period) -> ReadinessFacts:
        return ReadinessFacts(at=now_ms(), sql=True, alive={"ticker": False, "web": True})

    place.console.gate = ReadinessGate(facts)


async def test_it_asks_who_it_is(place: ConsolePlace) -> None:
    """Without a session it leads to the sign-in."""
    await draft(place)
    away = await place.nobody.get(PAGE)
    assert (away.status_code, away.headers["location"]) == (303, "/operateur?note=session")


async def test_what_will_happen_is_said(place: ConsolePlace) -> None:
    """Of a draft and of an announced period, with the form of what comes next; an open one has none. It is a look."""
    await draft(place)
    text = (await place.operator.get(PAGE)).text
    for part in ("Ce qui va se passer", "Une fois armée", "heure de Montréal", "Annoncer", 'name="version"'):
        assert part in text, part
    assert 'name="cap"' not in text
    assert (await place.audit())[-1][:2] == ("agnes", "look")
    assert (await place.operator.get("/operateur/periodes/rien/verification")).status_code == 404


async def test_what_is_not_ready_needs_a_reason(place: ConsolePlace) -> None:
    """Page and API refuse with what was found, and change nothing; with a reason it is done, counted and on record."""
    period = await draft(place)
    not_ready(place)
    page = (await place.operator.get(PAGE)).text
    assert "1 point empêche" in page
    assert "Motif pour passer outre" in page
    refused = await place.operator.post("/operateur/periodes/essai/announce", data={"override_reason": " "})
    assert refused.status_code == 409
    assert "L’installation n’est pas prête" in refused.text
    called = await place.operator.post(f"{API}/periods/essai/announce")
    assert (called.status_code, called.json()["code"]) == (409, "not_ready")
    assert [one["check"] for one in called.json()["findings"]] == ["ticker"]
    assert (await read_period(place.db, period)).state == PeriodState.DRAFT
    readiness = (await place.operator.get(f"{API}/periods/essai/readiness")).json()
    assert readiness["ready"] is False
    assert readiness["forecast"]["when"]
    done = await place.operator.post(
        f"{API}/periods/essai/announce", json={"override_reason": "le ticker démarre ce soir"}
    )
    assert (done.status_code, done.json()["state"]) == (200, "announced")
    last = await place.audit()
    assert [line[1] for line in last][-2:] == ["announce", "override"]
    assert last[-1][2] == {"move": "announce", "findings": ["ticker"]}
    assert "outrepassée 1 fois" in (await place.operator.get(PAGE)).text


async def test_another_refusal_comes_first(place: ConsolePlace) -> None:
    """What the life cycle or the second person says is not hidden behind an installation that is not ready."""
    await draft(place, state=PeriodState.ANNOUNCED, announced_by="agnes")
    not_ready(place)
    body = {"cap": 50, "opens_at": "2099-01-01T08:30"}
    refused = await place.operator.post(f"{API}/periods/essai/arm", json=body)
    assert refused.json()["code"] == "second_person_needed"
    again = await place.operator.post(f"{API}/periods/essai/announce")
    assert again.json()["code"] == "move_not_allowed"


async def test_what_was_typed_is_kept(place: ConsolePlace) -> None:
    """A second person who typed one thing differently has the page again, with both fields and the reason beside it."""
    await draft(place, state=PeriodState.ANNOUNCED, announced_by="boris")
    typed = {"cap": "50 000", "opens_at": "2099-01-01T08:30"}
    refused = await place.operator.post("/operateur/periodes/essai/arm", data=typed)
    assert refused.status_code == 409
    assert "50 000" in refused.text
    assert "n’est pas ce qui a été annoncé" in refused.text
    assert "autre que boris" in refused.text


@pytest.mark.parametrize("ready", [True, False])
async def test_an_installation_that_is_ready_asks_for_no_reason(place: ConsolePlace, ready: bool) -> None:
    """Only what keeps an act back is gone past."""
    await draft(place)

    async def facts(period: Period) -> ReadinessFacts:
        return ReadinessFacts(at=now_ms(), sql=ready)

    place.console.gate = ReadinessGate(facts)
    page = (await place.operator.get(PAGE)).text
    assert ("Motif pour passer outre" in page) is not ready
    assert (
        msgspec.json.decode((await place.operator.get(f"{API}/periods/essai/readiness")).content)["ready"]
        is ready
    )
