"""What is on file about an account, for its owner and for staff who may look."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.identities import Identity
from accounts.personal_data.fields import ADDRESS, EMAIL, PersonalFields
from accounts.personal_data.home_address import HomeAddress
from accounts.registration.states import AccountState
from accounts.registration.windows import is_identity_open
from foundation.errors import Code, Refusal
from quota.programmes import Programme

a = store.account

_COLUMNS = (
    a.c.id, a.c.username, a.c.identity, a.c.email, a.c.confirmed_at, a.c.address, a.c.questions, a.c.created_at,
    a.c.programme, a.c.rehearsed_at, a.c.state, a.c.terms_at, a.c.terms_version,
)  # fmt: skip


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it is on file. `email` is empty where none is known; instants in milliseconds, None for never."""

    id: int
    username: str
    identity: Identity
    email: str
    confirmed_at: int | None
    address: HomeAddress | None
    questions: list[str]
    created_at: int
    programme: str | None
    rehearsed_at: int | None
    state: AccountState
    terms_at: int | None
    terms_version: str | None

    @property
    def is_unconfirmed(self) -> bool:
        """Whether an address is on file that nobody has confirmed."""
        return bool(self.email) and self.confirmed_at is None

    def is_identity_open(self, programmes: Mapping[str, Programme], now: int) -> bool:
        """Whether its owner may still correct who they are (DU-02)."""
        return is_identity_open(self.programme, programmes, now)


async def find(conn: AsyncConnection, personal: PersonalFields, account: int) -> Profile:
    """The account of this number. Refusal not_found."""
    row = (await conn.execute(sa.select(*_COLUMNS).where(a.c.id == account))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    name = row.username
    address = None if row.address is None else personal.opened(name, ADDRESS, row.address)
    return Profile(
        id=row.id,
        username=name,
        identity=personal.identity(name, row.identity),
        email="" if row.email is None else personal.opened(name, EMAIL, row.email),
        confirmed_at=row.confirmed_at,
        address=None if address is None else msgspec.json.decode(address, type=HomeAddress),
        questions=personal.questions(name, row.questions),
        created_at=row.created_at,
        programme=row.programme,
        rehearsed_at=row.rehearsed_at,
        state=AccountState(row.state),
        terms_at=row.terms_at,
        terms_version=row.terms_version,
    )
