"""Attacks on representatives: fields that nobody may set, other sites, guesses, papers sent by the network."""

from typing import Any

import pytest
import sqlalchemy as sa

from accounts.representatives.store import representative
from tests.support.candidates.representing import LAWYER
from tests.support.desks import ANSWERS, PASSWORD
from tests.support.people.attackers import Attacker, Ground

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/api/v1/account/representative"

PAGE = "/compte/representant"

ODD = [
    "", "\0", "\u202e\u2066x", "a" * 5_000, "<script>alert(1)</script>", "' or 1=1; --", "{{7*7}}",
    "=cmd|' /C calc'!A0", "\r\nBcc: victim@exemple.ca", "\ufffe\uffff", "💣" * 300, "../../etc/passwd", "%00", "null",
]  # fmt: skip


async def signed_in(battlefield: Ground, number: int) -> Attacker:
    """The browser of the owner of this account."""
    siege = await battlefield.siege(1)
    person = siege.person()
    secrets = {"username": f"essai-{number:05d}", "password": PASSWORD, "answers": ANSWERS}
    assert (await person.ask("POST", "/api/v1/session", secrets)).status == 200
    return person


async def rows(battlefield: Ground) -> list[Any]:
    return list(await battlefield.db.read(lambda conn: conn.execute(sa.select(representative))))


async def test_nobody_puts_a_power_in_force_by_its_own_body(battlefield: Ground) -> None:
    """State, owner, dates and register are not the client's to say: what is beside the fields is not looked at."""
    person = await signed_in(battlefield, 1)
    forged = {
        "state": "active", "told": True, "id": "x", "account": 2, "consultant": 1, "reference": "PR-00000-00000",
        "received_on": "2026-01-01", "frozen_from": "active", "history": [],
    }  # fmt: skip
    made = await person.ask("PUT", HERE, LAWYER | forged)
    assert made.status == 201
    seen = made.json()
    assert (seen["state"], seen["told"], seen["received_on"]) == ("declared", False, None)
    assert seen["reference"] != "PR-00000-00000"
    assert (await person.ask("DELETE", HERE)).status == 204


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_another_site_declares_and_revokes_nobody(battlefield: Ground, method: str) -> None:
    """With the cookie of whoever visits it: refused before anything is read."""
    person = await signed_in(battlefield, 2)
    before = [row.id for row in await rows(battlefield)]
    for origin in ("https://ailleurs.example", "null"):
        refused = await person.ask(method, HERE, LAWYER, Origin=origin)
        assert (refused.status, refused.code) == (403, "foreign_origin")
    assert [row.id for row in await rows(battlefield)] == before


@pytest.mark.parametrize("number", range(len(ODD)))
async def test_each_field_is_a_text_whatever_it_holds(battlefield: Ground, number: int) -> None:
    """Taken as a text or refused by field; never a fault, and what is shown again is escaped."""
    person = await signed_in(battlefield, 3)
    for name in LAWYER:
        answer = await person.ask("PUT", HERE, LAWYER | {name: ODD[number]})
        assert answer.status in (200, 201, 400, 422, 429), (name, answer.status)
    page = await person.ask("GET", PAGE, Accept="text/html")
    assert page.status == 200 and b"<script>alert" not in page.body
    await person.ask("DELETE", HERE)


@pytest.mark.parametrize(
    "path",
    [f"{HERE}/1", f"{HERE}/PR-00000-00000", f"{HERE}s", "/api/v1/representatives", f"{PAGE}/1", f"{PAGE}/procuration/2",
     "/api/v1/accounts/2/representative"],
)  # fmt: skip
async def test_there_is_no_other_address_to_guess(battlefield: Ground, path: str) -> None:
    """Whoever is signed in reaches their own and nothing that has an id."""
    person = await signed_in(battlefield, 4)
    assert (await person.ask("GET", path)).status == 404


async def test_candidates_do_not_reach_the_desk(battlefield: Ground) -> None:
    """Not with the reference of their own procuration either."""
    person = await signed_in(battlefield, 5)
    made = (await person.ask("PUT", HERE, LAWYER)).json()
    body = {"reference": made["reference"], "received_on": "2026-01-01"}
    for method, path in (
        ("POST", "/api/v1/staff/procurations"),
        ("GET", f"/api/v1/staff/procurations/{made['reference']}"),
    ):
        refused = await person.ask(method, path, body if method == "POST" else None)
        assert (refused.status, refused.code) == (403, "not_allowed")
    assert (await person.ask("GET", HERE)).json()["state"] == "declared"


async def test_a_paper_cannot_be_sent_by_the_network(battlefield: Ground) -> None:
    """A file in a form is no field of it: nothing of it is read, and nothing is declared."""
    person = await signed_in(battlefield, 6)
    before = len(await rows(battlefield))
    named = b'Content-Disposition: form-data; name="kind"; filename="procuration.pdf"'
    part = b"--x\r\n" + named + b"\r\n\r\n%PDF-1.7\r\n--x--\r\n"
    answer = await person.ask("POST", PAGE, part, Content_Type="multipart/form-data; boundary=x")
    assert 400 <= answer.status < 500
    assert len(await rows(battlefield)) == before
