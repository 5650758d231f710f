"""Second factors of staff and of candidates: time-based one-time passwords of six digits (RFC 6238, RFC 4226).

Pure, but for `new`.

Written here on `hmac`: a library (pyotp 2.12) takes the same code twice, so the step of a code has to be found and kept
by ourselves, and what remains of the algorithm are the ten lines of `code_at`. The RFC's vectors are its test.
"""

import hmac
import re
import secrets
import unicodedata
from base64 import b32decode, b32encode
from collections.abc import Sequence
from hashlib import sha1
from urllib.parse import quote

from foundation.encryption.fields import FieldCipher

STEP_SECONDS = 30

DIGITS = 6

WINDOW = 1
"""Steps before and after now whose codes are taken: a telephone's clock may be half a minute off."""

SECRET_BYTES = 20
"""160 bits: as long as the hash, which RFC 4226 recommends."""

ISSUER = "Guichet"
"""What an authenticator calls us."""

LONGEST_CODE = 40
"""Characters that are looked at of what was typed: six digits, with whatever spaces came along."""


def new() -> str:
    """A random secret, in base 32 as authenticators want it."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of this step (seconds since 1970, by 30)."""
    digest = hmac.new(b32decode(secret), step.to_bytes(8, "big"), sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: str, typed: str | None, now: int, last: int | None) -> int | None:
    """The step whose code was typed, later than the `last` one that was taken; None for a wrong or used code.

    `now` is an instant in milliseconds. Every step of the window is compared, so that the time tells nothing.
    """
    code, found = digits(typed), None
    current = now // 1000 // STEP_SECONDS
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step), code) and (last is None or step > last):
            found = step
    return found


def digits(typed: str | None) -> str:
    """What was typed as ASCII digits: spaces, and the digits of another keyboard, make no other code."""
    text = unicodedata.normalize("NFKC", (typed or "")[:LONGEST_CODE])
    text = re.sub(r"[\s\u200b-\u200f\u2060\ufeff-]", "", text)
    return "".join(str(unicodedata.digit(letter)) if letter.isdigit() else "?" for letter in text)


def uri(secret: str, username: str, issuer: str = ISSUER) -> str:
    """The address by which an authenticator is told all of it (otpauth, Key URI Format)."""
    label = quote(f"{issuer}:{username}", safe=":")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"


def cipher(secret_keys: Sequence[str]) -> FieldCipher:
    """What encrypts the secrets at rest."""
    return FieldCipher(secret_keys, "totp")


def candidate_field(account: int, column: str) -> str:
    """Where a candidate's secret or codes are stored, for the cipher."""
    return f"second_factor:{account}:{column}"


def field(username: str) -> str:
    """Where a secret of staff is stored, for the cipher; a name is never changed and never another row's."""
    return f"operator:{username}:totp_secret"


def codes_field(username: str) -> str:
    """Where the codes of staff are stored, for the cipher."""
    return f"operator:{username}:codes"
