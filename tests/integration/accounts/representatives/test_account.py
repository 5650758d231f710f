"""The representative of an account as its page sees it, in one look."""

from accounts.representatives.account import AccountRepresentatives
from accounts.representatives.states import PowerMove, PowerState
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import LAWYER
from tests.support.desks import REPRESENTATIVES


async def test_a_declaration_a_correction_and_a_revocation(here: Represented) -> None:
    """What is wrong comes back by field; what was right is in the view, and afterwards among the earlier ones."""
    own = AccountRepresentatives(here.db, REPRESENTATIVES)
    empty = await own.view(here.account)
    assert (empty.current, empty.history, empty.earlier) == (None, [], [])
    assert empty.candidate.email == "anne@exemple.ca"
    wrong = await own.declare(here.account, LAWYER | {"email": "anne@exemple.ca"})
    assert wrong.representation is None and list(wrong.typed.errors) == ["email"]
    made = await own.declare(here.account, LAWYER)
    again = await own.declare(here.account, LAWYER | {"telephone": ""})
    assert (made.is_new, again.is_new) == (True, False)
    view = await own.view(here.account)
    assert view.current is not None and view.current.details.telephone == ""
    assert [event.move for event in view.history] == [PowerMove.DECLARE, PowerMove.CORRECT]
    assert await own.revoke(here.account)
    assert not await own.revoke(here.account)
    after = await own.view(here.account)
    assert after.current is None and [one.state for one in after.earlier] == [PowerState.REVOKED]
