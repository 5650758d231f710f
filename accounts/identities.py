"""Which person an account is, however they spell themselves (AC-03, DU-01); `normalisation.py` has the texts' forms."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import date

import msgspec

from accounts import normalisation
from accounts.normalisation import visible
from quota.store import PERSON_KEY_MARK

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\- ]([0-9]{1,2})[/.\- ]([0-9]{4})")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who a person is, as their passport says it. A person of one name has it in either field, the other is empty."""

    family_name: str
    given_name: str
    birth_date: str
    passport: str
    birth_country: str = ""

    @property
    def full_name(self) -> str:
        """Given name, then family name, as letters address a person; some people have one name only."""
        return " ".join(name for name in (self.given_name.strip(), self.family_name.strip()) if name)


def known_as(username: str) -> str:
    """The user name as it is stored and looked up: no capital, no accent and nothing unseen makes it another."""
    return normalisation.folded(username)


def spellings(username: str) -> tuple[str, ...]:
    """The stored names that a typed one may stand for, the likeliest first.

    The first is that of earlier releases: two accounts that differed only in what no longer counts have kept theirs.
    """
    return tuple(dict.fromkeys((normalisation.earlier_username(username), known_as(username))))


def answers_text(answers: Sequence[str]) -> str:
    """All answers as one text to hash (`normalisation.folded_answers`)."""
    return normalisation.folded_answers(answers)


def iso_date(text: str) -> date | None:
    """The date of a text such as 1990-02-03, and of no other: 03/02/1990 is two dates."""
    text = visible(text)
    if not _ISO.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def passport_number(text: str) -> str:
    """The number as it is kept: capitals and digits, whatever was typed between them."""
    return normalisation.letters(text).upper()


def person(identity: Identity, person_key: str) -> str:
    """The same 64 hexadecimal digits for the same person however they spell themselves (AC-03, DU-01).

    Keyed with the period's own key, so that the table alone says nothing, and two periods cannot be compared. A key
    without `PERSON_KEY_MARK` is of a period that began under an earlier release: its persons are compared as they were
    then to the end, or those who have submitted could do so again.
    """
    return keyed(person_key, "\x1f".join(compared(identity, person_key)))


def compared(identity: Identity, person_key: str) -> tuple[str, str, str, str]:
    """The parts of an identity that persons are compared by: both names, the date of birth, the passport."""
    letters = normalisation.letters if is_of_today(person_key) else normalisation.earlier_letters
    family, given = letters(identity.family_name), letters(identity.given_name)
    passport = letters(identity.passport)
    if not is_of_today(person_key):
        return family, given, letters(identity.birth_date), passport
    if not family:  # one name is one name, whichever field it was written into
        family, given = given, family
    return family, given, _birth(identity.birth_date), passport


def is_of_today(person_key: str) -> bool:
    """Whether the period of this key compares texts in today's form."""
    return person_key.startswith(PERSON_KEY_MARK)


def keyed(key: str, text: str) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _birth(text: str) -> str:
    """A date of birth as persons are compared by it: its digits, year first.

    Accounts of earlier releases may have any text here. Day, month, year is read as French writes it; names and
    passport count beside it, so that a wrong guess takes nobody for somebody else.
    """
    if found := _DAY_FIRST.fullmatch(visible(text)):
        day, month, year = found.groups()
        return f"{year}{month:0>2}{day:0>2}"
    return normalisation.letters(text)
