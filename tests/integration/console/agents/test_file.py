"""The file of an account: everything of it, and nothing of another."""

import pytest
import sqlalchemy as sa

from accounts.representatives.store import spouse_flag
from console.agents import file
from foundation.errors import Refusal
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.exempt import accepted_claim, submit_outside
from tests.support.candidates.representing import declared
from tests.support.desks import make_account, sign_in


async def test_a_file_has_everything_of_its_account(place: ConsolePlace) -> None:
    """Identity, draft, submission with the signed answers, claims, documents, history."""
    account, other = await make_account(place.desk, 1), await make_account(place.desk, 2)
    await accepted_claim(place.desk, account)
    accepted = await submit_outside(place.desk, await sign_in(place.desk))
    found = await place.db.read(lambda conn: file.read(conn, place.agents.readers, account))
    assert (found.username, found.email, found.power) == ("essai-00001", "", None)
    assert [draft.missing for draft in found.drafts] == [0]
    (one,) = found.submissions
    assert one.submission.receipt == accepted.receipt and one.signed.signature is not None
    assert [claim.state for claim in found.claims] == ["used"]
    assert "Compte créé" in [event.what for event in found.history]
    alone = await place.db.read(lambda conn: file.read(conn, place.agents.readers, other))
    assert (alone.submissions, alone.claims, alone.documents) == ([], [], [])


async def test_there_is_no_such_file(place: ConsolePlace) -> None:
    """Not found, by each reader."""
    for reader in (
        lambda conn: file.read(conn, place.agents.readers, 999),
        lambda conn: file.username_of(conn, 999),
        lambda conn: file.owner_of(conn, place.agents.personal, 999),
    ):
        with pytest.raises(Refusal, match="not_found"):
            await place.db.read(reader)


async def test_a_file_names_the_representative_and_the_other_file_of_a_couple(place: ConsolePlace) -> None:
    """Who it is and where the power stands; the spouse's file by its number, on both sides."""
    account, spouse = await make_account(place.desk, 1), await make_account(place.desk, 2)
    made = await declared(place.db, account)
    flag = {"account": account, "spouse": spouse, "programme": "demo", "found_at": 1}
    await place.db.write(lambda conn: conn.execute(sa.insert(spouse_flag).values(flag)))
    found = await place.db.read(lambda conn: file.read(conn, place.agents.readers, account))
    assert found.representative is not None and found.power is not None
    assert (found.representative.id, found.power.state) == (made.id, made.state)
    assert [one.other(account) for one in found.spouses] == [spouse]
    theirs = await place.db.read(lambda conn: file.read(conn, place.agents.readers, spouse))
    assert (theirs.representative, [one.other(spouse) for one in theirs.spouses]) == (None, [account])
