"""`/api/v1/files`: by role, on the record, on what was seen; forged input is a refusal and never a failure."""

import pytest

from accounts.roles import Role
from foundation import audit
from tests.integration.console.casefiles.conftest import API, CasefilePlace
from tests.support.desks import today
from tests.support.tasks import rows

ONE_STORE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_file_from_payment_to_decision(files: CasefilePlace) -> None:
    """The list, each document, a refusal by two people; and how many files stand where."""
    await files.sent()
    assert (await files.item(1, "receive", on_day=today().isoformat())).json()["checklist"]["items"][0][
        "state"
    ] == "received"
    for number in (2, 3, 4):
        await files.item(number, "waive", reason="Inutile.")
    shown = (await files.agent.get(API)).json()
    assert shown["status"] == "in_examination" and len(shown["checklist"]["items"]) == 4
    body = {"decision": "refused", "reason": "Le diplôme n’est pas reconnu.", "version": shown["version"]}
    made = await files.agent.post(f"{API}/decision", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    again = await files.agent.post(f"{API}/decision/confirm", json={})
    assert (again.status_code, again.json()["code"]) == (409, "second_person_needed")
    done = await files.approver.post(f"{API}/decision/confirm", json={})
    assert (done.status_code, done.json()["state"]) == (200, "in_force")
    queue = (await files.agent.get("/api/v1/files?status=decided")).json()
    assert [one["file_number"] for one in queue["files"]] == ["D-0000001-95"]
    assert {one["status"]: one["files"] for one in queue["counts"]}["awaiting_payment"] == 1


@ONE_STORE
async def test_the_second_of_two_agents_is_told_what_changed(files: CasefilePlace) -> None:
    """Taken by one, the other cannot write; left, what they had seen is too old."""
    await files.sent()
    old = await files.version()
    assert (await files.agent.put(f"{API}/taking")).json()["taken_by"] == "alice"
    body = {"act": "waive", "reason": "Inutile.", "version": old}
    held = await files.other.post(f"{API}/items/1", json=body)
    assert (held.status_code, held.json()["taken_by"]) == (409, "alice")
    await files.item(1, "waive", reason="Inutile.")
    assert (await files.agent.delete(f"{API}/taking")).status_code == 204
    late = await files.other.post(f"{API}/items/2", json=body)
    assert late.json()["code"] == "conflict" and late.json()["changed"][0]["kind"] == "item_settled"
    assert (
        await files.other.post(f"{API}/items/2", json=body | {"version": await files.version()})
    ).is_success


@ONE_STORE
async def test_every_look_and_refusal_is_on_the_record_and_approvers_only_confirm(
    files: CasefilePlace,
) -> None:
    """A clerk sees nothing; an approver sees and does not act."""
    await files.approver.get(API)
    refused = await files.approver.post(f"{API}/items/1", json={"act": "waive", "reason": "x"})
    clerk = await files.place.staff("denis", Role.CLERK)
    none = await clerk.get(API)
    assert [one.json()["code"] for one in (refused, none)] == ["not_your_role"] * 2
    a = audit.audit.c
    looks = [
        row
        for row in await rows(files.place.db, a.id, a.act, a.actor, a.subject_kind)
        if row[1] == audit.LOOK
    ]
    assert ("carole", "account") in [(actor, kind) for _, _, actor, kind in looks]


FORGED: list[tuple[str, str, dict[str, str] | None, int]] = [
    ("GET", "/api/v1/files/D-0000001-96", None, 404),
    ("GET", "/api/v1/files/x", None, 404),
    ("GET", "/api/v1/files/D-9999999999999999999-99", None, 404),
    ("GET", "/api/v1/files?status=lost", None, 422),
    ("GET", "/api/v1/files?page=-1", None, 404),
    ("POST", f"{API}/checklist", {"digest": "x"}, 409),
    ("POST", f"{API}/items/99", {"act": "waive", "reason": "x"}, 404),
    ("POST", f"{API}/items/1", {"act": "burn"}, 422),
    ("POST", f"{API}/items/1", {"act": "explain"}, 404),
    ("POST", f"{API}/decision", {"decision": "accepted", "reason": "x"}, 409),
    ("POST", f"{API}/decision", {"decision": "maybe", "reason": "x"}, 422),
    ("POST", f"{API}/decision", {"decision": "closed", "reason": " "}, 422),
    ("POST", f"{API}/decision", {"decision": "closed", "reason": "x", "version": "1.2"}, 409),
    ("POST", f"{API}/decision/confirm", {}, 404),
    ("POST", f"{API}/decision/withdraw", {"reason": "x"}, 404),
]


@ONE_STORE
async def test_forged_input_is_refused(files: CasefilePlace) -> None:
    """Wrong check digits, numbers of nobody, acts and outcomes that there are not: 404, 409 or 422."""
    for method, path, body, status in FORGED:
        answer = await files.agent.request(method, path, json=body)
        assert answer.status_code == status, (path, body, answer.text)
