"""The queue of claims: the proof, a decision with a reason, and a colleague who was faster."""

import sqlalchemy as sa

from accounts.personal_data.fields import EMAIL
from casework import documents
from console.agents.claims_pages import after_in, state_in
from foundation.mail.store import mail
from submission.exempt import claims
from submission.exempt.states import ExemptClaimAct, ExemptClaimState
from tests.integration.console.agents.desk import agent
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.exempt import decide, declare
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.desks import PERSONAL, make_account


async def test_a_claim_is_decided_with_a_reason_and_a_letter(place: ConsolePlace) -> None:
    """The page shows the proof; the decision files its letter and posts a mail in the same transaction."""
    address = PERSONAL.seal("essai-00001", EMAIL, "anne@exemple.invalid")
    account = await make_account(place.desk, email=address)
    claim = await declare(place.desk, account, "VEO-2016-77")
    lucie = await agent(place)
    assert "À vérifier : 1" in text_of(await lucie.get("/agent/demandes"))
    page = await lucie.get(f"/agent/demandes/{claim.id}")
    assert_sound(page)
    assert "VEO-2016-77" in page.text and "Non" in text_of(page)
    typed = {"act": "accept", "version": "1", "reason": ""}
    wrong = await lucie.post(f"/agent/demandes/{claim.id}", data=typed)
    assert wrong.status_code == 422 and 'href="#reason"' in wrong.text
    done = await lucie.post(f"/agent/demandes/{claim.id}", data=typed | {"reason": "Numéro vérifié."})
    assert done.headers["location"] == "/agent/demandes?fait=decision"
    assert "La décision est enregistrée" in (await lucie.get(done.headers["location"])).text
    (letter,) = await place.db.read(lambda conn: documents.of_account(conn, account))
    assert letter.title == "Décision sur votre accès à un volet"
    (posted,) = await place.db.read(lambda conn: conn.execute(sa.select(mail.c.kind, mail.c.title)))
    assert posted.kind == "claim_decided"
    looks = [detail for actor, act, detail in await place.audit() if (actor, act) == ("lucie", "look")]
    assert looks == [{"page": "demande d’accès"}] * 2


async def test_a_colleague_was_faster(place: ConsolePlace) -> None:
    """409, the claim as it is now, and the reason that was typed is still in the form."""
    claim = await declare(place.desk, await make_account(place.desk))
    lucie = await agent(place)
    await decide(place.desk, claim, ExemptClaimAct.REFUSE, "marc")
    typed = {"act": "accept", "version": "1", "reason": "Numéro vérifié au registre."}
    page = await lucie.post(f"/agent/demandes/{claim.id}", data=typed)
    assert page.status_code == 409 and "Numéro vérifié au registre." in page.text
    assert "Refusée" in text_of(page) and "marc" in text_of(page)
    after = await place.db.read(lambda conn: claims.find(conn, claim.id))
    assert (after.state, after.decided_by) == ("refused", "marc")


async def test_nonsense_is_not_found(place: ConsolePlace) -> None:
    """A claim that there is not, an act that is nobody's decision, a version that is no number."""
    claim = await declare(place.desk, await make_account(place.desk))
    lucie = await agent(place)
    assert (await lucie.get("/agent/demandes/999")).status_code == 404
    for typed in ({"act": "submit", "version": "1"}, {"act": "accept", "version": "x"}, {}):
        assert (await lucie.post(f"/agent/demandes/{claim.id}", data=typed)).status_code == 404


def test_addresses_of_the_queue() -> None:
    """Whatever stands there is a state, and a place to go on from."""
    assert (state_in("used"), state_in("x")) == (ExemptClaimState.USED, ExemptClaimState.DECLARED)
    assert (after_in("12-3"), after_in("-"), after_in("a-b"), after_in("9" * 40 + "-1")) == (
        (12, 3), (0, 0), (0, 0), (0, 0)
    )  # fmt: skip
