"""`/personnel/registre` for auditors: they read, filter, export and verify, and change nothing."""

import csv
import io

import sqlalchemy as sa

from accounts.roles import Role
from console.record.reading import mark_of
from console.record.spreadsheet import MARK
from foundation import audit
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_clean, text_of

PAGE = "/personnel/registre"


async def test_only_auditors_read_it(place: ConsolePlace) -> None:
    """Not operators, who have a page of their own; nobody without a session; refused ones are on the record."""
    for path in (PAGE, f"{PAGE}.csv"):
        assert (await place.operator.get(path)).status_code == 403
        assert (await place.nobody.get(path)).headers["location"].startswith("/personnel?note=avant")
    assert (await place.operator.post(f"{PAGE}/verification")).status_code == 403
    assert {"call": f"GET {PAGE}", "code": "not_your_role"} in [one[2] for one in await place.audit()]


async def test_it_is_read_by_who_and_about_what_and_the_look_is_on_it(place: ConsolePlace) -> None:
    """Names stay out of addresses; one subject's look names the subject."""
    vera = await place.staff("vera", Role.AUDITOR)
    assert 'href="/personnel/registre"' in (await vera.get("/personnel")).text
    page = await vera.get(PAGE)
    assert_clean(page)
    assert "Membre du personnel ajouté" in text_of(page) and "qui=vera" not in page.text
    some = await vera.get(PAGE, params={"qui": mark_of("agnes"), "acte": "sign_in"})
    assert "Connexion" in text_of(some) and "<strong>Membre du personnel ajouté</strong>" not in some.text
    about = await vera.get(PAGE, params={"genre": "operator", "sujet": "1"})
    assert "Membre du personnel 1" in text_of(about)
    wrong = await vera.get(PAGE, params={"sujet": "1"})
    assert wrong.status_code == 422 and "Numéro du sujet" in text_of(wrong)
    a = audit.audit.c
    looks = await place.db.read(
        lambda conn: conn.execute(sa.select(a.subject_id).where(a.act == audit.LOOK, a.actor == "vera"))
    )
    assert {row.subject_id for row in looks} == {None, "1"}
    await vera.aclose()


async def test_an_export_is_the_choice_and_an_act(place: ConsolePlace) -> None:
    """A text that a spreadsheet would run is text."""
    vera = await place.staff("vera", Role.AUDITOR)
    await place.db.write(lambda conn: audit.record(conn, "=cmd()", "pause", None, 1))
    answer = await vera.get(f"{PAGE}.csv", params={"acte": "pause"})
    text = answer.content.decode().removeprefix(MARK)
    (line,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert line["actor"] == "'=cmd()"
    assert (await vera.get(f"{PAGE}.csv", params={"du": "hier"})).status_code == 303
    assert [act for actor, act, _ in await place.audit() if actor == "vera"][-1] == "export"
    await vera.aclose()


async def test_it_is_verified_by_a_button(place: ConsolePlace) -> None:
    """What was found stands on the page, also that something was changed."""
    vera = await place.staff("vera", Role.AUDITOR)
    assert "Personne ne l’a encore vérifié ici" in text_of(await vera.get(PAGE))
    done = await vera.post(f"{PAGE}/verification")
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}#verification")
    page = await vera.get(PAGE)
    assert_clean(page)
    assert "Le registre est intact" in text_of(page) and "par vera" in text_of(page)
    changed = sa.update(audit.audit).where(audit.audit.c.id == 1).values(actor="mallory")
    await place.db.write(lambda conn: conn.execute(changed))
    await vera.post(f"{PAGE}/verification")
    told = text_of(await vera.get(PAGE))
    assert "Le registre a été changé" in told and "acts: line 1: altered" in told
    await vera.aclose()
