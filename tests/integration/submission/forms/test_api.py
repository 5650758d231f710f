"""The public calls of programmes and their forms."""

from typing import Any

import httpx
from starlette.applications import Starlette

from config.assets import renderer
from config.processes.embedded import Valkey
from config.settings import PROGRAMMES
from foundation.sql.database import Database
from quota.programmes import load_all
from server.problems import Problems
from submission.forms.api import FormsApi
from submission.forms.files import Forms, load_forms
from tests.support.rooms import hall, make_period

KNOWN = load_all(PROGRAMMES)

FORMS = load_forms(PROGRAMMES / "forms", KNOWN)


async def asked(db: Database, valkey: Valkey, path: str, forms: Forms = FORMS) -> httpx.Response:
    problems = Problems("http://guichet.test", renderer())
    async with hall(db, valkey.url) as h:
        routes = [*FormsApi(KNOWN, forms, h.room.periods).routes(), *problems.routes()]
        app = Starlette(routes=routes, exception_handlers=problems.handlers())
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://guichet.test") as client:
            return await client.get(f"/api/v1/programmes{path}")


async def test_programmes_say_what_can_be_applied_for(database: Database, valkey: Valkey) -> None:
    """With the state of registration, the version of the form, and the public periods alone."""
    await make_period(database, id="juin")
    await make_period(database, id="brouillon", state="draft", ordinal=2)
    listed = (await asked(database, valkey, "")).json()
    assert {one["id"] for one in listed} == set(KNOWN)
    found: dict[str, Any] = (await asked(database, valkey, "/demo")).json()
    assert found in listed
    assert (found["form_version"], found["periods"]) == ("1", ["juin"])
    assert set(found["registration"]) == {"state", "opens_at", "closes_at", "note"}
    without = (await asked(database, valkey, "/demo", Forms([]))).json()
    assert without["form_version"] is None


async def test_a_form_is_shown_with_its_conditions(database: Database, valkey: Valkey) -> None:
    """As a program needs it to ask the same questions."""
    answer = await asked(database, valkey, "/prtq-2016/form")
    shown = answer.json()
    assert (shown["version"], shown["sample"]) == ("1", True)
    sections = {one["id"]: one for one in shown["sections"]}
    assert sections["children"]["repeats"] == {"name": "Enfant", "least": 1, "most": 12}
    assert sections["spouse"]["when"]["is"] == "one_of"
    fields = {one["id"]: one for one in sections["identity"]["fields"]}
    assert fields["sex"]["options"][0] == {"id": "f", "label": "Féminin"}
    assert (fields["given_name"]["required"], fields["given_name"]["required_when"]["is"]) == (False, "not")
    assert all(field["help"] for section in shown["sections"] for field in section["fields"])
    assert (await asked(database, valkey, "/prtq-2016/form?version=1")).json() == shown


async def test_what_is_not_there_is_not_found(database: Database, valkey: Valkey) -> None:
    """No such programme, version, or form."""
    for path in ("/nowhere", "/nowhere/form", "/demo/form?version=99", "/demo/form?version=%00"):
        answer = await asked(database, valkey, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await asked(database, valkey, "/demo/form", Forms([]))).status_code == 404
