"""The pages under `/inscription`, as browsers without scripts use them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from foundation.sql.database import Database
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.candidates.registering import FORM, PASSWORD, RegistrationPlace, registration_place
from tests.support.forms.bad_input import BAD_TEXTS


@pytest.fixture
async def place(on_sqlite: Database) -> AsyncIterator[RegistrationPlace]:
    async with registration_place(on_sqlite) as made:
        yield made


@pytest.fixture
async def client(place: RegistrationPlace) -> AsyncIterator[httpx.AsyncClient]:
    async with place.browser() as browser:
        yield browser


async def test_the_windows_and_who_needs_no_account(client: httpx.AsyncClient) -> None:
    """Each programme with its note; a way in where it is open; nobody with a paper file is sent on (DR-10)."""
    page = await client.get("/inscription")
    assert_sound(page)
    said = text_of(page)
    assert "Inscription ouverte" in said and "Inscription fermée" in said
    assert "ne peut ni être transférée en ligne ni être suivie ici" in said
    assert 'href="/inscription/demo"' in page.text and 'href="/inscription/prtq-2016"' not in page.text
    assert (await client.get("/inscription/prtq-2016")).headers["location"] == "/inscription"
    assert (await client.get("/inscription/inconnu")).status_code == 404
    assert_sound(await client.get("/inscription/conditions"))


async def test_the_whole_way_without_scripts(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """Form, message, button, sign-in."""
    assert_sound(await client.get("/inscription/demo"))
    sent = await client.post("/inscription/demo", data=FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/inscription/confirmation?note=envoye")
    assert_sound(await client.get(sent.headers["location"]))
    code = await place.code()
    shown = await client.get(f"/inscription/confirmation?code={code}")
    assert_sound(shown)
    assert f'value="{code}"' in shown.text
    done = await client.post("/inscription/confirmation", data={"code": code})
    assert (done.status_code, done.headers["location"]) == (303, "/connexion?note=inscrit")
    assert "votre compte est ouvert" in text_of(await client.get(done.headers["location"]))


async def test_an_empty_post_is_refused_as_any_other(client: httpx.AsyncClient) -> None:
    """Every field is named, and the status says that nothing was made."""
    answer = await client.post("/inscription/demo")
    assert answer.status_code == 422 and 'href="#username"' in answer.text
    assert (await client.get("/inscription/demo")).status_code == 200


async def test_opening_the_link_confirms_nothing(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """A scanner may open it a hundred times; only the button confirms."""
    await client.post("/inscription/demo", data=FORM)
    code = await place.code()
    for _ in range(3):
        await client.get(f"/inscription/confirmation?code={code}")
        await client.head(f"/inscription/confirmation?code={code}")
    secrets = {
        "username": "eve-essai",
        "password": PASSWORD,
        "answers": ["Le soufflé", "La ronde", "Un traité"],
    }
    assert (await client.post("/api/v1/session", json=secrets)).status_code != 200


async def test_a_refused_form_comes_back_filled_in(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """All but the password, with a summary that leads to the fields; never compressed, as it shows answers."""
    refused = await client.post(
        "/inscription/demo", data=FORM | {"birth_date": "3 février"}, headers={"accept-encoding": "gzip, br"}
    )
    assert_sound(refused)
    assert refused.status_code == 422 and "content-encoding" not in refused.headers
    for name, value in FORM.items():
        if name not in {"password", "birth_date", "terms", "country", "birth_country", "address"}:
            assert f'value="{value}"' in refused.text, name
    assert PASSWORD not in refused.text and "1, rue de l’Essai" in refused.text
    assert '<option value="FR" selected>' in refused.text and 'value="oui" checked' in refused.text
    assert 'href="#birth_date"' in refused.text and 'href="#password"' in refused.text


async def test_a_taken_user_name_comes_back_filled_in_too(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """409 with the field to change."""
    await client.post("/inscription/demo", data=FORM)
    refused = await client.post("/inscription/demo", data=FORM | {"email": "autre@exemple.invalid"})
    assert_sound(refused)
    assert refused.status_code == 409 and "Essai-Roy" in refused.text and 'href="#username"' in refused.text


async def test_a_slip_in_the_address_is_asked_about_once(client: httpx.AsyncClient) -> None:
    """The second time it is taken as it is: there are real domains one letter from a known one."""
    typed = FORM | {"email": "eve@gmial.com"}
    asked = await client.post("/inscription/demo", data=typed)
    assert_sound(asked)
    assert "eve@gmail.com" in asked.text and 'name="email_seen" value="eve@gmial.com"' in asked.text
    assert (
        await client.post("/inscription/demo", data=typed | {"email_seen": "eve@gmial.com"})
    ).status_code == 303


async def test_a_wrong_code_stays_in_its_field(client: httpx.AsyncClient) -> None:
    """410, what was typed in place, and what to do."""
    refused = await client.post("/inscription/confirmation", data={"code": "ABCDE-FGHJ"})
    assert_sound(refused)
    assert (
        refused.status_code == 410 and 'value="ABCDE-FGHJ"' in refused.text and 'href="#code"' in refused.text
    )


async def test_a_message_again_is_answered_alike_for_everybody(client: httpx.AsyncClient) -> None:
    """Whether something waits with this address or not; what is no address is said."""
    one = await client.post("/inscription/renvoi", data={"email": "personne@exemple.invalid"})
    assert one.headers["location"] == "/inscription/confirmation?note=renvoye"
    assert_sound(await client.get(one.headers["location"]))
    refused = await client.post("/inscription/renvoi", data={"email": "personne"})
    assert_sound(refused)
    assert refused.status_code == 422 and 'value="personne"' in refused.text


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
async def test_bad_input_in_any_field_is_a_refusal_and_never_a_fault(
    place: RegistrationPlace, client: httpx.AsyncClient, text: str
) -> None:
    """On the page and over the API, in every field: an answer below 500, and nothing of it as markup."""
    typed = text.encode("utf-8", "replace").decode()
    for name in FORM:
        answer = await client.post("/inscription/demo", data=FORM | {name: typed})
        assert answer.status_code in {303, 400, 409, 413, 422}, (name, answer.status_code)
        assert "<script>alert" not in answer.text and 'onfocus="alert' not in answer.text, name
    for name in ("username", "email", "password", "programme"):
        answer = await place.register(client, **{name: typed})
        assert answer.status_code in {202, 400, 404, 409, 413, 422}, (name, answer.status_code)
    identity = dict.fromkeys(("family_name", "given_name", "birth_date", "passport", "birth_country"), typed)
    answer = await place.register(
        client, identity=identity, answers=[{"question": typed, "answer": typed}] * 3
    )
    assert answer.status_code in {400, 413, 422}
    for path in ("confirmation", "renvoi"):
        answer = await client.post(f"/inscription/{path}", data={"code": typed, "email": typed})
        assert answer.status_code < 500
