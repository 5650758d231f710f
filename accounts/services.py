"""What the functions of accounts work with."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts.known_browsers import KnownBrowsers
from accounts.attempts.throttling import SourceBudgets
from accounts.passwords import Hasher
from accounts.personal_data.fields import PersonalFields
from accounts.second_factor import totp
from accounts.states import StaffTotp
from foundation.encryption.fields import FieldCipher
from foundation.sql.database import Database

UnreadCount = Callable[[AsyncConnection, int], Awaitable[int]]
"""How many messages wait unread in an account's mailbox."""


async def nothing_unread(conn: AsyncConnection, account: int) -> int:
    """Without a mailbox nothing waits."""
    return 0


class AccountServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`, and passed to all that signs people in or asks who is signed in.

    `secret` keys the names of budgets; `secure` is whether cookies go over TLS only. `totp` decrypts the secrets of
    second factors, `personal` what accounts hold about people; `unread` counts what the navigation shows.
    """

    db: Database
    hasher: Hasher
    browsers: KnownBrowsers
    budgets: SourceBudgets
    secret: str
    secure: bool
    totp: FieldCipher
    staff_totp: StaffTotp
    personal: PersonalFields
    unread: UnreadCount = nothing_unread


def account_services(
    db: Database,
    hasher: Hasher,
    secret_keys: Sequence[str],
    *,
    secure: bool,
    limited: bool = True,
    staff_totp: StaffTotp = StaffTotp.OPTIONAL,
    unread: UnreadCount = nothing_unread,
) -> AccountServices:
    """The services on this database; `limited` is whether tries of one source are counted over all accounts."""
    return AccountServices(
        db=db,
        hasher=hasher,
        browsers=KnownBrowsers(secret_keys),
        budgets=SourceBudgets(limited),
        secret=secret_keys[0],
        secure=secure,
        totp=totp.cipher(secret_keys),
        staff_totp=staff_totp,
        personal=PersonalFields(secret_keys),
        unread=unread,
    )
