"""« Mes renseignements », as a browser without scripts uses it."""

from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from accounts import store
from accounts.own_account.pages import FormStanding
from foundation.sql.database import Database
from tests.support.candidates.own_accounts import REHEARSAL, SECRETS, OwnAccountPlace, own_account
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.candidates.registering import ANSWERS, PASSWORD
from tests.support.forms.bad_input import BAD_TEXTS

NEW = "quatre lampes vertes au grenier"

Own = tuple[OwnAccountPlace, httpx.AsyncClient]

FORMS = ("adresse", "mot-de-passe", "questions", "identite", "verification")


@pytest.fixture
async def own(on_sqlite: Database) -> AsyncIterator[Own]:
    async with own_account(on_sqlite) as made:
        yield made


async def test_what_is_on_file_is_shown_to_its_owner(own: Own) -> None:
    """Identity, address, questions and what is ready; never an answer."""
    _, browser = own
    page = await browser.get("/compte/renseignements")
    assert_sound(page)
    said = text_of(page)
    for shown in (
        "Essai-Roy",
        "Ève",
        "1990-02-03",
        "ES0000001",
        "1, rue de l’Essai",
        "eve@exemple.invalid",
        "Ce navigateur",
    ):
        assert shown in said
    assert "Connexion à vérifier" in said and "Adresse de courriel confirmée" in said
    assert not any(one["answer"] in said for one in ANSWERS)


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_sound_and_behind_the_sign_in(own: Own, form: str) -> None:
    """With what is on file where that is no secret; without a session it leads to the sign-in and back."""
    place, browser = own
    page = await browser.get(f"/compte/{form}")
    assert_sound(page)
    async with place.browser() as stranger:
        sent = await stranger.get(f"/compte/{form}")
        assert sent.headers["location"] == f"/connexion?suite=/compte/{form}"


@pytest.mark.parametrize("form", FORMS)
async def test_nothing_typed_is_lost_with_the_session(own: Own, form: str) -> None:
    """A form that is sent after the end of the session comes back filled in, and says what to do; no password."""
    place, _ = own
    async with place.browser() as stranger:
        typed = {
            "address": "2, rue Neuve",
            "question-1": "Une question ?",
            "family_name": "Autre",
            "username": "eve",
        }
        refused = await stranger.post(f"/compte/{form}", data=typed | {"password": PASSWORD})
    assert_sound(refused)
    assert refused.status_code == 401 and "Votre session a pris fin" in refused.text
    kept = {
        "adresse": "2, rue Neuve",
        "questions": "Une question ?",
        "identite": "Autre",
        "verification": "eve",
    }
    assert kept.get(form, "") in refused.text and PASSWORD not in refused.text


async def test_an_address_is_changed_and_told(own: Own) -> None:
    """By mail, without the address in it (AC-13)."""
    place, browser = own
    sent = await browser.post(
        "/compte/adresse", data={"address": "2, rue Neuve\n1000 Bruxelles", "country": "BE"}
    )
    assert sent.headers["location"] == "/compte/renseignements?note=adresse"
    page = await browser.get(sent.headers["location"])
    assert "2, rue Neuve" in page.text and "Belgique" in page.text and "est enregistrée" in page.text
    to, kind, text = (await place.messages())[-1]
    assert (to, kind) == ("eve@exemple.invalid", "home_address_changed") and "Neuve" not in text
    told = len(await place.messages())
    for lines, more in (("2, rue Neuve\n\n1000  Bruxelles ", 0), ("3, rue Neuve\n1000 Bruxelles", 1)):
        await browser.post("/compte/adresse", data={"address": lines, "country": "Belgique"})
        assert len(await place.messages()) == told + more, "the same again is told to nobody"
    refused = await browser.post("/compte/adresse", data={"address": " ", "country": ""})
    assert_sound(refused)
    assert refused.status_code == 422 and 'href="#address"' in refused.text


