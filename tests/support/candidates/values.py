"""Rows as plain values, for tests without a store."""

from typing import Any

from accounts.candidates import Account
from accounts.identities import Identity
from quota.states import PeriodState
from quota.store import Period

OPENS = 1_465_821_000_000
"""13 June 2016, 8:30 in Montréal."""

HOUR_MS = 3_600_000


def a_period(**values: Any) -> Period:
    """An open period, with these values."""
    row: dict[str, Any] = {
        "uid": "u1", "id": "essai", "programme": "demo", "ordinal": 1, "state": PeriodState.OPEN, "paused": False,
        "suspended": False, "paused_at": None, "ended_at": None, "opens_at": OPENS, "closes_at": OPENS + HOUR_MS,
        "cap": 50, "held": 0, "accepted": 0, "calls_per_minute": 60, "most_live_tokens": 9, "token_seconds": 600,
        "accounts_created_before": None, "pay_days": 30, "notice": None, "clock": 0, "ticked_at": 0, "next_call": 0,
        "epoch": 0, "mark": 0, "version": 0, "person_key": "k",
    }  # fmt: skip
    return Period(**(row | values))


def an_account(number: int = 1, created_at: int = 1_000) -> Account:
    """The account with this id."""
    identity = Identity(family_name="Roy", given_name="Ève", birth_date="1990-01-01", passport="X1")
    return Account(
        id=number, username="essai", password_hash="", answers_hash="", questions=[], created_at=created_at,
        identity=identity, accommodation=1.0,
    )  # fmt: skip
