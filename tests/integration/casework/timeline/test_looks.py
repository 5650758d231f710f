"""« Qui a consulté votre dossier »: to its owner alone, at any hour."""

from contextlib import aclosing

from starlette.applications import Starlette

from accounts.pages import SignInPages
from accounts.store import ACCOUNT
from casework.pages import DESTINATIONS
from casework.timeline.looks import LooksPages
from config.assets import renderer
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from server.problems import Problems
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.page_checks import assert_sound, text_of


async def test_the_owner_sees_who_looked(database: Database) -> None:
    """By role and never by name; whoever is not signed in is led to the sign-in and back."""
    async with file_place(database) as place:
        sign_in = SignInPages(
            place.desk.accounts, renderer(), Problems("http://guichet.test", renderer()).tell, DESTINATIONS
        )
        assert isinstance(place.app, Starlette)
        place.app.router.routes[:0] = LooksPages(sign_in, renderer()).routes()
        account = await place.person("anne")
        async with aclosing(place.browser()) as browser:
            away = await browser.get("/compte/consultations")
            assert away.headers["location"] == "/connexion?suite=/compte/consultations"
            await browser.post("/connexion", data=RIGHT)
            nobody = await browser.get("/compte/consultations")
            assert "Personne" in text_of(nobody)
            agent, subject = Actor("lucie-tremblay", "agent"), Subject.row(ACCOUNT, account)
            await database.write(lambda conn: audit.record(conn, agent, audit.LOOK, subject, now_ms()))
            page = await browser.get("/compte/consultations")
        assert_sound(page)
        assert "Dossier consulté – Agente ou agent" in text_of(page) and "lucie" not in page.text
