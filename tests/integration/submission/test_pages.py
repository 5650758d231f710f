"""The pages of the ten minutes: what they show, what they keep, where they lead, and what they never give away."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
import sqlalchemy as sa

from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import store as quota_store
from tests.support.candidates.files import HERE, PASSWORD, RIGHT, SIGNED, TELEPHONE, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.forms.filled import DEMO_FORM
from tests.support.rooms import make_period, set_period


@pytest.fixture
async def place(database: Database) -> AsyncIterator[FilePlace]:
    async with file_place(database) as made:
        yield made


@pytest.mark.parametrize("page", ["connexion", "demande"])
@pytest.mark.parametrize("state", [None, "lapsed", "left", "used"])
async def test_only_somebody_called_sees_the_ten_minutes(
    place: FilePlace, page: str, state: str | None
) -> None:
    """Who waits, has lapsed, has left or has submitted is sent to the room's page, which says where they stand."""
    if state:
        await place.call(7, state=state)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/{page}")
        assert (answer.status_code, answer.headers["location"]) == (303, HERE)
        sent = await browser.post(f"{HERE}/{page}", data=RIGHT)
        if state is None:
            assert (sent.status_code, sent.headers["location"]) == (303, HERE)
    async with place.browser() as browser:
        assert (await browser.get(f"{HERE}/{page}")).headers["location"] == f"{HERE}?retour=1"


@pytest.mark.parametrize("page", ["connexion", "demande"])
async def test_a_ticket_that_went_while_the_page_was_open_is_said(place: FilePlace, page: str) -> None:
    """Cookies that were cleared do not lead from « C’est votre tour » to the open door without a word."""
    await place.call(7)
    async with place.browser() as browser:
        answer = await browser.post(f"{HERE}/{page}", data=RIGHT)
    assert answer.status_code == 401
    assert "Nous ne reconnaissons pas votre place" in text_of(answer)
    assert f'href="{HERE}"' in answer.text
    assert "C’est votre tour" not in text_of(answer)
    if page == "connexion":
        assert 'value="anne"' in answer.text and PASSWORD not in answer.text


async def test_a_browser_that_refuses_cookies_is_told_so_at_the_sign_in_of_its_turn(place: FilePlace) -> None:
    """With what was typed in the form, but for the password; a browser that keeps them goes on."""
    await place.person()
    await place.call(7)
    async with place.browser() as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT | {"cookie_check": "1"})
    assert answer.status_code == 403
    assert "Votre navigateur refuse les témoins" in text_of(answer)
    assert 'value="anne"' in answer.text and PASSWORD not in answer.text
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT | {"cookie_check": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/demande")


async def test_an_unknown_period_is_not_found(place: FilePlace) -> None:
    """Neither a period that does not exist nor a draft has pages."""
    await make_period(place.db, id="brouillon", state="draft")
    async with place.browser() as browser:
        for name in ("rien", "brouillon"):
            assert (await browser.get(f"/periodes/{name}/connexion")).status_code == 404


async def test_the_sign_in_says_how_much_time_is_left(place: FilePlace) -> None:
    """Minutes, seconds and the end in Montréal's time are text on the page, before any script runs."""
    await place.call(7, ends=300_000)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/connexion")
    assert answer.status_code == 200
    assert re.search(r"Il vous reste (5 min 00 s|4 min 5\d s) , jusqu’à \d+ h \d\d min \d\d s \(heure de Montréal\)",
                     text_of(answer))  # fmt: skip
    assert 'autocomplete="current-password"' in answer.text and 'autocomplete="username"' in answer.text
    assert_clean(answer)


async def test_the_sign_in_says_that_a_pause_stops_the_clock(place: FilePlace) -> None:
    """While the room is paused no end is announced, because it moves."""
    await place.call(7)
    await set_period(place.db, place.period, paused=True)
    async with place.browser(7) as browser:
        answer = await browser.get(f"{HERE}/connexion")
    assert "votre délai ne s’écoule pas" in text_of(answer)
    assert "jusqu’à" not in text_of(answer)


async def test_signing_in_binds_the_token_and_leads_to_the_review(place: FilePlace) -> None:
    """The token is minted from the ticket, never shown, and belongs to the account that signed in."""
    account = await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/demande")
        assert {"session"} <= set(browser.cookies)
        again = await browser.get(f"{HERE}/connexion")
        assert again.headers["location"] == f"{HERE}/demande"
        review = await browser.get(f"{HERE}/demande")
    t = quota_store.token
    owner = await place.db.read(lambda conn: conn.execute(sa.select(t.c.account).where(t.c.number == 7)))
    assert owner.scalar_one() == account
    assert_clean(review)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("open", "Le délai de votre jeton est dépassé"),
        ("cap_reached", "Toutes les places sont prises"),
        ("closed", "La période est terminée"),
    ],
)
async def test_a_sign_in_after_its_time_says_what_is_left(place: FilePlace, state: str, words: str) -> None:
    """No longer « C’est votre tour »: the time is over, and whether there are places still."""
    await place.person()
    await place.call(7, state="lapsed")
    await set_period(place.db, place.period, state=state, ended_at=None if state == "open" else now_ms())
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
    assert answer.status_code == 410
    assert words in text_of(answer) and "Votre délai est terminé" in text_of(answer)
    assert "C’est votre tour" not in text_of(answer)
    assert_clean(answer)


