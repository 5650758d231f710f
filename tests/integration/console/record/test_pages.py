"""The record's page and its exports: who may, what is chosen, and that reading is recorded too."""

import csv
import io

import httpx

from console.record.pages import RECORD
from console.record.reading import mark_of
from console.record.spreadsheet import MARK, SEPARATOR
from foundation.clock import now_ms, rfc3339
from tests.integration.console.conftest import API, ConsolePlace
from tests.support.rooms import make_period

CSV = f"{API}/audit.csv"


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.content.decode()
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK)), delimiter=SEPARATOR))


async def test_only_operators_read_it(place: ConsolePlace) -> None:
    """The API is 401, the pages lead to the sign-in; nothing of it is shown."""
    assert (await place.nobody.get(CSV)).status_code == 401
    for path in (RECORD, f"{RECORD}.csv"):
        away = await place.nobody.get(path)
        assert (away.status_code, away.headers["location"]) == (303, "/operateur?note=session")


async def test_values_before_and_after_are_on_the_page(place: ConsolePlace) -> None:
    """And on the day's page, under the newest acts."""
    await make_period(place.db)
    await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": 4})
    for path in (RECORD, "/operateur"):
        text = (await place.operator.get(path)).text
        assert "Rythme" in text
        assert "6\N{NO-BREAK SPACE}000</span>" in text
        assert '<span class="record__after">4</span>' in text


async def test_the_filter(place: ConsolePlace) -> None:
    """By person, act, period and day; names are in no address; what cannot be read is said."""
    await make_period(place.db)
    await place.operator.post(f"{API}/periods/essai/pause")
    await place.operator.post(f"{API}/periods/essai/close")
    shown = (await place.operator.get(RECORD, params={"acte": "pause", "qui": mark_of("agnes")})).text
    assert "<strong>Mise en pause</strong>" in shown
    assert "<strong>Fermeture</strong>" not in shown
    assert "qui=agnes" not in shown
    assert "Aucune action ne répond" in (await place.operator.get(RECORD, params={"au": "2001-01-01"})).text
    looked = (await place.operator.get(RECORD, params={"consultations": "1"})).text
    assert "<strong>Consultation</strong>" in looked
    assert "<strong>Consultation</strong>" not in (await place.operator.get(RECORD)).text
    for wrong in ({"du": "hier"}, {"periode": "aucune"}, {"qui": "agnes"}):
        refused = await place.operator.get(RECORD, params=wrong)
        assert refused.status_code == 422
        assert "Ce choix ne peut pas être lu" in refused.text


async def test_a_long_record_is_turned_page_by_page(place: ConsolePlace) -> None:
    """Older ones are one link away, and the newest again from there."""
    await make_period(place.db)
    for n in range(60):
        await place.operator.patch(f"{API}/periods/essai/pace", json={"calls_per_minute": n + 1})
    first = (await place.operator.get(RECORD)).text
    assert "Plus anciennes" in first
    assert "Les plus récentes" not in first
    link = first.partition('href="/operateur/registre?avant=')[2].partition('"')[0]
    second = (await place.operator.get(RECORD, params={"avant": link})).text
    assert "Les plus récentes" in second
    assert "Plus anciennes" not in second


async def test_the_export_is_the_record_and_on_it(place: ConsolePlace) -> None:
    """Oldest first, every line up to its own, which says what was exported; a name that is a formula is text."""
    period = await make_period(place.db)
    since = now_ms()
    await place.operator.put(f"{API}/periods/essai/notice", json={"text": "=1+1"})
    found = rows(await place.operator.get(CSV, params={"since": rfc3339(since), "period": "essai"}))
    assert [row["act"] for row in found] == ["notice", "export"]
    assert found[0]["period"] == "essai"
    assert found[0]["subject_id"] == period.uid
    assert found[0]["after"] == '{"text":"=1+1"}'
    assert [line[:2] for line in await place.audit()][-1] == ("agnes", "export")
    every = rows(await place.operator.get(CSV, params={"looks": "1"}))
    assert {row["stream"] for row in every} == {"acts"}
    await place.operator.get("/operateur")
    assert {row["stream"] for row in rows(await place.operator.get(CSV, params={"looks": "1"}))} == {
        "acts",
        "looks",
    }
    by_page = rows(await place.operator.get(f"{RECORD}.csv", params={"acte": "notice"}))
    assert [row["act"] for row in by_page] == ["notice"]


async def test_a_wrong_export_is_refused(place: ConsolePlace) -> None:
    """On the record, with its code."""
    for wrong, status in (({"since": "hier"}, 422), ({"period": "aucune"}, 404)):
        assert (await place.operator.get(CSV, params=wrong)).status_code == status
        assert (await place.audit())[-1][1] == "refused"
