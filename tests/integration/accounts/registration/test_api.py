"""Accounts over the API, as `docs/contract.md` has them."""

from collections.abc import AsyncIterator

import httpx
import pytest
import sqlalchemy as sa

from accounts import store
from accounts.registration.store import registration
from foundation.sql.database import Database
from tests.support.candidates.registering import ANSWERS, PASSWORD, RegistrationPlace, registration_place


@pytest.fixture
async def place(database: Database) -> AsyncIterator[RegistrationPlace]:
    async with registration_place(database) as made:
        yield made


@pytest.fixture
async def client(place: RegistrationPlace) -> AsyncIterator[httpx.AsyncClient]:
    async with place.browser() as browser:
        yield browser


async def accounts_of(place: RegistrationPlace) -> int:
    count = sa.select(sa.func.count()).select_from(store.account)
    return int((await place.db.read(lambda conn: conn.execute(count))).scalar_one())


SECRETS = {"username": " Ève-Essai ", "password": PASSWORD, "answers": [one["answer"] for one in ANSWERS]}


async def test_register_confirm_and_sign_in(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """202, then a message with a code, then an account that signs in however its name is typed."""
    answer = await place.register(client, username="Ève-Essai")
    assert (answer.status_code, answer.json()) == (202, {"username": "Ève-Essai"})
    assert await accounts_of(place) == 0
    ((to, kind, text),) = await place.messages()
    assert (to, kind) == ("eve@exemple.invalid", "confirm_address")
    assert "Ève" not in text and "essai" not in text.casefold().replace("exemple", "")
    confirmed = await client.post("/api/v1/accounts/confirm", json={"code": await place.code()})
    assert (confirmed.status_code, confirmed.json()) == (200, {"username": "eve-essai"})
    assert (await client.post("/api/v1/session", json=SECRETS)).status_code == 200


async def test_a_second_confirmation_is_a_success(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """200 also a second time, in small letters and without the hyphen; one account."""
    await place.registered(client)
    code = (await place.code()).replace("-", " ").lower()
    again = await client.post("/api/v1/accounts/confirm", json={"code": code})
    assert (again.status_code, await accounts_of(place)) == (200, 1)


@pytest.mark.parametrize(
    "code", ["", "ABCDE-FGHJK", "<script>", "é" * 900], ids=["none", "another", "odd", "long"]
)
async def test_what_is_no_code_is_past(client: httpx.AsyncClient, code: str) -> None:
    """410, whether there never was one or it is past."""
    refused = await client.post("/api/v1/accounts/confirm", json={"code": code})
    assert (refused.status_code, refused.json()["code"]) == (410, "link_expired")


async def test_a_code_is_past_after_a_week(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """410, and its user name is free again."""
    await place.register(client)
    code = await place.code()
    await place.db.write(lambda conn: conn.execute(sa.update(registration).values(kept_until=1)))
    refused = await client.post("/api/v1/accounts/confirm", json={"code": code})
    assert (refused.status_code, refused.json()["code"]) == (410, "link_expired")
    assert (await place.register(client)).status_code == 202


async def test_an_address_that_has_an_account_is_answered_as_any_other(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """The same answer, a row that waits as any other, and a message to its owner; nothing signs in with it."""
    await place.registered(client)
    second = await place.register(client, username="autre-essai", email="EVE@exemple.INVALID")
    assert (second.status_code, second.json()) == (202, {"username": "autre-essai"})
    to, kind, text = (await place.messages())[-1]
    assert (to, kind) == ("EVE@exemple.invalid", "address_taken")
    assert "code" not in text
    taken = await place.register(client, username="autre-essai", email="nouvelle@exemple.invalid")
    assert (taken.status_code, taken.json()["code"]) == (409, "username_taken")
    signed_in = await client.post("/api/v1/session", json=SECRETS | {"username": "autre-essai"})
    waiting = await place.register(client, username="libre-essai", email="libre@exemple.invalid")
    other = await client.post("/api/v1/session", json=SECRETS | {"username": "libre-essai"})
    assert waiting.status_code == 202
    assert (signed_in.status_code, signed_in.json()["code"]) == (other.status_code, other.json()["code"])
    assert await accounts_of(place) == 1


async def test_two_who_wait_with_one_address_become_one_account(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """Nobody takes an address by asking first: who reads its messages confirms one, and the other is told why not."""
    await place.register(client, username="premier")
    first = await place.code()
    await place.register(client, username="second")
    second = await place.code()
    assert (await client.post("/api/v1/accounts/confirm", json={"code": second})).status_code == 200
    refused = await client.post("/api/v1/accounts/confirm", json={"code": first})
    assert (refused.status_code, refused.json()["code"]) == (409, "email_already_used")


async def test_tags_and_dots_make_another_address(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """They are flagged as alike, and refused to nobody (AC-02)."""
    await place.registered(client)
    await place.registered(client, username="autre-essai", email="e.ve+deux@exemple.invalid")
    alike = sa.select(store.account.c.email_alike, store.account.c.email_key)
    rows = (await place.db.read(lambda conn: conn.execute(alike))).all()
    assert len({row.email_alike for row in rows}) == 1 and len({row.email_key for row in rows}) == 2


async def test_a_user_name_is_taken_however_it_is_typed(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """Of an account, and of a registration that waits."""
    await place.register(client, username="Ève Essai")
    for typed in ("eve essai", " ÈVE  ESSAI "):
        refused = await place.register(client, username=typed, email="autre@exemple.invalid")
        assert (refused.status_code, refused.json()["code"]) == (409, "username_taken")


async def test_registration_is_closed_outside_its_windows(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """409 with the note, before anything is looked at."""
    refused = await place.register(client, programme="prtq-2016", password="x")
    assert (refused.status_code, refused.json()["code"]) == (409, "registration_closed")
    assert refused.json()["note"].startswith("La création de comptes est fermée.")
    assert (await place.register(client, programme="inconnu")).status_code == 404


async def test_every_problem_is_named_at_once(place: RegistrationPlace, client: httpx.AsyncClient) -> None:
    """422 with the API's names of the fields, and never a value."""
    refused = await place.register(
        client, username="a", email="non", password="court", terms=False,
        answers=[{"question": "?", "answer": ""}, {"question": "Une question ?", "answer": "une question"}],
        identity={"birth_date": "03/02/1990"},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [one["name"] for one in refused.json()["fields"]] == [
        "username", "email", "password", "answers[0].question", "answers[0].answer", "answers[1].answer",
        "identity.family_name", "identity.birth_date", "identity.passport", "terms",
    ]  # fmt: skip
    assert "court" not in refused.text.replace("trop court", "")


@pytest.mark.parametrize(
    "password", ["court", "Montréal2016!", "motdepasse123456", "eve-essai-eve-essai"],
    ids=["short", "city", "word", "own"],
)  # fmt: skip
async def test_a_weak_password_alone_has_its_own_code(
    place: RegistrationPlace, client: httpx.AsyncClient, password: str
) -> None:
    """422, with why and what to do."""
    refused = await place.register(client, password=password)
    assert (refused.status_code, refused.json()["code"]) == (422, "password_weak")
    ((name, reason),) = [(one["name"], one["reason"]) for one in refused.json()["fields"]]
    assert name == "password" and "mots" in reason


async def test_nothing_of_a_person_stands_in_the_tables(
    place: RegistrationPlace, client: httpx.AsyncClient
) -> None:
    """Neither while it waits nor once it is an account: names, address and numbers are encrypted."""
    home = {"lines": ["1, rue de l’Essai", "69001 Lyon"], "country": "France"}
    await place.register(client, address=home)
    planted = (
        "Essai-Roy",
        "Ève",
        "1990",
        "ES0000001",
        "exemple.invalid",
        "rue de l",
        "Lyon",
        "soufflé",
        "souffle",
    )
    for table in (registration, store.account):
        rows = (await place.db.read(lambda conn, t=table: conn.execute(sa.select(t)))).all()  # type: ignore[misc]
        text = " ".join(str(value) for row in rows for value in row)
        assert not [one for one in planted if one in text]
        if table is registration:
            assert len(rows) == 1
            await client.post("/api/v1/accounts/confirm", json={"code": await place.code()})
    assert await accounts_of(place) == 1
