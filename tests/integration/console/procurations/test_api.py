"""`/api/v1/staff/procurations`: by role, on the record, never by a guess."""

from datetime import timedelta

import pytest

from accounts.representatives.procurations.references import new_reference
from accounts.representatives.register.standing import ConsultantStatus
from accounts.roles import Role
from tests.integration.console.procurations.conftest import ProcurationPlace
from tests.support.candidates.representing import (
    CONSULTANT,
    declared,
    register,
    released,
    set_register,
)
from tests.support.desks import make_account, sign_in, today

PATH = "/api/v1/staff/procurations"


async def test_a_clerk_enters_a_procuration(mailroom: ProcurationPlace) -> None:
    """However the reference is typed; held until the payment, and a second one is refused."""
    body = {"reference": mailroom.made.reference.lower(), "received_on": today().isoformat()}
    done = await mailroom.clerk.post(PATH, json=body)
    assert (done.status_code, done.json()["state"]) == (201, "received"), done.text
    again = await mailroom.clerk.post(PATH, json=body)
    assert (again.status_code, again.json()["code"], again.json()["from"]) == (
        409,
        "move_not_allowed",
        "received",
    )
    assert await released(mailroom.place.db, mailroom.account)
    seen = (await mailroom.clerk.get(f"{PATH}/{mailroom.made.reference}")).json()
    assert seen["state"] == "active" and seen["representative"] == "Luc Tremblay" and seen["candidate"]
    assert [(one["move"], one["actor"], one["role"]) for one in seen["history"]][1:] == [
        ("receive", "claire", "clerk"), ("activate", "service", "service"),
    ]  # fmt: skip


async def test_each_look_and_each_refusal_is_on_the_record(mailroom: ProcurationPlace) -> None:
    """A look once in ten minutes, about the row; the record has no name of a candidate (P16)."""
    for _ in range(2):
        await mailroom.agent.get(f"{PATH}/{mailroom.made.reference}")
    await mailroom.clerk.post(PATH, json={"reference": mailroom.made.reference})
    lines = [
        (actor, act, detail)
        for actor, act, detail in await mailroom.place.audit()
        if act in {"look", "refused"}
    ]
    assert lines == [
        ("lucie", "look", {"page": "procuration"}),
        ("claire", "refused", {"call": "procuration receive", "code": "invalid"}),
    ]


async def test_a_return_an_undoing_and_their_reasons(mailroom: ProcurationPlace) -> None:
    """One of a few reasons for the candidate; one's own words for the record."""
    one, day = f"{PATH}/{mailroom.made.reference}", {"received_on": today().isoformat()}
    wrong = await mailroom.clerk.post(f"{one}/return", json=day | {"reason": "because"})
    assert (wrong.status_code, [field["name"] for field in wrong.json()["fields"]]) == (422, ["reason"])
    back = await mailroom.clerk.post(f"{one}/return", json=day | {"reason": "copy"})
    assert (back.status_code, back.json()["state"]) == (200, "declared")
    await mailroom.clerk.post(PATH, json=day | {"reference": mailroom.made.reference})
    assert (await mailroom.clerk.post(f"{one}/undo", json={})).json()["code"] == "invalid"
    undone = await mailroom.clerk.post(f"{one}/undo", json={"reason": "mauvais dossier"})
    assert undone.json()["state"] == "declared"
    history = (await mailroom.clerk.get(one)).json()["history"]
    assert [event["move"] for event in history] == ["declare", "return", "receive", "undo_receipt"]


async def test_only_an_agent_thaws(mailroom: ProcurationPlace) -> None:
    """A clerk decides nothing; and the register has the last word."""
    await register(mailroom.place.db)
    account = await make_account(mailroom.place.desk, 8)
    made = await declared(mailroom.place.db, account, **CONSULTANT)
    await set_register(mailroom.place.db, status=ConsultantStatus.SUSPENDED)
    body = {"reference": made.reference, "received_on": today().isoformat()}
    assert (await mailroom.clerk.post(PATH, json=body)).json()["state"] == "frozen"
    thaw, why = f"{PATH}/{made.reference}/thaw", {"reason": "rétablie"}
    assert (await mailroom.clerk.post(thaw, json=why)).json()["code"] == "not_your_role"
    assert (await mailroom.agent.post(thaw, json=why)).json()["code"] == "consultant_not_recognised"
    await set_register(mailroom.place.db, status=ConsultantStatus.RECOGNISED)
    assert (await mailroom.agent.post(thaw, json=why)).json()["state"] == "received"


@pytest.mark.parametrize("act", ["", "/return", "/undo", "/thaw"])
async def test_a_guess_is_not_found(mailroom: ProcurationPlace, act: str) -> None:
    """A well-formed reference of nobody, an id of the store, anything: 404, the same each time."""
    for guess in (new_reference(), mailroom.made.id, "1", "PR-00000-00000", "%00"[:1]):
        path = f"{PATH}/{guess}{act}"
        body = {"received_on": today().isoformat(), "reason": "copy"}
        answer = await (mailroom.agent.post(path, json=body) if act else mailroom.agent.get(path))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def test_it_is_the_staffs_alone(mailroom: ProcurationPlace) -> None:
    """Nobody, a candidate (its own too) and staff of other roles are refused, each in its way."""
    candidate = mailroom.place.browser()
    candidate.cookies.set("session", (await sign_in(mailroom.place.desk, None, 7)).secret)
    auditor = await mailroom.place.staff("paul", Role.AUDITOR)
    body = {"reference": mailroom.made.reference, "received_on": today().isoformat()}
    for browser, code in (
        (mailroom.place.nobody, "not_signed_in"), (candidate, "not_allowed"), (auditor, "not_your_role"),
    ):  # fmt: skip
        assert (await browser.post(PATH, json=body)).json()["code"] == code
        assert (await browser.get(f"{PATH}/{mailroom.made.reference}")).json()["code"] == code
    seen = (await mailroom.clerk.get(f"{PATH}/{mailroom.made.reference}")).json()
    assert seen["state"] == "declared"


@pytest.mark.parametrize(
    ("received", "posted", "field"),
    [("", "", "received_on"), ("13/06/2026", "", "received_on"), ("2999-01-01", "", "received_on"),
     ("today", "hier", "postmarked_on"), ("today", "tomorrow", "postmarked_on")],
    ids=range(5),
)  # fmt: skip
async def test_days_that_cannot_be_are_named(
    mailroom: ProcurationPlace, received: str, posted: str, field: str
) -> None:
    """By field, and nothing is entered."""
    days = {"today": today().isoformat(), "tomorrow": (today() + timedelta(days=1)).isoformat()}
    body = {"received_on": days.get(received, received), "postmarked_on": days.get(posted, posted)}
    answer = await mailroom.clerk.post(PATH, json=body | {"reference": mailroom.made.reference})
    assert answer.status_code == 422
    assert [one["name"] for one in answer.json()["fields"]] == [field]
