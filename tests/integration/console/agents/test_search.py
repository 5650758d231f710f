"""Looking for a file: four ways, a few results, nothing of the person, on the record without what was typed."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import Identity
from accounts.linkage import blocking, keys
from accounts.linkage.comparison import PersonRecord
from accounts.linkage.store import linkage_block
from console.agents import search
from foundation.clock import now_ms
from tests.integration.console.agents.desk import agent
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.exempt import accepted_claim, submit_outside
from tests.support.desks import PERSONAL, make_account, sign_in
from tests.support.rooms import KEYS

ANNE = Identity(family_name="Côté-Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1234")

FORM = {"by": "receipt", "text": "", "birth_date": "", "reason": "Appel de la personne."}


async def index(place: ConsolePlace, account: int, identity: Identity) -> None:
    """The blocking keys of an account, as record linkage writes them."""

    async def write(conn: AsyncConnection) -> None:
        key = await keys.open_key(conn, keys.cipher(KEYS), now_ms())
        digests = key.digests(blocking.keys_of(PersonRecord(identity=identity)))
        rows = [{"record_kind": "account", "record": account, "digest": one} for one in digests]
        await conn.execute(sa.insert(linkage_block), rows)

    await place.db.write(write)


async def test_each_way_finds_the_account(place: ConsolePlace) -> None:
    """A receipt however it is typed, a user name, an address, a name with a date of birth."""
    account = await make_account(
        place.desk, identity=ANNE, email_key=PERSONAL.emails.stored("anne@exemple.invalid")
    )
    await index(place, account, ANNE)
    await accepted_claim(place.desk, account)
    receipt = (await submit_outside(place.desk, await sign_in(place.desk))).receipt
    lucie = await agent(place)
    for by, text, more in (
        ("receipt", receipt.lower().replace("-", " "), {}), ("username", "ESSAI-00001", {}),
        ("email", "Anne@Exemple.invalid", {}), ("person", "cote roy ANNE", {"birth_date": "1985-04-02"}),
        ("person", "Roy Côté", {"birth_date": "1985-04-02"}),
    ):  # fmt: skip
        page = await lucie.post("/agent/recherche", data=FORM | {"by": by, "text": text} | more)
        assert page.status_code == 200 and f"/agent/dossiers/{account}/ouvrir" in page.text, (by, text)
        assert receipt in page.text and "AB1234" not in page.text
    detail = [detail for _, act, detail in await place.audit() if act == "file_search"]
    assert detail[-1] == {"by": "person", "found": 1, "accounts": [account]}
    assert "exemple" not in str(detail) and "Roy" not in str(detail)


async def test_nothing_is_found_of_another(place: ConsolePlace) -> None:
    """Another date, another name, another receipt: none, which the page says."""
    account = await make_account(place.desk, identity=ANNE)
    await index(place, account, ANNE)
    lucie = await agent(place)
    for by, text, born in (
        ("person", "Anne Roy", "1985-04-03"), ("person", "Anne Tremblay", "1985-04-02"), ("username", "anne", ""),
        ("receipt", "MPQ-00000-00000-00000-00000", ""), ("email", "pas une adresse", ""),
    ):  # fmt: skip
        page = await lucie.post("/agent/recherche", data=FORM | {"by": by, "text": text, "birth_date": born})
        assert "Aucun dossier trouvé" in page.text, (by, text)


async def test_results_are_bounded(place: ConsolePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that there are more."""
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for number in (1, 2, 3):
        await index(place, await make_account(place.desk, number, identity=ANNE), ANNE)
    lucie = await agent(place)
    form = FORM | {"by": "person", "text": "Anne Roy", "birth_date": "1985-04-02"}
    page = await lucie.post("/agent/recherche", data=form)
    assert page.text.count("/ouvrir") == 2 and "précisez la recherche" in page.text


async def test_a_search_has_a_reason(place: ConsolePlace) -> None:
    """Without one, or without what is sought, nothing is looked for, and the form comes back filled in."""
    lucie = await agent(place)
    page = await lucie.post("/agent/recherche", data=FORM | {"by": "person", "text": "<b>Roy", "reason": " "})
    assert page.status_code == 422
    assert 'href="#reason"' in page.text and 'href="#birth_date"' in page.text and "&lt;b&gt;Roy" in page.text
    assert "file_search" not in [act for _, act, _ in await place.audit()]