@pytest.mark.parametrize(
    ("wrong", "status", "field", "sentence"),
    [
        ({"password": "faux"}, 401, "password", "Identifiants inexacts"),
        ({"username": "personne"}, 401, "username", "Identifiants inexacts"),
        ({"answer-2": "Autre chose"}, 401, "answer-1", "Réponses de sécurité inexactes"),
        ({"password": ""}, 422, "password", "Entrez votre mot de passe."),
        ({"username": " "}, 422, "username", "Entrez votre nom d’utilisateur."),
        ({"answer-1": "x" * 1001}, 422, "answer-1", "Ce texte est trop long"),
    ],
)
async def test_a_refused_sign_in_keeps_what_was_typed(
    place: FilePlace, wrong: dict[str, str], status: int, field: str, sentence: str
) -> None:
    """It says what to try, points at the field, keeps everything but the password, and signs nobody in."""
    await place.person()
    await place.call(7)
    typed = RIGHT | wrong
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=typed)
        assert answer.status_code == status
        assert not browser.cookies.get("session")
    assert sentence in text_of(answer)
    assert f'<a href="#{field}">' in answer.text
    assert re.search(
        rf'<input id="{field}"[^>]* aria-invalid="true"[^>]* aria-describedby="[^"]*{field}-error"',
        answer.text,
    )
    assert f'id="answer-2" name="answer-2" type="text" value="{typed["answer-2"]}"' in answer.text
    assert PASSWORD not in answer.text and "faux" not in answer.text
    assert_clean(answer)


async def test_too_many_wrong_tries_say_when_to_come_back(place: FilePlace) -> None:
    """The wait is on the page and in Retry-After; the form stays there to be sent again."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        answers = [
            await browser.post(f"{HERE}/connexion", data=RIGHT | {"password": "faux"}) for _ in range(9)
        ]
    last = answers[-1]
    assert last.status_code == 429
    assert "Vous pouvez réessayer dans" in text_of(last)
    assert int(last.headers["retry-after"]) > 0


async def test_a_telephone_is_told_to_come_back_with_a_computer(place: FilePlace) -> None:
    """The device rule holds at the sign-in too, and the account is untouched (DV-01)."""
    await place.person()
    await place.call(7)
    async with place.browser(7, agent=TELEPHONE) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
    assert answer.status_code == 403
    assert "Cet appareil ne permet pas de présenter une demande" in text_of(answer)


async def test_a_token_that_ends_during_the_sign_in_leads_back_to_the_room(place: FilePlace) -> None:
    """The page says that the time is over, why, and where to go on."""
    await place.person()
    await place.call(7, ends=1000)
    await set_period(place.db, place.period, clock=5000, ticked_at=now_ms())
    async with place.browser(7) as browser:
        answer = await browser.post(f"{HERE}/connexion", data=RIGHT)
    assert answer.status_code == 410
    assert "Votre délai est terminé." in text_of(answer)
    assert f'<a href="{HERE}">Retourner à la page d’attente</a>' in answer.text


async def test_the_review_shows_every_section_and_what_is_missing(place: FilePlace) -> None:
    """What is missing is named and linked to its place in the page; what was filled in is text, never markup."""
    await place.person(without="training.diploma")
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        answer = await browser.get(f"{HERE}/demande")
        refused = await browser.post(f"{HERE}/demande", data=SIGNED)
    seen = text_of(answer)
    assert all(section.title in seen for section in DEMO_FORM.sections)
    assert "Il manque un renseignement" in seen
    assert '<a href="#training.diploma">Formation&nbsp;: Diplôme</a>' in answer.text
    assert 'id="training.diploma"' in answer.text
    assert "<b>" not in answer.text
    assert refused.status_code == 422
    assert "Il manque des renseignements à votre demande" in text_of(refused)
    assert 'value="candidate" checked' in refused.text


@pytest.mark.parametrize(
    ("typed", "kept", "asked"),
    [
        ({}, [], ["candidate", "declaration"]),
        ({"capacity": "lawyer"}, ['value="lawyer" checked'], ["declaration"]),
        ({"declaration": "true"}, ['value="true" checked'], ["candidate"]),
        ({"capacity": "autre", "declaration": "true"}, ['value="true" checked'], ["candidate"]),
    ],
)
async def test_a_missing_signature_costs_nothing(
    place: FilePlace, typed: dict[str, str], kept: list[str], asked: list[str]
) -> None:
    """What was ticked stays ticked, what is missing is asked for, and the next press succeeds."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        answer = await browser.post(f"{HERE}/demande", data=typed)
        assert answer.status_code == 422
        assert re.findall(r'<li><a href="#(\w+)">', answer.text) == asked
        assert answer.text.count(" checked") == len(kept)
        assert all(one in answer.text for one in kept)
        assert (await browser.post(f"{HERE}/demande", data=SIGNED)).status_code == 303


