"""A secret whose first code is waited for is good for a quarter of an hour."""

import pytest

from accounts.second_factor import pending, totp

CIPHER = totp.cipher(["0123456789abcdefghijklmnopqrstuvwxyz"])

OTHER = totp.cipher(["another key of nobody, long enough for one"])

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("later", "is_good"),
    [
        (0, True),
        (pending.LASTS_MS - 1, True),
        (pending.LASTS_MS, False),
        (30 * 86_400_000, False),
        (-1, False),
    ],
)
def test_it_ends(later: int, is_good: bool) -> None:
    """One that somebody left behind shows nothing to whoever finds their browser open."""
    secret = totp.new()
    stored = pending.sealed(CIPHER, "here", secret, NOW)
    assert secret not in stored
    assert pending.opened(CIPHER, "here", stored, NOW + later) == (secret if is_good else None)


def test_what_cannot_be_read_is_none() -> None:
    """Nothing stored, another row's, another key's, and one of a release that kept no instant."""
    stored = pending.sealed(CIPHER, "here", totp.new(), NOW)
    assert pending.opened(CIPHER, "here", None, NOW) is None
    assert pending.opened(CIPHER, "there", stored, NOW) is None
    assert pending.opened(OTHER, "here", stored, NOW) is None
    assert pending.opened(CIPHER, "here", CIPHER.encrypt(totp.new(), "here"), NOW) is None
