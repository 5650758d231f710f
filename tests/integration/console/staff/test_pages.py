"""The staff's common pages: signing in, and the pages of one's roles."""

from accounts import staff
from accounts.roles import Role
from console.staff.pages import safe
from foundation.audit import Actor
from foundation.clock import now_ms
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.candidates.page_checks import text_of


async def test_the_sign_in_leads_to_the_page_that_was_wanted(place: ConsolePlace) -> None:
    """Whoever comes to a page of the staff signs in first, and is there; else on their list of pages."""
    browser = await place.staff("lucie", Role.CLERK)
    await browser.post("/personnel/deconnexion")
    page = await browser.get("/personnel?note=avant&suite=/agent/demandes")
    assert 'value="/agent/demandes"' in page.text and "Connectez-vous pour ouvrir cette page" in page.text
    typed = {"username": "lucie", "password": SECRET, "suite": "/agent/demandes", "cookie_check": "1"}
    there = await browser.post("/personnel/connexion", data=typed)
    assert (there.status_code, there.headers["location"]) == (303, "/agent/demandes")
    there = await browser.post("/personnel/connexion", data=typed | {"suite": "https://example.org/"})
    assert there.headers["location"] == "/personnel", "a clerk has several pages"


async def test_a_wrong_password_keeps_the_name(place: ConsolePlace) -> None:
    """The refusal is above the form, the name is kept and the password is not."""
    await place.nobody.get("/personnel")
    typed = {"username": "agnes", "password": "un-faux-mot", "cookie_check": "1"}
    page = await place.nobody.post("/personnel/connexion", data=typed)
    assert page.status_code == 401 and "un-faux-mot" not in page.text
    assert 'value="agnes"' in page.text and 'role="alert"' in page.text


async def test_everybody_sees_the_pages_of_their_roles(place: ConsolePlace) -> None:
    """An agent has the files, an operator the day, somebody of both has both; the page ends the session too."""
    agent = await place.staff("lucie", Role.AGENT)
    page = (await agent.get("/personnel")).text
    assert 'href="/agent"' in page and 'href="/operateur"' not in page
    both = await place.staff("marc", Role.AGENT, Role.OPERATOR)
    page = (await both.get("/personnel")).text
    assert 'href="/agent"' in page and 'href="/operateur"' in page
    gone = await agent.post("/personnel/deconnexion")
    assert gone.headers["location"] == "/personnel?note=fin"
    assert "Vous êtes maintenant déconnecté" in (await agent.get("/personnel?note=fin")).text


async def test_whose_access_others_changed_is_told_first(place: ConsolePlace) -> None:
    """Also somebody with one page, who would be led to it, and an operator on the day's page."""
    vera = await place.staff("vera", Role.APPROVER)
    await vera.get("/personnel")
    typed = {"username": "vera", "password": SECRET, "cookie_check": "1"}
    by = Actor("ada", "administrator")
    for name in ("vera", "agnes"):
        await place.db.write(lambda conn, name=name: staff.grant_role(conn, name, Role.CLERK, now_ms(), by))  # type: ignore[misc]
        await place.db.write(lambda conn, name=name: staff.end_role(conn, name, Role.CLERK, now_ms(), by))  # type: ignore[misc]
    led = await vera.post("/personnel/connexion", data=typed)
    assert led.headers["location"] == "/personnel"
    for page in (await vera.get("/personnel"), await place.operator.get("/operateur")):
        told = text_of(page)
        assert "Une autre personne a changé votre accès" in told
        assert "Rôle retiré; Rôles : de " in told and "Commis au courrier" in told, told
    await vera.aclose()


def test_a_sign_in_leads_nowhere_else() -> None:
    """Only addresses of the staff, whole: no other host, no query, no step up."""
    for good in (
        "/agent",
        "/agent/dossiers/12",
        "/agent/etude/D-0000001-95/liste",
        "/personnel",
        "/operateur",
    ):
        assert safe(good) == good
    for bad in (
        "//evil.example",
        "/agent//evil",
        "/agent?x=1",
        "https://x",
        "/compte",
        "/agentx",
        "/agent/..",
        "",
    ):
        assert safe(bad) == "", bad


async def test_what_was_typed_outlives_the_session(place: ConsolePlace) -> None:
    """A form that comes too late does nothing, keeps every text, and is sent again by a button (P12)."""
    await place.staff("lucie", Role.AGENT)
    typed = {
        "act": "accept",
        "version": "1",
        "reason": "Numéro vérifié <b>au registre.",
        "password": "secret-ici",
    }
    page = await place.nobody.post("/agent/demandes/1", data=typed)
    assert page.status_code == 401 and 'action="/agent/demandes/1"' in page.text
    assert "Numéro vérifié &lt;b&gt;au registre." in page.text and 'name="act" value="accept"' in page.text
    assert "secret-ici" not in page.text and "WWW-Authenticate" in page.headers
