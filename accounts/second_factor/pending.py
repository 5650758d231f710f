"""A secret that was shown and whose first code is waited for: what enrolling is alike in for staff and for candidates.

It is good for a quarter of an hour. It was shown after a password was typed, and is shown again beside a wrong code, so
one that somebody left behind would let whoever finds their browser open set up a second factor of their own.
"""

from foundation.encryption.fields import FieldCipher

LASTS_MS = 15 * 60_000

_BETWEEN = " "


def sealed(cipher: FieldCipher, field: str, secret: str, now: int) -> str:
    """The secret as it is stored, with the instant at which it was shown."""
    return cipher.encrypt(f"{secret}{_BETWEEN}{now}", field)


def opened(cipher: FieldCipher, field: str, stored: str | None, now: int) -> str | None:
    """The secret; None where there is none, it is too old, none of our keys wrote it, or a release that kept no instant
    did."""
    text = None if stored is None else cipher.decrypt(stored, field)
    secret, _, shown_at = (text or "").partition(_BETWEEN)
    if not shown_at.isdecimal() or not 0 <= now - int(shown_at) < LASTS_MS:
        return None
    return secret
