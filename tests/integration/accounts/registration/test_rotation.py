"""Registrations that wait, under a newer key."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from accounts.personal_data.fields import PersonalFields
from accounts.registration import confirming
from accounts.registration.rotation import rotation
from accounts.registration.services import registration_services
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.candidates.registering import PUBLIC_URL, RegistrationPlace, registration_place
from tests.support.candidates.rotations import BOTH, NEW, rotated
from tests.support.desks import visit


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RegistrationPlace]:
    async with registration_place(database) as made:
        yield made


@pytest.mark.parametrize("is_rotated", [True, False])
async def test_a_code_is_good_without_the_key_it_was_sent_under(
    place: RegistrationPlace, is_rotated: bool
) -> None:
    """The link in a mail outlives a rotation. Twin: without one, nobody with the newer key alone finds it."""
    async with place.browser() as client:
        await place.register(client)
    code = await place.code()
    if is_rotated:
        assert await rotated(place.db, rotation(BOTH)) == 1
        assert await rotated(place.db, rotation((NEW,))) == 0
    desk = place.desk
    accounts = msgspec.structs.replace(desk.accounts, personal=PersonalFields((NEW,)))
    newest = registration_services(accounts, desk.programmes, (NEW,), PUBLIC_URL, limited=False)
    if not is_rotated:
        with pytest.raises(Refusal, match="link_expired"):
            await confirming.confirm(newest, visit().came, code)
        return
    made = await confirming.confirm(newest, visit().came, code)
    assert not made.repeated
