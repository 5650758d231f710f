"""What the functions of registration work with."""

import time
from collections.abc import Mapping, Sequence

import msgspec

from accounts.services import AccountServices
from foundation.encryption.blind_index import BlindIndex
from quota.programmes import Programme
from server import rate_limits
from server.rate_limits import Buckets, Rate

ADDRESS = Rate(60, 0.1)
"""Registrations and codes of one address: a family, a class at its school, with slips; then one each ten seconds."""

NETWORK = Rate(1_000, 2)
"""The same of a /24 or /48: a town behind one provider on the evening when registration opens."""


class RegistrationBudgets:
    """Registrations and codes by network: token buckets in memory, of each process alone. Switched off they let
    everything pass."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._addresses, self._networks = Buckets(ADDRESS), Buckets(NETWORK)

    def charge(self, address: str) -> None:
        """Count one. Raises Refusal rate_limited."""
        if self._on:
            asked = [(self._addresses, address), (self._networks, rate_limits.around(address))]
            rate_limits.spend(asked, time.monotonic())


class RegistrationServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`. `codes` looks up what a message brought; `secrets` make its codes, the
    first those of today."""

    accounts: AccountServices
    programmes: Mapping[str, Programme]
    public_url: str
    budgets: RegistrationBudgets
    codes: BlindIndex
    secrets: tuple[str, ...]


def registration_services(
    accounts: AccountServices,
    programmes: Mapping[str, Programme],
    secret_keys: tuple[str, ...],
    public_url: str,
    *,
    limited: bool = True,
) -> RegistrationServices:
    """The services on the accounts of this process; `limited` is whether networks are counted."""
    return RegistrationServices(
        accounts=accounts,
        programmes=programmes,
        public_url=public_url,
        budgets=RegistrationBudgets(limited),
        codes=codes_of(secret_keys),
        secrets=secret_keys,
    )


def codes_of(secret_keys: Sequence[str]) -> BlindIndex:
    """The blind index of the codes of messages."""
    return BlindIndex(secret_keys, "registration.code")
