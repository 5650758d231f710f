"""What the functions of a change of address work with."""

from collections.abc import Sequence

import msgspec

from accounts.services import AccountServices
from foundation.encryption.blind_index import BlindIndex


class EmailChangeServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`. `tokens` looks up the token of a link."""

    accounts: AccountServices
    tokens: BlindIndex
    public_url: str


def email_change_services(
    accounts: AccountServices, secret_keys: Sequence[str], public_url: str
) -> EmailChangeServices:
    """The services on the accounts of this process."""
    tokens = BlindIndex(secret_keys, "email_change.token")
    return EmailChangeServices(accounts=accounts, tokens=tokens, public_url=public_url)
