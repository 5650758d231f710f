"""`/personnel/courrier` as a clerk's browser without scripts sees it."""

import re
from itertools import cycle, product

import httpx

from casework.files.numbers import file_number
from casework.files.states import FileEventKind
from casework.mailroom.entries import TypedMail
from config.demo.people import identity_of, invented_content
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.candidates.page_checks import text_of
from tests.support.casework.file_events import happened
from tests.support.casework.mail import PROGRAMME, day, indexed

PAGE = "/personnel/courrier"

pytestmark = ONE_STORE

WHO = identity_of(invented_content("essai", 1))


def entry(**changed: str) -> dict[str, str]:
    """A form as it is typed."""
    return {"number": file_number(1), "kind": "other", "received_on": day(2), "note": "deux photos"} | changed


def hidden(page: httpx.Response) -> dict[str, str]:
    """What the first form of a preview carries on."""
    form = page.text[page.text.index('action="/personnel/courrier/inscrire"') :]
    form = form[: form.index("</form>")]
    found = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', form)
    return {name: value.replace("&#39;", "'").replace("&#34;", '"') for name, value in found}


async def test_typed_shown_and_entered(mail: MailroomPlace) -> None:
    """Who, programme and status stand before the act; afterwards the form is empty, and knows the day."""
    first = await mail.clerk.get(PAGE)
    assert 'id="number"' in first.text and "autofocus" in first.text and f'value="{day()}"' in first.text
    shown = await mail.clerk.post(f"{PAGE}/apercu", data=entry())
    said = text_of(shown)
    assert WHO.full_name in said and PROGRAMME in said and "en attente du paiement" in said
    assert shown.status_code == 200 and "La pièce est inscrite au dossier" in said
    done = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))
    assert done.status_code == 303 and done.headers["location"] == f"{PAGE}?jour={day(2)}&piece=1"
    page = await mail.clerk.get(done.headers["location"])
    assert f'value="{day(2)}"' in page.text and "inscrite (autre). État : accepté." in text_of(page).replace(
        "\u00a0", " "
    )
    assert "deux photos" not in page.text and WHO.full_name not in page.text
    again = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))
    assert again.headers["location"] == done.headers["location"]
    assert ("claire", "submission:1") in await mail.acts("look")


async def test_a_wrong_form_comes_back_as_it_was_typed(mail: MailroomPlace) -> None:
    """Every field keeps its text, whatever it is, and each fault stands beside its field."""
    wrong = entry(
        number="D-0000001-99", kind="colis", received_on="2026-02-30", note="<b>x", postmarked_on="hier"
    )
    page = await mail.clerk.post(f"{PAGE}/apercu", data=wrong)
    assert page.status_code == 422
    assert all(f'href="#{name}"' in page.text for name in ("kind", "received_on", "postmarked_on"))
    assert "2026-02-30" in page.text and "&lt;b&gt;x" in page.text and "<b>x" not in page.text
    one = await mail.clerk.post(f"{PAGE}/apercu", data=entry(number="D-0000001-99"))
    assert one.status_code == 422 and "Vérifiez le numéro" in text_of(one) and WHO.full_name not in one.text
    back = await mail.clerk.post(f"{PAGE}/corriger", data=entry(note="à corriger"))
    assert back.status_code == 200 and "à corriger" in back.text


async def test_what_changed_since_is_shown_and_not_entered(mail: MailroomPlace) -> None:
    """The preview comes again; confirmed now, it is entered."""
    await mail.clerk.post(
        f"{PAGE}/inscrire", data=hidden(await mail.clerk.post(f"{PAGE}/apercu", data=entry()))
    )
    shown = await mail.clerk.post(f"{PAGE}/apercu", data=entry(received_on=day(1)))
    await happened(mail.place.db, 1, FileEventKind.PAID)
    stale = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))
    assert stale.status_code == 409 and "Payée, dossier ouvert" in text_of(stale)
    done = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(stale))
    assert done.status_code == 303
    twice = await mail.clerk.post(f"{PAGE}/apercu", data=entry(received_on=day(1)))
    assert "Déjà inscrite" in text_of(twice)
    refused = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(twice) | {"reason": ""})
    assert refused.status_code == 422 and 'href="#reason"' in refused.text
    done = await mail.clerk.post(
        f"{PAGE}/inscrire", data=hidden(refused) | {"reason": "Une seconde enveloppe."}
    )
    assert done.status_code == 303


