"""Confirming an address: once for all, by whoever reads its messages."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from accounts import store
from accounts.registration import confirming
from accounts.registration.services import registration_services
from accounts.registration.store import registration
from foundation.sql.database import Database
from tests.support.candidates.registering import PUBLIC_URL, RegistrationPlace, registration_place
from tests.support.desks import visit
from tests.support.rooms import KEYS


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RegistrationPlace]:
    async with registration_place(database) as made:
        yield made


async def test_ten_confirmations_at_once_make_one_account(place: RegistrationPlace) -> None:
    """All of them succeed, one of them first."""
    async with place.browser() as client:
        await place.register(client)
    code, came = await place.code(), visit().came
    all_ = await asyncio.gather(*(confirming.confirm(place.services, came, code) for _ in range(10)))
    assert [one.repeated for one in all_].count(False) == 1
    count = sa.select(sa.func.count()).select_from(store.account)
    assert (await place.db.read(lambda conn: conn.execute(count))).scalar_one() == 1


async def test_two_with_one_address_at_once_make_one_account(place: RegistrationPlace) -> None:
    """Whatever comes first, the table holds one; the other is told."""
    codes = []
    async with place.browser() as client:
        for name in ("premier", "second"):
            await place.register(client, username=name)
            codes.append(await place.code())
    came = visit().came
    outcomes = await asyncio.gather(
        *(confirming.confirm(place.services, came, code) for code in codes), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["Confirmed", "Refusal"]


async def test_an_account_exists_since_it_was_asked_for(place: RegistrationPlace) -> None:
    """Not since its confirmation: who registered in time is in time (WR-16). What it held while it waited is wiped."""
    async with place.browser() as client:
        await place.register(client)
    await place.db.write(lambda conn: conn.execute(sa.update(registration).values(made_at=5)))
    await confirming.confirm(place.services, visit().came, await place.code())
    row = (await place.db.read(lambda conn: conn.execute(sa.select(store.account)))).one()
    assert (row.created_at, row.terms_at, row.programme) == (5, 5, "demo")
    waited = (await place.db.read(lambda conn: conn.execute(sa.select(registration)))).one()
    assert (waited.step, waited.content, waited.account) == ("confirmed", None, row.id)


async def test_a_message_that_is_sent_again_has_the_same_code(place: RegistrationPlace) -> None:
    """Whichever of the two is opened, it works; also after a rotation of keys. A stranger's address gets nothing."""
    async with place.browser() as client:
        await place.register(client)
        first = await place.code()
        answer = await client.post("/inscription/renvoi", data={"email": "eve@exemple.invalid"})
        assert answer.status_code == 303
        await client.post("/inscription/renvoi", data={"email": "autre@exemple.invalid"})
    assert len(await place.messages()) == 2 and await place.code() == first
    rotated = registration_services(
        place.desk.accounts,
        place.desk.programmes,
        ("a newer key, long enough for us", *KEYS),
        PUBLIC_URL,
        limited=False,
    )
    assert not (await confirming.confirm(rotated, visit().came, first)).repeated