async def test_a_new_password_ends_every_other_session(own: Own) -> None:
    """This browser goes on; the other one is out; only the new password signs in; the owner is told."""
    place, browser = own
    other = await place.signed_in()
    wrong = await browser.post("/compte/mot-de-passe", data={"password": "pas le bon", "new_password": NEW})
    assert_sound(wrong)
    assert wrong.status_code == 401 and NEW not in wrong.text and 'href="#password"' in wrong.text
    weak = await browser.post(
        "/compte/mot-de-passe", data={"password": PASSWORD, "new_password": "Montréal2016!"}
    )
    assert weak.status_code == 422 and 'href="#new_password"' in weak.text
    done = await browser.post("/compte/mot-de-passe", data={"password": PASSWORD, "new_password": NEW})
    assert done.headers["location"] == "/compte/renseignements?note=mot-de-passe"
    assert (await browser.get("/compte/renseignements")).status_code == 200
    assert (await other.get("/api/v1/session")).status_code == 401
    assert (await other.post("/api/v1/session", json=SECRETS)).status_code == 401
    assert (await other.post("/api/v1/session", json=SECRETS | {"password": NEW})).status_code == 200
    assert (await place.messages())[-1][1] == "password_changed"
    await other.aclose()


async def test_new_questions_replace_the_old_ones(own: Own) -> None:
    """All of them; the old answers sign nobody in any more."""
    place, browser = own
    pairs = {f"question-{n}": f"Ma question numéro {n} ?" for n in (1, 2, 3)}
    answers = {f"answer-{n}": f"réponse {word}" for n, word in enumerate(("un", "deux", "trois"), 1)}
    done = await browser.post("/compte/questions", data={"password": PASSWORD, **pairs, **answers})
    assert done.headers["location"] == "/compte/renseignements?note=questions", done.text
    assert "Ma question numéro 3 ?" in text_of(await browser.get("/compte/renseignements"))
    async with place.browser() as other:
        assert (await other.post("/api/v1/session", json=SECRETS)).json()["code"] == "bad_security_answers"
        now = SECRETS | {"answers": list(answers.values())}
        assert (await other.post("/api/v1/session", json=now)).status_code == 200


async def test_an_identity_is_corrected_while_registration_is_open(own: Own) -> None:
    """With the password; told by mail; looked at by the tasks that look for doubles."""
    place, browser = own
    typed = {"family_name": "Essai-Roi", "given_name": "Ève", "birth_date": "1990-02-04", "passport": "ES1",
             "birth_country": "BE", "password": PASSWORD}  # fmt: skip
    done = await browser.post("/compte/identite", data=typed)
    assert done.headers["location"] == "/compte/renseignements?note=identite", done.text
    page = await browser.get("/compte/renseignements")
    assert "Essai-Roi" in page.text and "1990-02-04" in page.text
    assert (await place.messages())[-1][1] == "identity_changed"
    told = len(await place.messages())
    again = await browser.post("/compte/identite", data=typed | {"passport": "es 1"})
    assert again.headers["location"] == "/compte/renseignements?note=identite"
    assert len(await place.messages()) == told, "the same again is told to nobody"


async def test_an_identity_locks_with_its_window(own: Own) -> None:
    """The page says so and names the way; a form that was open is refused, filled in."""
    place, browser = own
    a = store.account
    await place.db.write(lambda conn: conn.execute(sa.update(a).values(programme="prtq-2016")))
    page = await browser.get("/compte/renseignements")
    assert "/compte/identite" not in page.text and "un agent peut la corriger" in text_of(page)
    refused = await browser.post("/compte/identite", data={"family_name": "Autre", "password": PASSWORD})
    assert_sound(refused)
    assert refused.status_code == 409 and "Autre" in refused.text


