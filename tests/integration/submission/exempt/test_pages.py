"""« Volets en tout temps »: from the proof to the receipt, by forms alone, while a period is open."""

from contextlib import aclosing

import httpx

from foundation.sql.database import Database
from submission.exempt import claims
from submission.exempt.states import ExemptClaimAct
from tests.support.candidates.exempt import STREAM, accepted_claim, decide, with_streams
from tests.support.candidates.files import RIGHT, SIGNED, TELEPHONE, FilePlace, file_place
from tests.support.candidates.page_checks import assert_sound, text_of

PAGE = f"/volets/demo/{STREAM}"

SECRETS = {name: text for name, text in RIGHT.items() if name != "username"}


async def signed_in(place: FilePlace, agent: str | None = None) -> httpx.AsyncClient:
    browser = place.browser() if agent is None else place.browser(agent=agent)
    assert (await browser.post("/connexion", data=RIGHT)).status_code == 303
    return browser


async def test_from_the_proof_to_the_receipt(database: Database) -> None:
    """A proof, an agent's decision, the review, the signature with the secrets once more, the receipt; no room."""
    async with file_place(database) as place:
        with_streams(place)
        account = await place.person()
        async with aclosing(await signed_in(place)) as browser:
            home = await browser.get("/volets")
            assert_sound(home)
            assert "Offre d’emploi validée" in text_of(home)
            form = await browser.get(PAGE)
            assert_sound(form)
            sent = await browser.post(PAGE, data={"proof": "VEO-2016-77"})
            assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
            waits = text_of(await browser.get(PAGE))
            assert "À vérifier" in waits and "votre demande n’est pas soumise" in waits
            assert "77" not in waits, "the number is not shown again"
            early = await browser.get(f"{PAGE}/demande")
            assert early.headers["location"] == PAGE
            (claim,) = await database.read(lambda conn: claims.of_account(conn, account))
            await decide(place.desk, claim, ExemptClaimAct.ACCEPT)
            review = await browser.get(f"{PAGE}/demande")
            assert_sound(review)
            assert "Non soumise." in text_of(review) and "&lt;b&gt;" in review.text
            done = await browser.post(f"{PAGE}/demande", data=SIGNED | SECRETS)
            assert done.status_code == 303, done.text
            receipt = await browser.get(done.headers["location"])
            assert_sound(receipt)
            assert "hors période et hors quota" in text_of(receipt)
            assert "Offre d’emploi validée" in text_of(receipt) and "Numéro d’attente" not in receipt.text
            assert (await browser.get(f"{PAGE}/demande")).headers["location"] == done.headers["location"]
            again = await browser.post(f"{PAGE}/demande", data=SIGNED | SECRETS)
            assert again.headers["location"] == done.headers["location"]
            account_page = await browser.get("/compte")
            assert "Rang hors période" in text_of(account_page)


async def test_a_proof_that_was_typed_outlives_the_session(on_sqlite: Database) -> None:
    """The form stays, with the way to sign in beside it; nothing is claimed until it is sent again (P12)."""
    async with file_place(on_sqlite) as place:
        with_streams(place)
        account = await place.person()
        async with place.browser() as stranger:
            kept = await stranger.post(PAGE, data={"proof": "VEO-2016-<77>"})
            assert_sound(kept)
            assert kept.status_code == 401 and 'value="VEO-2016-&lt;77&gt;"' in kept.text
            assert f'href="/connexion?suite={PAGE}&amp;note=fin"' in kept.text
            assert (await stranger.post("/volets/demo/nulle_part", data={"proof": "x"})).status_code == 404
        assert await on_sqlite.read(lambda conn: claims.of_account(conn, account)) == []


async def test_a_refused_form_comes_back_filled_in(database: Database) -> None:
    """A wrong proof stays in its field with what is wrong; a password is never written back, everything else is."""
    async with file_place(database) as place:
        with_streams(place)
        account = await place.person()
        async with aclosing(await signed_in(place)) as browser:
            wrong = await browser.post(PAGE, data={"proof": "<b>"})
            assert (wrong.status_code, "&lt;b&gt;" in wrong.text) == (422, True)
            assert 'href="#proof"' in wrong.text
            await accepted_claim(place.desk, account)
            typed = SIGNED | SECRETS | {"password": "un-faux-mot"}
            refused = await browser.post(f"{PAGE}/demande", data=typed)
            assert_sound(refused)
            assert refused.status_code == 401 and "un-faux-mot" not in refused.text
            assert 'value="Lévis"' in refused.text and "checked" in refused.text
            unsigned = await browser.post(f"{PAGE}/demande", data=SECRETS)
            assert unsigned.status_code == 422 and 'href="#declaration"' in unsigned.text
            empty = await browser.post(f"{PAGE}/demande", data=SIGNED)
            assert empty.status_code == 422 and 'href="#password"' in empty.text
            assert (await browser.get("/compte")).status_code == 200, "and the session is as it was"


async def test_a_telephone_submits_nothing(database: Database) -> None:
    """The device rule holds outside the room too (DV-01)."""
    async with file_place(database) as place:
        with_streams(place)
        await accepted_claim(place.desk, await place.person())
        async with aclosing(await signed_in(place, TELEPHONE)) as browser:
            refused = await browser.post(f"{PAGE}/demande", data=SIGNED | SECRETS)
            assert refused.status_code == 403 and "ordinateur" in text_of(refused)


async def test_whoever_is_not_signed_in_is_led_there_and_back(database: Database) -> None:
    """Every address leads to the sign-in first; streams that there are not are not found."""
    async with file_place(database) as place:
        with_streams(place)
        await place.person()
        async with aclosing(place.browser()) as browser:
            for path in ("/volets", PAGE, f"{PAGE}/demande"):
                away = await browser.get(path)
                assert away.headers["location"] == f"/connexion?suite={path}"
        async with aclosing(await signed_in(place)) as browser:
            for path in ("/volets/demo/autre", "/volets/autre/autre"):
                assert (await browser.get(path)).status_code == 404


async def test_a_claim_is_withdrawn(database: Database) -> None:
    """Its page offers it while nothing was submitted, and takes another proof afterwards."""
    async with file_place(database) as place:
        with_streams(place)
        await place.person()
        async with aclosing(await signed_in(place)) as browser:
            await browser.post(PAGE, data={"proof": "VEO-2016-77"})
            other = await browser.get("/volets/demo/resident_temporaire_autorise")
            assert "déjà une demande d’accès à un autre volet" in text_of(other)
            twice = await browser.post(PAGE, data={"proof": "VEO-2016-78"})
            assert twice.status_code == 409
            await browser.post(f"{PAGE}/retrait")
            page = text_of(await browser.get(PAGE))
            assert "Retirée par la personne" in page and "Donner une autre preuve" in page
