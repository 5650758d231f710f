"""`/api/v1/staff/mailroom`: by role, shown first, on the record."""

from accounts.roles import Role
from casework.files.numbers import file_number
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.casework.mail import day, new_key

PATH = "/api/v1/staff/mailroom"

ENTRY = {"kind": "other", "number": file_number(1), "received_on": day()}


async def test_previewed_entered_seen_and_undone(mail: MailroomPlace) -> None:
    """The preview's `seen` comes back; the item has its file and its history."""
    shown = (await mail.clerk.post(f"{PATH}/preview", json=ENTRY)).json()
    assert (shown["becomes"], shown["twins"], shown["file"]["status"]) == ("accept", [], "awaiting_payment")
    body = ENTRY | {"key": new_key(), "seen": shown["seen"]}
    made = await mail.clerk.post(f"{PATH}/items", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "accepted"), made.text
    assert (await mail.clerk.post(f"{PATH}/items", json=body)).json()["id"] == made.json()["id"]
    one = f"{PATH}/items/{made.json()['id']}"
    seen = (await mail.other.get(one)).json()
    assert seen["file"]["number"] == file_number(1) and [e["move"] for e in seen["history"]] == [
        "receive",
        "match",
        "accept",
    ]
    late = await mail.other.post(f"{one}/undo", json={"reason": "erreur"})
    assert (late.status_code, late.json()["code"]) == (409, "second_person_needed")
    assert (await mail.clerk.post(f"{one}/undo", json={"reason": "erreur"})).json()["state"] == "undone"
    assert ("paul", f"mail_item:{seen['id']}") in await mail.acts("look")
    assert "paul" in [actor for actor, _ in await mail.acts("refused")]


async def test_kept_matched_and_returned(mail: MailroomPlace) -> None:
    """The pen, the list of what goes back, and both ends."""
    entry = ENTRY | {"number": "illisible", "keep": True, "name": "Anne", "country": "France"}
    shown = (await mail.clerk.post(f"{PATH}/preview", json=entry)).json()
    made = (
        await mail.clerk.post(f"{PATH}/items", json=entry | {"key": new_key(), "seen": shown["seen"]})
    ).json()
    assert [one["id"] for one in (await mail.clerk.get(f"{PATH}/pen")).json()["items"]] == [made["id"]]
    one = f"{PATH}/items/{made['id']}"
    assert (await mail.clerk.post(f"{one}/set-aside", json={"reason": "Illisible."})).json()[
        "state"
    ] == "to_return"
    assert [it["id"] for it in (await mail.clerk.get(f"{PATH}/returns")).json()["items"]] == [made["id"]]
    match = {"number": file_number(2)}
    seen = (await mail.clerk.post(f"{one}/match", json=match)).json()["seen"]
    assert (await mail.clerk.post(f"{one}/match", json=match | {"seen": "x"})).json()[
        "code"
    ] == "changed_meanwhile"
    assert (await mail.clerk.post(f"{one}/match", json=match | {"seen": seen})).json()["state"] == "accepted"
    sent = await mail.clerk.post(f"{one}/send-back", json={"tracking": "RN1", "sent_on": day()})
    assert sent.json()["code"] == "move_not_allowed"
    found = await mail.clerk.post(f"{PATH}/search", json={"name": "Personne", "birth_date": "1990-01-01"})
    assert found.json() == {"files": []}


@ONE_STORE
async def test_it_is_the_clerks_alone(mail: MailroomPlace) -> None:
    """Nobody and staff of other roles are refused before anything is read."""
    auditor = await mail.place.staff("olga", Role.AUDITOR)
    for path in ("preview", "items", "search", "items/1/match", "items/1/undo"):
        for browser, code in ((mail.place.nobody, "not_signed_in"), (auditor, "not_your_role")):
            assert (await browser.post(f"{PATH}/{path}", json={})).json()["code"] == code


@ONE_STORE
async def test_what_waits_is_kept_by_an_agent(mail: MailroomPlace) -> None:
    """A procuration of nobody: a clerk may send it back, and decides nothing else."""
    body = ENTRY | {"kind": "procuration"}
    shown = (await mail.clerk.post(f"{PATH}/preview", json=body)).json()
    assert shown["becomes"] is None and shown["warns"]
    made = (
        await mail.clerk.post(f"{PATH}/items", json=body | {"key": new_key(), "seen": shown["seen"]})
    ).json()
    one, why = f"{PATH}/items/{made['id']}", {"reason": "gardée"}
    assert (await mail.clerk.post(f"{one}/accept", json=why)).json()["code"] == "not_your_role"
    lucie = await mail.place.staff("lucie", Role.AGENT)
    assert (await lucie.post(f"{one}/accept", json=why)).json()["state"] == "accepted"


@ONE_STORE
async def test_put_right_by_two_calls(mail: MailroomPlace) -> None:
    """Proposed with what changes, confirmed by another with what was shown; or dropped."""
    body = ENTRY | {"received_on": day(1)}
    shown = (await mail.clerk.post(f"{PATH}/preview", json=body)).json()
    made = (
        await mail.clerk.post(f"{PATH}/items", json=body | {"key": new_key(), "seen": shown["seen"]})
    ).json()
    one = f"{PATH}/items/{made['id']}/corrections"
    change = {"received_on": day(2), "reason": "mal lu"}
    proposed = await mail.clerk.post(one, json=change)
    assert (proposed.status_code, proposed.json()["correction"]["changes"]) == (201, False)
    assert (await mail.clerk.post(f"{one}/drop", json={})).status_code == 200
    seen = {"seen": (await mail.clerk.post(one, json=change)).json()["correction"]["seen"]}
    assert (await mail.clerk.post(f"{one}/confirm", json=seen)).json()["code"] == "second_person_needed"
    assert (await mail.other.post(f"{one}/confirm", json=seen)).json()["received_on"] == day(2)
