"""One item, the pen and what goes back."""

from casework.files.numbers import file_number
from foundation.clock import now_ms
from tests.integration.console.mailroom.conftest import ONE_STORE, MailroomPlace
from tests.support.candidates.page_checks import text_of
from tests.support.casework.mail import CLAIRE, day, entered, typed

PAGE = "/personnel/courrier"

pytestmark = ONE_STORE


async def test_from_the_pen_to_a_file(mail: MailroomPlace) -> None:
    """Compared, confirmed, and undone on the same day by its author alone."""
    item = await entered(mail.place.db, typed(file_number(2)[:-1] + "?", keep="1"), by=CLAIRE)
    one = f"{PAGE}/pieces/{item.id}"
    page = await mail.clerk.get(one)
    assert file_number(2) in text_of(page) and "50 points" in text_of(page)
    shown = await mail.clerk.post(f"{one}/apercu", data={"number": file_number(2)})
    assert "Rapprocher de ce dossier" in shown.text
    seen = shown.text.split('name="seen" value="')[1].split('"')[0]
    stale = await mail.clerk.post(
        f"{one}/rapprocher", data={"number": file_number(1), "seen": seen, "told": "Autre."}
    )
    assert stale.status_code == 409 and "Autre." in text_of(stale)
    done = await mail.clerk.post(f"{one}/rapprocher", data={"number": file_number(2), "seen": seen})
    assert done.headers["location"] == f"{one}?note=rapprocher"
    assert "rapprochée du dossier" in text_of(await mail.clerk.get(done.headers["location"]))
    assert "Annuler l’inscription</button>" not in (await mail.other.get(one)).text
    refused = await mail.other.post(f"{one}/annuler", data={"reason": "erreur"})
    assert refused.status_code == 409
    empty = await mail.clerk.post(f"{one}/annuler", data={"reason": ""})
    assert empty.status_code == 422 and 'href="#annuler-reason"' in empty.text
    assert (await mail.clerk.post(f"{one}/annuler", data={"reason": "erreur"})).status_code == 303
    assert "Inscription annulée" in text_of(await mail.clerk.get(one))


async def test_set_aside_and_sent(mail: MailroomPlace) -> None:
    """The wrong day stays in the form."""
    item = await entered(mail.place.db, typed("?", keep="1"))
    one = f"{PAGE}/pieces/{item.id}"
    assert (await mail.clerk.post(f"{one}/mettre-de-cote", data={"reason": "Illisible."})).status_code == 303
    assert "À retourner" in text_of(await mail.clerk.get(f"{PAGE}/retours"))
    wrong = await mail.clerk.post(f"{one}/retourner", data={"tracking": "RN123", "sent_on": "2026-02-30"})
    assert wrong.status_code == 422 and "2026-02-30" in wrong.text and "RN123" in wrong.text
    assert (
        await mail.clerk.post(f"{one}/retourner", data={"tracking": "RN123", "sent_on": day()})
    ).status_code == 303
    assert "suivi RN123" in text_of(await mail.clerk.get(one))


async def test_an_unknown_item_is_not_found(mail: MailroomPlace) -> None:
    """The same for each, in every act."""
    for id in ("99", "0", "-1", "x", "9" * 40, "²"):
        await not_found(mail, id)


async def not_found(mail: MailroomPlace, id: str) -> None:
    assert (await mail.clerk.get(f"{PAGE}/pieces/{id}")).status_code == 404
    for act in ("apercu", "rapprocher", "annuler", "mettre-de-cote", "retourner"):
        data = {"reason": "r", "tracking": "t", "sent_on": day(), "number": file_number(1)}
        assert (await mail.clerk.post(f"{PAGE}/pieces/{id}/{act}", data=data)).status_code == 404


async def test_put_right_by_two(mail: MailroomPlace) -> None:
    """One proposes, with why; what changes is shown to the other one, who confirms; a letter is there to be printed."""
    item = await entered(mail.place.db, typed(file_number(1), received_on=day(1)), now=now_ms() - 86_400_000)
    one = f"{PAGE}/pieces/{item.id}"
    wrong = await mail.clerk.post(f"{one}/corriger", data={"received_on": "2026-02-30", "reason": ""})
    assert wrong.status_code == 422 and "2026-02-30" in wrong.text and 'href="#corriger-reason"' in wrong.text
    done = await mail.clerk.post(f"{one}/corriger", data={"received_on": day(3), "reason": "Mal lu."})
    assert done.headers["location"] == f"{one}?note=corriger"
    assert "Confirmer la correction" not in (await mail.clerk.get(one)).text
    page = await mail.other.get(one)
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    assert "Rien d’autre que la date ne change" in text_of(page)
    assert (await mail.clerk.post(f"{one}/confirmer", data={"seen": seen})).status_code == 409
    assert (await mail.other.post(f"{one}/confirmer", data={"seen": seen})).status_code == 303
    assert "Date corrigée par deux personnes : Mal lu." in text_of(await mail.clerk.get(one)).replace(
        "\xa0", " "
    )
    letter = await mail.clerk.get(f"{one}/lettre.pdf")
    assert letter.content.startswith(b"%PDF")
    assert (await mail.clerk.post(f"{one}/laisser", data={})).status_code == 404
