"""`/api/v1/staff/broadcasts`: the same acts as by the pages, for programs."""

from typing import Any

import httpx
import pytest

from casework.mailbox import broadcasts, states
from casework.mailbox.sending import sending
from casework.mailbox.store import broadcast_recipient
from foundation.clock import now_ms
from foundation.subjects import Subject
from tests.integration.console.broadcasts.conftest import BroadcastPlace
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account
from tests.support.rooms import make_period
from tests.support.tasks import rows

PATH = "/api/v1/staff/broadcasts"

BODY = {"title": "Nouvelle fonction", "text": "Bonjour.\n\nDeux.", "audience": {"kind": "everybody"}}


async def test_a_period_is_named_as_everywhere(envois: BroadcastPlace) -> None:
    """By its public name, and answered by it; one that there is none of, or that is of another programme, would be
    nobody's, and is refused."""
    period = await make_period(envois.place.db)
    audience = {"kind": "applicants", "period": "essai"}
    made = await envois.agent.post(PATH, json=BODY | {"audience": audience})
    assert (made.status_code, made.json()["audience"]["period"]) == (201, "essai")
    of = await envois.place.db.read(lambda conn: broadcasts.find(conn, made.json()["id"]))
    assert of.audience.period == period.uid
    (listed,) = (await envois.agent.get(PATH)).json()["broadcasts"]
    assert listed["audience"]["period"] == "essai"
    for wrong in ({"period": "nulle"}, {"programme": "prtq-2016"}):
        refused = await envois.agent.post(PATH, json=BODY | {"audience": audience | wrong})
        assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, "period"), wrong


async def written(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post(PATH, json=BODY)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def seen(view: dict[str, Any]) -> dict[str, Any]:
    """What somebody was shown who confirms it."""
    return {name: view[name] for name in ("version", "digest", "count")}


async def test_from_the_text_to_the_last_message(
    envois: BroadcastPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three real people with their notices; two persons, each for the number; stopped, and gone on with."""
    monkeypatch.setattr(states, "ALONE_UP_TO", 2)
    view = await written(envois.agent)
    assert (view["state"], view["count"], view["takes_two"], view["progress"]) == ("draft", 3, True, None)
    assert {one["account"] for one in view["shown"]} == {f"essai-0000{number}" for number in (1, 2, 3)}
    assert sum(one["mail"] is None for one in view["shown"]) == 1
    assert [one["mail_to_representative"] is not None for one in view["shown"]].count(True) == 1
    one = f"{PATH}/{view['id']}"
    asked = (await envois.agent.post(f"{one}/confirm", json=seen(view))).json()
    assert asked["state"] == "awaiting_second"
    assert await rows(envois.place.db, broadcast_recipient.c.account) == []
    sent = (await envois.approver.post(f"{one}/approve", json=seen(asked))).json()
    assert (sent["state"], sent["shown"]) == ("sending", [])
    assert sent["progress"] == {"people": 3, "delivered": 0, "read": 0}
    stopped = (await envois.agent.post(f"{one}/stop", json={})).json()
    assert (stopped["state"], stopped["stopped_by"]) == ("stopped", "lucie")
    resumed = await envois.approver.post(f"{one}/resume", json={"version": stopped["version"]})
    assert resumed.json()["state"] == "sending"
    batch = Subject("broadcast_batch", f"{view['id']}-1")
    await envois.place.db.write(lambda conn: sending(MAILBOX)(conn, batch, now_ms()))
    (listed,) = (await envois.agent.get(PATH)).json()["broadcasts"]
    assert (listed["state"], listed["counted"], listed["approver"]) == ("sent", 3, "bruno")
    assert (await envois.agent.get(one)).json()["progress"]["delivered"] == 3


async def test_it_is_confirmed_for_the_number_that_was_shown(envois: BroadcastPlace) -> None:
    """Said once more, and still so; otherwise nothing is sent, and the number of now is told."""
    view = await written(envois.agent)
    one = f"{PATH}/{view['id']}/confirm"
    bare = await envois.agent.post(one, json={"version": view["version"], "digest": view["digest"]})
    assert (bare.status_code, bare.json()["fields"][0]["name"]) == (422, "count")
    other = await envois.agent.post(one, json=seen(view) | {"count": 2})
    assert (other.json()["code"], other.json()["count"]) == ("changed_meanwhile", 3)
    await make_account(envois.place.desk, 4, draft=False)
    late = await envois.agent.post(one, json=seen(view))
    assert (late.status_code, late.json()["count"]) == (409, 4)
    assert await rows(envois.place.db, broadcast_recipient.c.account) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (BODY | {"title": ""}, "title"),
        (BODY | {"text": "x" * 6_000}, "text"),
        (BODY | {"audience": {"kind": "all"}}, "kind"),
        (BODY | {"audience": {"kind": "everybody", "programme": "x"}}, "programme"),
        (BODY | {"audience": {"kind": "everybody", "statuses": ["paid"]}}, "kind"),
        (BODY | {"audience": {"kind": "applicants", "statuses": ["payed"]}}, "statuses"),
    ],
)
async def test_what_cannot_be_is_named(envois: BroadcastPlace, body: dict[str, Any], field: str) -> None:
    """A status that there is none of is no wider audience."""
    refused = await envois.agent.post(PATH, json=body)
    assert refused.status_code == 422
    assert [one["name"] for one in refused.json()["fields"]] == [field]


async def test_who_may_do_what(envois: BroadcastPlace) -> None:
    """An approver writes nothing, an agent agrees to nothing; nobody is nobody."""
    assert (await envois.approver.post(PATH, json=BODY)).json()["code"] == "not_your_role"
    view = await written(envois.agent)
    one = f"{PATH}/{view['id']}"
    changed = await envois.agent.put(one, json=BODY | {"title": "Autre", "version": view["version"]})
    assert (changed.json()["title"], changed.json()["version"]) == ("Autre", view["version"] + 1)
    stale = await envois.agent.put(one, json=BODY | {"version": view["version"]})
    assert stale.json()["code"] == "changed_meanwhile"
    assert (await envois.agent.post(f"{one}/approve", json=seen(view))).json()["code"] == "not_your_role"
    assert (await envois.agent.post(f"{one}/burn", json={})).status_code == 404
    for path in (f"{PATH}/999", f"{PATH}/x"):
        assert (await envois.agent.get(path)).status_code == 404
    assert (await envois.place.nobody.get(PATH)).status_code == 401
