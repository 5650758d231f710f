"""What the agents' desk works with."""

from accounts.personal_data.fields import EMAIL
from console.agents.services import address_of
from tests.integration.console.conftest import ConsolePlace
from tests.support.desks import PERSONAL, make_account


async def test_where_to_write_to(place: ConsolePlace) -> None:
    """The address of the account; None where none is known, and for no account."""
    sealed = PERSONAL.seal("essai-00001", EMAIL, "anne@exemple.invalid")
    one, other = await make_account(place.desk, 1, email=sealed), await make_account(place.desk, 2)

    async def found(id: int) -> str | None:
        return await place.db.read(lambda conn: address_of(conn, PERSONAL, id))

    assert [await found(id) for id in (one, other, 999)] == ["anne@exemple.invalid", None, None]
