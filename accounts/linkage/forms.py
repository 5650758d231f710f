"""Normal forms of what persons are compared by: words of names in Latin letters, their consonants, numbers, contacts.

`accounts/normalisation.py` has the forms in which texts are the same; here are those in which they are alike. Pure.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from anyascii import anyascii
from email_validator import EmailNotValidError, validate_email

from accounts import normalisation
from accounts.identities import passport_number

DIALLED_FROM = "CA"
"""Where a number without its country's code is dialled from."""

_EXTENSION = re.compile(r"(?:[,;#]|\b(?:poste|ext(?:ension)?|interne|x)\b\.?).*$", re.IGNORECASE)
"""phonenumberslite reads « poste 12 » as digits of the number (letters of a keypad), so it goes before."""

_EAST_ASIAN = ("CJK ", "HANGUL ", "HIRAGANA ", "KATAKANA ", "BOPOMOFO ")

_ARTICLE = re.compile(r"\b(?:ال|אל-)")
"""Written together with the word that it stands before; in Latin letters it is a word, an El- or nothing."""

_APART = re.compile(r"[^a-z0-9]+")

_JOINED = {
    "abd", "abou", "abu", "aboul", "abdel", "abdul", "abdoul", "abdal", "ben", "bin", "ibn", "bou", "mac", "mc", "o",
}  # fmt: skip
"""Words that belong to the next one: Ben Ali is Benali."""

_JOINED_ABJAD = {"bn", "bd", "bw"}
"""The same as Arabic letters are written, without vowels."""

_ARTICLES = {
    "el", "al", "ul", "ed", "er", "es", "ez", "ech", "ett", "en", "de", "da", "do", "dos", "di", "du", "des", "del",
    "della", "van", "von", "der", "den", "la", "le", "les", "ould", "d", "l", "bint", "bt", "y", "e",
}  # fmt: skip
"""Words that some write and others leave out."""

_ABD = re.compile(r"^abd[aeiouy]{1,2}(?:l|([rsntdz])(?=\1))(?=.)")
"""Abdel-, Abdul-, Abder-: the article in the middle of one name."""

_SOUNDS = (
    ("tch", "x"), ("shch", "x"), ("sch", "x"), ("sh", "x"), ("ch", "x"), ("dj", "j"), ("kh", "k"), ("ph", "f"),
    ("th", "t"), ("gh", "G"), ("gue", "G"), ("gui", "G"), ("dh", "d"), ("ck", "k"), ("qu", "k"), ("q", "k"),
    ("ge", "j"), ("gi", "j"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("c", "k"), ("v", "f"), ("z", "s"),
)  # fmt: skip
"""Spellings of one sound in French, English and transliterations of Arabic and Cyrillic, the longest first. A capital
is hard whatever follows."""

_VOWELS = re.compile(r"[aeiouyw]")

_TWICE = re.compile(r"(.)\1+")

_LOOKS_ALIKE = str.maketrans("OIQ", "010")
"""Letters that are read from a passport for a digit."""


@lru_cache(4096)
def latin(text: str) -> str:
    """A name in small Latin letters, words apart by one space, whatever script it was written in."""
    plain = "".join(_letter(letter) for letter in _ARTICLE.sub("", unicodedata.normalize("NFC", text)))
    bare = "".join(
        letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter)
    )
    folded = normalisation.folded(anyascii(normalisation.folded(bare)))
    return " ".join(part for part in _APART.sub(" ", re.sub(r"['`]", "", folded)).split() if part)


def _letter(letter: str) -> str:
    """A letter as it is; a sign of an East Asian script, which is a syllable or a word, stands apart."""
    if letter < "\u1100" or not unicodedata.name(letter, "").startswith(_EAST_ASIAN):
        return letter
    return f" {anyascii(letter)} "


def words(name: str) -> tuple[str, ...]:
    """The words of a name in Latin letters, without those that some leave out, and each with what belongs to it."""
    found: list[str] = []
    before, parts, is_plain = "", latin(name).split(), is_latin(name)
    for word in parts:
        if is_plain and len(parts) > 1 and word in _ARTICLES:
            continue
        if word in (_JOINED if is_plain else _JOINED_ABJAD):
            before += word
            continue
        found.append(before + word)
        before = ""
    return (*found, before) if before else tuple(found)


@lru_cache(8192)
def skeleton(word: str) -> str:
    """The consonants of a word as they sound: Mohamed, Muhammad and محمد have the same. A vowel if there are none."""
    sounding = _ABD.sub("abd", word)
    if sounding.startswith("el") and len(sounding) > 5:
        sounding = sounding[2:]
    sounding = sounding.removesuffix("h") if len(sounding) > 2 else sounding
    for written, sound in _SOUNDS:
        sounding = sounding.replace(written, sound)
    bones = _TWICE.sub(r"\1", _VOWELS.sub("", sounding)).lower()
    return bones or word[:1]


def is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters."""
    return all(letter < "\u0250" or not letter.isalpha() for letter in unicodedata.normalize("NFC", name))


def document(text: str) -> str:
    """A document's number without what is mistaken for something else when it is read from paper."""
    return passport_number(text).translate(_LOOKS_ALIKE)


def e_mail(text: str) -> str:
    """An address in normal form, without the tag behind a plus; empty for what is none. A signal, never a reason."""
    typed = normalisation.visible(text).casefold()
    try:
        typed = validate_email(typed, check_deliverability=False).normalized.casefold()
    except (
        EmailNotValidError
    ):  # also of domains that nobody may have, such as those of examples: as it is then
        if typed.count("@") != 1 or " " in typed:
            return ""
    local, _, domain = typed.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def telephone(text: str) -> str:
    """A number in international form, without its extension; empty for what cannot be one."""
    typed = _EXTENSION.sub("", normalisation.folded(text)).strip()
    typed = f"+{typed.removeprefix('00')}" if typed.startswith("00") else typed
    try:
        number = phonenumbers.parse(typed, DIALLED_FROM)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
