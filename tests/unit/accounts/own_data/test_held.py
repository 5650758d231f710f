"""How a table is described: which of its columns are shown, and whether its rows go."""

import pytest

from accounts import store
from accounts.own_data.held import SECRET, instants_told, rows_of


@pytest.mark.parametrize(("kept", "goes"), [("", True), ("la loi le veut", False)])
def test_rows_go_with_the_account_unless_they_are_kept(kept: str, goes: bool) -> None:
    """What is kept says why; everything else is erased."""
    table = store.session
    held = rows_of("sessions", "Sessions", table, lambda account: table.c.owner == account, kept_because=kept)
    assert (held.erase is not None) == goes
    assert held.tables == {"session"}


def test_what_proves_something_is_no_information() -> None:
    """Hashes, secrets and digests are in no export."""
    assert {"password_hash", "answers_hash", "totp_secret", "digest", "jti"} <= SECRET


def test_instants_are_told_as_the_api_tells_them() -> None:
    """By their names, at any depth; what is no instant stays, and so does one that never came."""
    held = [{"at": 0, "rank": 7, "more": {"pay_by": 1_465_821_000_123, "ended_at": None, "since": 1}}]
    assert instants_told(held) == [
        {
            "at": "1970-01-01T00:00:00.000Z", "rank": 7,
            "more": {"pay_by": "2016-06-13T12:30:00.123Z", "ended_at": None, "since": "1970-01-01T00:00:00.001Z"},
        }
    ]  # fmt: skip
