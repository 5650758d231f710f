"""The file of an account: everything of it, and nothing of another."""

import pytest

from console.agents import file
from foundation.errors import Refusal
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.exempt import accepted_claim, submit_outside
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
