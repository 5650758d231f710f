"""The pages of one's own data: what is held, and the deletion with the password and a box."""

from contextlib import aclosing

import pytest

from foundation.sql.database import Database
from tests.support.candidates.files import HERE, PASSWORD, RIGHT, SIGNED, file_place
from tests.support.candidates.own_data import with_own_data
from tests.support.candidates.page_checks import assert_sound, text_of


async def test_the_page_says_what_is_held(database: Database) -> None:
    """Each part of the export has a line, and the ones that stay say why."""
    async with file_place(database) as place:
        service = with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            page = await browser.get("/compte/donnees")
        assert_sound(page)
        assert all(one.title in text_of(page) for one in service.held)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": PASSWORD}, "Cochez cette case"),
        ({"confirm": "oui"}, "Entrez votre mot de passe"),
        ({"confirm": "oui", "password": "un autre"}, "Entrez de nouveau votre mot de passe"),
        ({"confirm": "oui", "password": "x" * 5000}, "trop long"),
    ],
    ids=["no-box", "no-password", "wrong-password", "long-password"],
)
async def test_what_is_missing_is_said_and_nothing_goes(
    on_sqlite: Database, typed: dict[str, str], said: str
) -> None:
    """The form comes back; the password is never written into it."""
    async with file_place(on_sqlite) as place:
        with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            page = await browser.post("/compte/supprimer", data=typed)
            assert page.status_code in {401, 422} and said in text_of(page)
            assert PASSWORD not in page.text
            assert (await browser.get("/compte/donnees")).status_code == 200


async def test_a_deleted_account_is_told_so_and_cannot_sign_in(database: Database) -> None:
    """The session goes too; the sign-in page says what was done."""
    async with file_place(database) as place:
        with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            done = await browser.post("/compte/supprimer", data={"confirm": "oui", "password": PASSWORD})
            assert (done.status_code, done.headers["location"]) == (303, "/connexion?note=supprime")
            assert "ont été supprimés" in text_of(await browser.get("/connexion?note=supprime"))
            assert (await browser.post("/connexion", data=RIGHT)).status_code == 401


async def test_an_account_that_stays_is_told_so_before_anything_is_typed(on_sqlite: Database) -> None:
    """With what there is instead of its deletion; without a submission there is the form."""
    async with file_place(on_sqlite) as place:
        with_own_data(place)
        await place.person("anne")
        await place.call(7)
        async with aclosing(place.browser(7)) as browser:
            await browser.post(f"{HERE}/connexion", data=RIGHT)
            assert 'name="password"' in (await browser.get("/compte/supprimer")).text
            assert (await browser.post(f"{HERE}/demande", data=SIGNED)).status_code == 303
            page = await browser.get("/compte/supprimer")
            assert_sound(page)
            assert "ne peut pas être supprimé" in text_of(page) and 'name="password"' not in page.text