async def test_submitting_again_shows_the_same_receipt(place: FilePlace) -> None:
    """A reload, a second press, a return to the review: all lead to the one receipt (P3)."""
    browser, receipt = await place.submitted()
    async with aclosing(browser):
        again = await browser.post(f"{HERE}/demande", data=SIGNED)
        review = await browser.get(f"{HERE}/demande")
        page = await browser.get(receipt)
    assert again.headers["location"] == review.headers["location"] == receipt
    seen = text_of(page)
    assert receipt.removeprefix("/recus/") in seen
    assert re.search(r"Rang 1 ", seen)
    assert "heure de Montréal" in seen and "À payer au plus tard le" in seen
    assert "Consultation des documents" in seen
    assert_clean(page)


async def test_a_second_application_of_one_account_leads_to_the_first_receipt(place: FilePlace) -> None:
    """The refusal says that the first application stands, and links to its receipt."""
    browser, receipt = await place.submitted()
    await browser.aclose()
    await place.call(8)
    async with place.browser(8) as second:
        answer = await second.post(f"{HERE}/connexion", data=RIGHT)
        assert answer.status_code == 409
        assert f'href="/connexion?suite={receipt}"' in answer.text
        led = await second.post(f"/connexion?suite={receipt}", data=RIGHT)
        assert led.headers["location"] == receipt


async def test_a_session_that_ended_leads_back_to_the_sign_in(place: FilePlace) -> None:
    """Signed out in another tab, the review and its button lead to the sign-in, not to an error."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        await browser.post("/deconnexion")
        answer = await browser.get(f"{HERE}/demande")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/connexion")
        answer = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{HERE}/connexion?note=fin")
        assert "Votre session a pris fin" in text_of(await browser.get(answer.headers["location"]))


async def test_a_session_that_lives_is_asked_for_everything_again(place: FilePlace) -> None:
    """Signed in to follow a file, and called: neither the review nor its button takes that for a signature; the page
    says why, and asks for user name, password and answers (AC-05)."""
    await place.person()
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post("/connexion", data=RIGHT)
        assert (await browser.get(f"{HERE}/demande")).headers["location"] == f"{HERE}/connexion"
        sent = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert (sent.status_code, sent.headers["location"]) == (303, f"{HERE}/connexion?note=tour")
        asked = await browser.get(f"{HERE}/connexion")
        assert "tous vos renseignements sont demandés de nouveau" in text_of(asked)
        assert (await browser.post(f"{HERE}/connexion", data=RIGHT)).headers["location"] == f"{HERE}/demande"
        assert (await browser.post(f"{HERE}/demande", data=SIGNED)).headers["location"].startswith("/recus/")


async def test_another_account_cannot_submit_with_this_token(place: FilePlace) -> None:
    """X signs in elsewhere in the browser that Y's token is in: the review asks for Y, the button is refused (P5)."""
    await place.person()
    await place.person("xavier")
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        await browser.post("/connexion", data=RIGHT | {"username": "xavier"})
        assert (await browser.get(f"{HERE}/demande")).headers["location"] == f"{HERE}/connexion"
        answer = await browser.post(f"{HERE}/demande", data=SIGNED)
    assert answer.status_code == 409
    assert "Ce jeton est à un autre compte" in text_of(answer)


async def test_a_second_tab_s_session_is_named_and_the_first_account_goes_on(place: FilePlace) -> None:
    """The page of the token's own account says who is signed in here, keeps the way open, and submits afterwards."""
    await place.person()
    await place.person("xavier")
    await place.call(7)
    async with place.browser(7) as browser:
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        await browser.post("/connexion", data=RIGHT | {"username": "xavier"})  # in another tab
        refused = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert refused.status_code == 409
        seen = text_of(refused)
        assert "Ce navigateur est connecté avec le compte « xavier »." in seen
        assert "Connectez-vous de nouveau avec le compte qui a commencé cette demande" in seen
        assert f'action="{HERE}/connexion"' in refused.text
        assert_clean(refused)
        shown = await browser.get((await browser.get(f"{HERE}/demande")).headers["location"])
        assert "Ce navigateur est connecté avec le compte « xavier ». Le jeton" in text_of(shown)
        await browser.post(f"{HERE}/connexion", data=RIGHT)
        assert (await browser.post(f"{HERE}/demande", data=SIGNED)).headers["location"].startswith("/recus/")
        await browser.post("/connexion", data=RIGHT | {"username": "xavier"})
        refused = await browser.post(f"{HERE}/demande", data=SIGNED)
        assert refused.status_code == 409
        assert "« xavier »" in text_of(refused) and "un autre compte a soumis la sienne" in text_of(refused)
