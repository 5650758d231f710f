"""The agents' form of an account outside the windows."""

import pytest

from accounts.roles import STAFF, Role
from console.agents.invitation_pages import no_stream
from tests.integration.console.conftest import ConsolePlace


@pytest.mark.parametrize("role", [role for role in STAFF if role is not Role.AGENT], ids=str)
async def test_it_is_the_agents_alone(place: ConsolePlace, role: Role) -> None:
    """No other role begins an account."""
    browser = await place.staff("marc", role)
    for method in ("GET", "POST"):
        assert (await browser.request(method, "/agent/invitations")).status_code == 403


def test_a_stream_is_chosen() -> None:
    """What is said where none was: at the field, as a sentence."""
    assert no_stream().fields["fields"][0]["name"] == "stream"
