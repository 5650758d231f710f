"""What the functions of recovery work with."""

import time
from collections.abc import Sequence

import msgspec

from accounts.services import AccountServices
from foundation.encryption.blind_index import BlindIndex
from server import rate_limits
from server.rate_limits import Buckets, Rate

ADDRESS = Rate(30, 0.05)
"""Requests of one address: a family, a class at its school; then one each twenty seconds."""

NETWORK = Rate(500, 1)
"""The same of a /24 or /48."""


class RecoveryBudgets:
    """Requests by where they come from: token buckets in memory, of each process alone. Nobody's e-mail address has a
    budget, so nobody can use up that of an owner. Switched off they let everything pass."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._addresses, self._networks = Buckets(ADDRESS), Buckets(NETWORK)

    def charge(self, address: str) -> None:
        """Count one. Raises Refusal rate_limited."""
        if self._on:
            asked = [(self._addresses, address), (self._networks, rate_limits.around(address))]
            rate_limits.spend(asked, time.monotonic())


class RecoveryServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`. `tokens` looks up the token of a link."""

    accounts: AccountServices
    budgets: RecoveryBudgets
    tokens: BlindIndex
    public_url: str


def tokens_of(secret_keys: Sequence[str]) -> BlindIndex:
    """The blind index of the tokens of links."""
    return BlindIndex(secret_keys, "recovery.token")


def recovery_services(
    accounts: AccountServices, secret_keys: Sequence[str], public_url: str, *, limited: bool = True
) -> RecoveryServices:
    """The services on the accounts of this process; `limited` is whether networks are counted."""
    return RecoveryServices(
        accounts=accounts,
        budgets=RecoveryBudgets(limited),
        tokens=tokens_of(secret_keys),
        public_url=public_url,
    )