async def test_sessions_elsewhere_are_seen_and_ended(own: Own) -> None:
    """This one stays."""
    place, browser = own
    other = await place.signed_in()
    assert "Un autre navigateur" in text_of(await browser.get("/compte/renseignements"))
    ended = await browser.post("/compte/sessions")
    assert ended.headers["location"] == "/compte/renseignements?note=sessions"
    assert (await other.get("/api/v1/session")).status_code == 401
    assert "Un autre navigateur" not in text_of(await browser.get("/compte/renseignements"))
    await other.aclose()


async def test_the_whole_sign_in_is_rehearsed(own: Own) -> None:
    """What is wrong is said as the sign-in says it; what is right is marked with its instant (WR-15)."""
    _, browser = own
    page = await browser.post("/compte/verification", data=REHEARSAL | {"answer-2": "autre"})
    assert_sound(page)
    assert page.status_code == 401 and "Le mot de passe est bon" in page.text
    page = await browser.post("/compte/verification", data=REHEARSAL | {"username": "quelqu’un"})
    assert page.status_code == 403 and 'href="#username"' in page.text
    page = await browser.post("/compte/verification", data={})
    assert page.status_code == 422
    done = await browser.post("/compte/verification", data=REHEARSAL)
    assert done.headers["location"] == "/compte/renseignements?note=verifie", done.text
    assert "Connexion vérifiée le" in text_of(await browser.get("/compte/renseignements"))
    await browser.post("/compte/mot-de-passe", data={"password": PASSWORD, "new_password": NEW})
    after = text_of(await browser.get("/compte/renseignements"))
    assert "Connexion à vérifier" in after, "nobody has typed the new password yet"


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
async def test_bad_input_is_a_refusal_and_never_a_fault(own: Own, text: str) -> None:
    """In every field of every form: an answer below 500, and nothing of it as markup."""
    _, browser = own
    typed = text.encode("utf-8", "replace").decode()
    names = (
        "address",
        "country",
        "new_password",
        "question-1",
        "answer-1",
        "family_name",
        "birth_date",
        "username",
    )
    for form in FORMS:
        answer = await browser.post(
            f"/compte/{form}", data=dict.fromkeys(names, typed) | {"password": "faux"}
        )
        assert answer.status_code < 500, form
        assert "<script>alert" not in answer.text and 'onfocus="alert' not in answer.text
    assert (await browser.get("/compte/renseignements")).status_code == 200


async def test_the_checklist_says_where_the_forms_stand(own: Own) -> None:
    """One that is begun with what is missing and a link; none yet is said too."""
    place, browser = own
    assert "Formulaire à commencer" in text_of(await browser.get("/compte/renseignements"))
    place.forms = [FormStanding("Programme A", 3, "/demande/a"), FormStanding("Programme B", 0, "/demande/b")]
    page = await browser.get("/compte/renseignements")
    assert_sound(page)
    said = text_of(page)
    assert (
        "il manque 3 renseignements" in said
        and "Formulaire complet" in said
        and 'href="/demande/a"' in page.text
    )


async def test_an_address_that_nobody_confirmed_is_said_and_can_be(own: Own) -> None:
    """A banner with a button; its message has a code that confirms it, once more too; then the banner is gone."""
    place, browser = own
    a = store.account
    await place.db.write(lambda conn: conn.execute(sa.update(a).values(confirmed_at=None)))
    page = await browser.get("/compte/renseignements")
    assert_sound(page)
    assert "Adresse non confirmée" in page.text
    for _ in range(2):
        assert (await browser.post("/compte/confirmation")).status_code == 303
    (_, kind, first), (_, _, second) = (await place.messages())[-2:]
    assert kind == "confirm_address" and first == second
    confirmed = await browser.post("/api/v1/accounts/confirm", json={"code": await place.code()})
    assert (confirmed.status_code, confirmed.json()["username"]) == (200, "eve-essai")
    again = await browser.post("/api/v1/accounts/confirm", json={"code": await place.code()})
    assert again.status_code == 200
    assert "Adresse non confirmée" not in (await browser.get("/compte/renseignements")).text
    await browser.post("/compte/confirmation")
    assert len(await place.messages()) == 3
