"""The code of a message: it stands in its link, and is short enough to be typed. Pure.

Thirty signs, none of which can be read as another: no 0 or O, no 1, I or L, no U beside V. Ten of them are 49 bits; a
guess meets one of a hundred thousand registrations that wait once in five thousand million, and guesses are limited.

A code is made from the registration's number and a secret, so that a message that is sent again carries the same one.
"""

import hmac
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

LENGTH = 10

GROUP = 5

LONGEST_TYPED = 40
"""Characters that are looked at: a code with blanks and hyphens about it."""


def code_of(secret: str, serial: str) -> str:
    """The code of what has this serial."""
    number = int.from_bytes(hmac.digest(secret.encode(), f"guichet code {serial}".encode(), "sha256"))
    signs = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs)


def shown(code: str) -> str:
    """The code as a message has it: `ABCDE-FGHJK`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def typed(text: str) -> str:
    """What was typed or clicked as a code; empty for what can be none."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TYPED]).upper()
    signs = "".join(sign for sign in plain if sign.isalnum())
    return signs if len(signs) == LENGTH and all(sign in ALPHABET for sign in signs) else ""
