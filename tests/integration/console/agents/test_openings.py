"""Opening a file: the check of who asks comes first, and is on the record whatever came of it (AC-11)."""

import pytest
import sqlalchemy as sa

from accounts.identities import Identity
from console.agents import openings
from console.agents.openings import agrees
from console.agents.store import file_opening
from foundation import audit
from tests.integration.console.agents.desk import ANSWERS, WORK, agent, opened
from tests.integration.console.conftest import ConsolePlace
from tests.support.desks import make_account

ANNE = Identity(family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1234")


@pytest.mark.parametrize(
    ("change", "is_hers"),
    [
        ({}, True), ({"family_name": "ROY "}, True), ({"passport": "ab 12-34"}, True),
        ({"family_name": "Anne", "given_name": "Roy"}, True), ({"birth_date": "1985-02-04"}, False),
        ({"passport": "AB1235"}, False), ({"family_name": "Roi"}, False), ({"given_name": ""}, False),
        ({"birth_date": ""}, False), ({"passport": ""}, False),
    ],
    ids=range(10),
)  # fmt: skip
def test_all_that_is_said_must_agree(change: dict[str, str], is_hers: bool) -> None:
    """Name in any order, date of birth, passport: each of them, however it is spelt."""
    said = Identity(
        **(
            {name: getattr(ANNE, name) for name in ("family_name", "given_name", "birth_date", "passport")}
            | change
        )
    )
    assert agrees(said, ANNE) is is_hers


async def acts(place: ConsolePlace) -> list[tuple[str, str | None, str | None]]:
    a = audit.audit.c
    found = (
        sa.select(a.act, a.subject_id, a.reason).where(a.actor == "lucie", a.act != "sign_in").order_by(a.id)
    )
    return [tuple(row) for row in await place.db.read(lambda conn: conn.execute(found))]


async def test_a_file_opens_after_the_check_and_each_look_is_recorded(place: ConsolePlace) -> None:
    """Before, every address of the file leads to the check; afterwards it is shown to this agent alone."""
    account = await make_account(place.desk, identity=ANNE)
    lucie, marc = await agent(place), await agent(place, "marc")
    path = f"/agent/dossiers/{account}"
    for method, address in (("GET", path), ("POST", f"{path}/adaptation")):
        away = await lucie.request(method, address)
        assert (away.status_code, away.headers["location"]) == (303, f"{path}/ouvrir")
    form = await lucie.get(f"{path}/ouvrir")
    assert form.status_code == 200 and "AB1234" not in form.text and "1985" not in form.text
    assert (await opened(lucie, account)).headers["location"] == path
    page = await lucie.get(path)
    assert page.status_code == 200 and "AB1234" in page.text and "Identité confirmée" in page.text
    assert (await marc.get(path)).status_code == 303
    assert await acts(place) == [
        ("file_open", str(account), "Appel de la personne."), ("look", str(account), None)
    ]  # fmt: skip
    await lucie.post(f"{path}/fermer")
    assert (await lucie.get(path)).status_code == 303


async def test_a_check_that_fails_discloses_nothing(place: ConsolePlace) -> None:
    """What was wrong is not said; it is on the record; after five in an hour there is no other try."""
    account = await make_account(place.desk, identity=ANNE)
    lucie = await agent(place)
    for _ in range(openings.MOST_FAILED):
        page = await opened(lucie, account, **ANSWERS | {"passport": "XX0000"})
        assert page.status_code == 200 and "L’identité n’est pas confirmée" in page.text
        assert "AB1234" not in page.text
    assert (await lucie.get(f"/agent/dossiers/{account}")).status_code == 303
    right = await opened(lucie, account)
    assert right.status_code == 429 and "Retry-After" in right.headers
    results = await place.db.read(lambda conn: conn.execute(sa.select(file_opening.c.result)))
    assert set(results.scalars()) == {"failed"}


async def test_a_mandatary_needs_a_procuration_in_force(place: ConsolePlace) -> None:
    """Who says that they represent somebody is told nothing without one, whatever they show (RP-02)."""
    account = await make_account(place.desk, identity=ANNE)
    lucie = await agent(place)
    form = {"purpose": "counter", "method": "mandatary", "reason": "Mandataire au comptoir.", "seen": "true"}
    page = await opened(lucie, account, **form)
    assert "L’identité n’est pas confirmée" in page.text
    unseen = await opened(lucie, account, purpose="counter", method="document", reason="Au comptoir.")
    assert "L’identité n’est pas confirmée" in unseen.text


async def test_a_file_is_worked_on_without_a_contact(place: ConsolePlace) -> None:
    """With a reason; what is wrong in the form is said at its fields, and what was typed is kept."""
    account = await make_account(place.desk, identity=ANNE)
    lucie = await agent(place)
    wrong = await opened(lucie, account, **WORK | {"method": "answers", "reason": ""})
    assert wrong.status_code == 422 and 'href="#method"' in wrong.text and 'href="#reason"' in wrong.text
    assert (await opened(lucie, account, **WORK)).status_code == 303
    assert "Sans contact" in (await lucie.get(f"/agent/dossiers/{account}")).text
    assert (await opened(lucie, 999, **WORK)).status_code == 404
    assert (await lucie.get("/agent/dossiers/999/ouvrir")).status_code == 404


async def test_an_opening_ends_by_itself(place: ConsolePlace) -> None:
    """After half an hour the check is asked for again."""
    account = await make_account(place.desk, identity=ANNE)
    lucie = await agent(place)
    await opened(lucie, account)
    f = file_opening
    past = sa.update(f).values(open_until=f.c.open_until - openings.OPEN_MS)
    await place.db.write(lambda conn: conn.execute(past))
    assert (await lucie.get(f"/agent/dossiers/{account}")).status_code == 303
