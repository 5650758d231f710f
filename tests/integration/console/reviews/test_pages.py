"""`/agent/verifications`."""

from accounts.roles import Role
from console.reviews.pages import HOME
from tests.integration.console.reviews.conftest import ReviewPlace
from tests.support.candidates.alike import pair


async def test_a_case_is_decided_by_buttons(reviews: ReviewPlace) -> None:
    """From the queue to the case, with both records, to the decision and back."""
    _, _, review = await pair(reviews.desk, passport="CD7654321")
    agent = await reviews.staff("lucie", Role.AGENT)
    queue = (await agent.get(HOME)).text
    assert f'href="{HOME}/{review.id}"' in queue
    assert "Diaye" not in queue
    case = (await agent.get(f"{HOME}/{review.id}")).text
    for said in ("N’Diaye", "AB1234567", "CD7654321", "Mêmes noms", "Compte A", "Compte B"):
        assert said in case
    typed = {"act": "confirm", "version": "1", "reason": "Mêmes pièces."}
    there = await agent.post(f"{HOME}/{review.id}", data=typed)
    assert (there.status_code, there.headers["location"]) == (303, f"{HOME}/{review.id}?fait=confirm")
    after = (await agent.get(there.headers["location"])).text
    assert "Votre décision est prise" in after
    assert "Annuler la décision" in after


async def test_a_refused_decision_answers_the_case_with_what_was_typed(reviews: ReviewPlace) -> None:
    """Without a reason, or when somebody was quicker; a made-up act does not exist."""
    _, _, review = await pair(reviews.desk, passport="CD7654321")
    agent = await reviews.staff("lucie", Role.AGENT)
    page = await agent.post(f"{HOME}/{review.id}", data={"act": "confirm", "version": "1", "reason": " "})
    assert page.status_code == 422
    assert 'role="alert"' in page.text and 'href="#reason"' in page.text
    typed = {"act": "dismiss", "version": "7", "reason": "Deux <b>personnes</b>."}
    page = await agent.post(f"{HOME}/{review.id}", data=typed)
    assert page.status_code == 409
    assert "Deux &lt;b&gt;personnes&lt;/b&gt;." in page.text
    assert (await agent.post(f"{HOME}/{review.id}", data={"act": "x"})).status_code == 404
    assert (await agent.get(f"{HOME}/nul")).status_code == 404


async def test_who_is_not_signed_in_is_led_to_the_sign_in(reviews: ReviewPlace) -> None:
    """And back afterwards."""
    answer = await reviews.nobody().get(HOME)
    assert answer.headers["location"] == f"/personnel?note=avant&suite={HOME}"
