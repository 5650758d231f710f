"""`/dossiers/{number}/modifications/{serial}/abandon`, without scripts: what it means, then done once."""

from casework.payments.card import charges
from casework.payments.supplements import rows
from foundation.clock import now_ms
from tests.integration.casework.amendments.conftest import AmendedPlace, with_fee
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.casework.supplements import EXTRA, supplements_of


async def test_shown_then_done_and_the_list_says_it(amended: AmendedPlace) -> None:
    await with_fee(amended)
    page, here = await amended.browser.get(amended.here), f"{amended.here}/1/abandon"
    assert f'href="{here}"' in page.text
    asked = await amended.browser.get(here)
    assert_clean(asked)
    said = text_of(asked)
    assert "Rien n’est encore fait" in said and "176,00 $ ne sont plus à payer" in said
    assert "carte" not in said
    assert [one.state for one in await supplements_of(amended.db)] == ["awaited"]
    for _ in range(2):
        done = await amended.browser.post(here)
        assert (done.status_code, done.headers["location"]) == (303, f"{amended.here}?abandonnee=1")
    listed = text_of(await amended.browser.get(done.headers["location"]))
    assert "La modification est abandonnée" in listed and "Abandonnée, sans effet" in listed
    assert "Des frais sont à payer" not in listed
    again = await amended.browser.get(here)
    assert_clean(again)
    assert "ne peut pas être abandonnée" in text_of(again)


async def test_a_card_that_is_being_charged_is_said(amended: AmendedPlace) -> None:
    await with_fee(amended)
    now = now_ms()
    await amended.db.write(
        lambda conn: charges.begin(conn, 1, "sandbox", EXTRA, now + 3_600_000, "anne", now)
    )
    assert "Un paiement par carte est commencé" in text_of(
        await amended.browser.get(f"{amended.here}/1/abandon")
    )


async def test_what_was_paid_meanwhile_is_refused_on_the_page(amended: AmendedPlace) -> None:
    await with_fee(amended)
    (one,) = await supplements_of(amended.db)
    await amended.db.write(lambda conn: rows.mark(conn, one, paid_at=now_ms()))
    no = await amended.browser.post(f"{amended.here}/1/abandon")
    assert no.status_code == 409 and "Les frais sont déjà payés" in text_of(no)


async def test_for_nobody_else_and_for_what_costs_nothing(amended: AmendedPlace) -> None:
    assert (await amended.browser.get(f"{amended.here}/1/abandon")).status_code == 404
    assert (await amended.browser.post(f"{amended.here}/x/abandon")).status_code == 404
    await with_fee(amended)
    async with amended.place.browser() as nobody:
        asked = await nobody.get(f"{amended.here}/1/abandon")
    assert asked.status_code in {302, 303} and "/connexion" in asked.headers["location"]
