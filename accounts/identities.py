"""Which person an account is, however they spell themselves (AC-03, DU-01)."""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

import msgspec

_PLAIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a plain letter and an accent."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a person is, as their passport says it."""

    family_name: str
    given_name: str
    birth_date: str
    passport: str

    @property
    def full_name(self) -> str:
        """Given name, then family name, as letters address a person; some people have one name only."""
        return " ".join(name for name in (self.given_name.strip(), self.family_name.strip()) if name)


def plain(text: str) -> str:
    """Lower case without accents or compatibility forms, white space collapsed: what two spellings have in common."""
    if text.isascii():  # most are, and then there is nothing to take apart
        return " ".join(text.casefold().split())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).translate(_PLAIN)
    return " ".join(text.split())


def letters(text: str) -> str:
    """As `plain`, and only letters and digits: punctuation and spaces are spelling too."""
    return "".join(filter(str.isalnum, plain(text)))


def known_as(username: str) -> str:
    """The user name as it is stored and looked up: a capital or a space around it makes no other name."""
    return unicodedata.normalize("NFKC", username).casefold().strip()


def answers_text(answers: Sequence[str]) -> str:
    """All answers as one text to hash: case, accents, spaces and empty fields do not count, the order does (AC-01)."""
    return "\x1f".join(answer for answer in map(plain, answers) if answer)


def person(identity: Identity, person_key: str) -> str:
    """The same 64 hexadecimal digits for the same person however they spell themselves (AC-03, DU-01).

    Keyed with the period's own key, so that the table alone says nothing, and two periods cannot be compared.
    """
    parts = (identity.family_name, identity.given_name, identity.birth_date, identity.passport)
    text = "\x1f".join(letters(part) for part in parts)
    return keyed(person_key, text)


def keyed(key: str, text: str) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
