"""A text that came without its session: on the screen, as text, and sent again from there. The pages that keep one have
their own tests (`casework/checklists`, `submission/near_duplicates`)."""

from accounts.visits import form_owner
from accounts.visits.text_kept import KeptText, of_another, text_kept
from config.assets import renderer
from foundation.errors import Code, Refusal
from server.problems import Problems
from server.requests import Incoming

KEPT = KeptText(
    page="/compte/decisions", heading="Vérifications", label="Vos observations", name="text",
    text="</textarea><script>", press="Envoyer", others={"review": "\"><b>"},
)  # fmt: skip


def page(refusal: Refusal) -> tuple[int, str]:
    answer = text_kept(
        renderer(), Problems("http://guichet.test").tell, Incoming({}, headers={}), refusal, KEPT
    )
    return answer.status_code, bytes(answer.body).decode()


def test_nothing_of_a_text_is_markup() -> None:
    """Neither of the text nor of what goes beside it."""
    status, text = page(Refusal(Code.SESSION_ENDED))
    assert status == 401 and "<script>" not in text.split("<main", 1)[1].split("</main", 1)[0]
    assert "&lt;/textarea&gt;" in text and "<b>" not in text and "note=fin" in text


def test_a_text_about_what_is_another_accounts_says_so() -> None:
    """With who is signed in here, and the way to the other account."""
    refusal = of_another("xavier")
    status, text = page(refusal)
    assert form_owner.is_anothers(refusal) and status == 401
    assert "xavier" in text and "compte=autre" in text and "note=fin" not in text
