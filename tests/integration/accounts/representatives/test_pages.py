"""« Mon représentant » as a browser without scripts sees it."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from accounts.representatives import mails, pages
from accounts.representatives.procurations import mailroom
from accounts.representatives.register.standing import ConsultantStatus
from accounts.representatives.states import ReturnReason
from accounts.representatives.store import representative
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.sql.tables import metadata
from tests.support.candidates.page_checks import text_of
from tests.support.candidates.represented_pages import RepresentedPlace, represented_place
from tests.support.candidates.representing import (
    CLERK,
    CONSULTANT,
    LAWYER,
    active,
    declared,
    paper,
    received,
    register,
)
from tests.support.desks import REPRESENTATIVES

PAGE = "/compte/representant"

ODD = "'\"><script>alert(1)</script>"


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RepresentedPlace]:
    async with represented_place(database) as made:
        yield made


def test_mails_lead_to_the_page() -> None:
    """The address in each mail is the one that is served."""
    assert mails.PAGE == pages.HERE == PAGE


async def test_declaring_leads_to_the_page_that_says_what_comes_next(place: RepresentedPlace) -> None:
    """Nothing is told before the paper has come; the way to the form to print is there."""
    _, anne = await place.person()
    assert "Déclarer un représentant" in text_of(await anne.get(PAGE))
    done = await anne.post(PAGE, data=LAWYER)
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?note=declare")
    page = await anne.get(done.headers["location"])
    seen = text_of(page)
    for words in ("Luc Tremblay", "Procuration attendue par la poste", "Rien n’est communiqué", "Il reste à poster",
                  "Vous avez déclaré cette personne."):  # fmt: skip
        assert words in seen
    assert f'href="{PAGE}/procuration"' in page.text and f'href="{PAGE}/revocation"' in page.text


async def test_a_refused_form_comes_back_as_it_was_filled_in(place: RepresentedPlace) -> None:
    """Each fault links to its field, every text stands where it was typed, and is a text."""
    _, anne = await place.person()
    typed = LAWYER | {"email": "anne@exemple.ca", "organisation": ODD, "kind": "notary", "number": ""}
    page = await anne.post(PAGE, data=typed)
    assert page.status_code == 422
    assert 'href="#email"' in page.text and 'href="#number"' in page.text
    assert 'value="Tremblay"' in page.text and 'value="notary" checked' in page.text
    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text
    assert "Erreur" in page.text.partition("</title>")[0]


async def test_a_session_that_ended_keeps_what_was_typed(place: RepresentedPlace) -> None:
    """The form with everything in it, and the way to the sign-in; the same press saves afterwards (P12)."""
    _, anne = await place.person()
    secret = anne.cookies["session"]
    anne.cookies.clear()
    page = await anne.post(PAGE, data=LAWYER)
    assert page.status_code == 401
    assert 'value="Tremblay"' in page.text and f'href="/connexion?suite={PAGE}"' in page.text
    anne.cookies.set("session", secret)
    assert (await anne.post(PAGE, data=LAWYER)).status_code == 303


async def test_the_register_refuses_beside_the_number(place: RepresentedPlace) -> None:
    """With what to do next; nothing is lost."""
    await register(place.db, status=ConsultantStatus.SUSPENDED)
    _, anne = await place.person()
    page = await anne.post(PAGE, data=CONSULTANT)
    assert page.status_code == 422
    assert 'href="#number"' in page.text and 'value="11-234"' in page.text
    assert "Sa reconnaissance est suspendue" in text_of(page)


@pytest.mark.parametrize("stage", ["received", "active"])
async def test_each_state_says_what_it_means(place: RepresentedPlace, stage: str) -> None:
    """A procuration that has come can no longer be corrected here, only revoked."""
    account, anne = await place.person()
    if stage == "received":
        made = await declared(place.db, account)
        await received(place.db, made.reference)
    else:
        await active(place.db, account)
    page = await anne.get(PAGE)
    words = {"received": "dès que les frais de votre demande seront payés", "active": "En vigueur"}
    assert words[stage] in text_of(page)
    assert f'action="{PAGE}"' not in page.text
    refused = await anne.post(PAGE, data=LAWYER | {"family_name": "Gagnon"})
    assert refused.status_code == 409 and 'value="Gagnon"' in refused.text


async def test_a_revocation_asks_first_and_is_for_good(place: RepresentedPlace) -> None:
    """A GET changes nothing; the second press finds it done."""
    account, anne = await place.person()
    await active(place.db, account)
    asked = await anne.get(f"{PAGE}/revocation")
    assert "Cela ne peut pas être annulé" in text_of(asked)
    assert "En vigueur" in text_of(await anne.get(PAGE))
    assert (await anne.post(f"{PAGE}/revocation")).headers["location"] == f"{PAGE}?note=revoque"
    assert (await anne.post(f"{PAGE}/revocation")).headers["location"] == f"{PAGE}?note=personne"
    assert (await anne.get(f"{PAGE}/revocation")).headers["location"] == f"{PAGE}?note=personne"
    seen = text_of(await anne.get(PAGE))
    assert "Représentants précédents" in seen and "Luc Tremblay" in seen


async def test_the_procuration_is_printed_with_what_was_declared(place: RepresentedPlace) -> None:
    """Both names, the reference, where to post it; and as a file that needs no connection."""
    account, anne = await place.person()
    assert (await anne.get(f"{PAGE}/procuration")).headers["location"] == "/documents-utiles/procuration"
    made = await declared(place.db, account)
    page = await anne.get(f"{PAGE}/procuration")
    for words in (made.reference, "Tremblay", "285, rue Notre-Dame Ouest", "original"):
        assert words in text_of(page)
    file = await anne.get(f"{PAGE}/procuration?telecharger=1")
    assert file.headers["content-disposition"] == 'attachment; filename="procuration.html"'
    assert made.reference in file.text and "<link" not in file.text and "src=" not in file.text


async def test_the_empty_procuration_is_for_everybody(place: RepresentedPlace) -> None:
    """In « Documents utiles », without a sign-in and with nobody in it."""
    page = await place.browser().get("/documents-utiles/procuration")
    assert page.status_code == 200 and "Procuration" in text_of(page)
    assert "PR-" not in page.text and 'type="file"' not in page.text


async def test_nobody_is_led_to_the_sign_in_and_back(place: RepresentedPlace) -> None:
    """Each page but the empty form is behind it; a press without a session changes nothing."""
    for path in (PAGE, f"{PAGE}/procuration", f"{PAGE}/revocation"):
        answer = await place.browser().get(path)
        assert answer.headers["location"] == f"/connexion?suite={path}"
    account, _ = await place.person()
    await active(place.db, account)
    assert (await place.browser().post(f"{PAGE}/revocation")).headers["location"].startswith("/connexion")
    rows = await place.db.read(lambda conn: conn.execute(sa.select(representative.c.state)))
    assert list(rows.scalars()) == ["active"]


async def test_a_procuration_that_went_back_says_why(place: RepresentedPlace) -> None:
    """In the history, in words that lead on."""
    account, anne = await place.person()
    made = await declared(place.db, account)
    await place.db.write(
        lambda conn: mailroom.give_back(
            conn, REPRESENTATIVES, made.reference, paper(), ReturnReason.COPY, CLERK, now_ms()
        )
    )
    assert "C’est une copie : il nous faut l’original." in text_of(await anne.get(PAGE))


async def test_nothing_of_a_representative_is_plain_in_the_store(place: RepresentedPlace) -> None:
    """Canaries typed into every field: none is in any row of any table, but the kind (P11)."""
    _, anne = await place.person()
    planted = {name: f"canari{number}" for number, name in enumerate(LAWYER) if name != "kind"}
    planted |= {"email": "canari-courriel@cabinet.example", "telephone": "+1 514 555 0199"}
    assert (await anne.post(PAGE, data=LAWYER | planted)).status_code == 303
    for table in metadata.sorted_tables:
        rows = await place.db.read(lambda conn, table=table: conn.execute(sa.select(table)))  # type: ignore[misc]
        whole = " ".join(str(row) for row in rows)
        assert [text for text in planted.values() if text in whole] == [], table.name
