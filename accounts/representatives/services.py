"""What the functions of representatives work with."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.declaration.details import DetailsCipher

HasPaid = Callable[[AsyncConnection, int], Awaitable[bool]]
"""Whether the fee of an account's application is paid (RP-04)."""


async def nothing_paid(conn: AsyncConnection, account: int) -> bool:
    """What stands where nobody asks about payments, as in tests of representatives: each procuration is held, and
    `released_on_payment` lets it go. A serving process has `casework/payments/settling.py: has_paid`."""
    return False


class RepresentativeServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`: pages, calls and tasks all work with it."""

    personal: PersonalFields
    public_url: str
    has_paid: HasPaid = nothing_paid

    @property
    def details(self) -> DetailsCipher:
        """What opens who a representative is."""
        return self.personal.representatives


def representative_services(
    secret_keys: Sequence[str], public_url: str, has_paid: HasPaid = nothing_paid
) -> RepresentativeServices:
    """The services with these keys; links in mails lead to `public_url`."""
    return RepresentativeServices(
        personal=PersonalFields(secret_keys),
        public_url=public_url.rstrip("/"),
        has_paid=has_paid,
    )