async def test_kept_in_the_pen_with_guesses(mail: MailroomPlace) -> None:
    """A digit that cannot be read names the file; it is a person who says so."""
    number = file_number(2)[:-1] + "?"
    page = await mail.clerk.post(f"{PAGE}/apercu", data=entry(number=number))
    assert page.status_code == 422 and 'name="keep"' in page.text
    shown = await mail.clerk.post(f"{PAGE}/apercu", data=entry(number=number, keep="1"))
    assert file_number(2) in text_of(shown) and "tout ce qui se lit est pareil" in text_of(shown)
    done = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))
    assert done.status_code == 303
    assert "Reçu, sans dossier" in text_of(await mail.clerk.get(f"{PAGE}/attente"))


async def test_a_person_is_searched_by_name(mail: MailroomPlace) -> None:
    """Names are in no address; each that is shown is a look."""
    await indexed(mail.place.db, 1, WHO)
    assert (await mail.clerk.get(f"{PAGE}/recherche")).status_code == 200
    page = await mail.clerk.post(
        f"{PAGE}/recherche", data={"name": WHO.full_name, "birth_date": WHO.birth_date}
    )
    assert f"{PAGE}?dossier={file_number(1)}" in page.text
    assert ("claire", "submission:1") in await mail.acts("look")
    wrong = await mail.clerk.post(f"{PAGE}/recherche", data={"name": "<i>", "birth_date": "x"})
    assert wrong.status_code == 422 and "&lt;i&gt;" in wrong.text


ODD = (
    "",
    "\x00",
    "'\"><script>",
    "٣",
    "D-" + "9" * 400,
    "2026-11-31",
    "😀" * 600,
    "%s",
    "../..",
    "-1",
    "1e9",
    "NaN",
)


FIELDS = (*TypedMail.__struct_fields__, "key", "seen", "told")


async def test_nothing_typed_is_an_error_of_ours(mail: MailroomPlace) -> None:
    """Whatever stands in a field: a page with a sentence, never a 5xx, and nothing that runs."""
    paths = cycle(("apercu", "inscrire", "apercu", "corriger"))
    for field, odd in product(FIELDS, ODD):
        page = await mail.clerk.post(f"{PAGE}/{next(paths)}", data=entry(key="k" * 20) | {field: odd})
        assert page.status_code in {200, 303, 409, 422}, (field, odd, page.status_code)
        assert "<script>" not in page.text


async def test_what_is_not_fit_goes_back_with_why(mail: MailroomPlace) -> None:
    """From the preview, shown once more before it is confirmed."""
    shown = await mail.clerk.post(f"{PAGE}/apercu", data=entry(refuse="Non signée."))
    assert "Non signée." in text_of(shown) and "À retourner" in text_of(shown)
    assert (await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))).status_code == 303
    assert f"{PAGE}/pieces/1" in (await mail.clerk.get(f"{PAGE}/retours")).text


async def test_a_withdrawal_is_shown_signed_entered_and_undone(mail: MailroomPlace) -> None:
    """Who signed is asked beside its field; the preview says when it takes effect; on its day it is undone."""
    first = await mail.clerk.get(PAGE)
    assert "Retrait de la demande" in text_of(first) and "Lettre de retrait signée par" in text_of(first)
    nobody = await mail.clerk.post(f"{PAGE}/apercu", data=entry(kind="withdrawal"))
    assert nobody.status_code == 422 and 'href="#capacity"' in nobody.text
    shown = await mail.clerk.post(f"{PAGE}/apercu", data=entry(kind="withdrawal", capacity="candidate"))
    said = text_of(shown)
    for words in ("à la fin du jour", "Un retrait ne se défait pas", "Lettre signée par", "Aucuns frais"):
        assert words in said
    done = await mail.clerk.post(f"{PAGE}/inscrire", data=hidden(shown))
    assert done.status_code == 303
    item = await mail.clerk.get(f"{PAGE}/pieces/1")
    assert "La demande n’est pas retirée" in text_of(item) and "La candidate ou le candidat" in text_of(item)
    undone = await mail.clerk.post(f"{PAGE}/pieces/1/annuler", data={"reason": "mauvais dossier"})
    assert undone.status_code == 303
    assert "Inscription annulée" in text_of(await mail.clerk.get(f"{PAGE}/pieces/1"))
