"""What two ways of typing the same text have in common: the one place where texts that are compared get their form.

Two keyboards, two systems or a word processor write one text in several ways: é as one character or as two, ’ for ',
a dash for a hyphen, a no-break space, a mark that nobody sees. Passwords keep every character that was meant
(`opaque`); user names, names and answers also lose case and accents (`folded`). Pure, no I/O.

The second half is what earlier releases compared. Hashes cannot be normalised afterwards, so a sign-in tries their
forms too, until it succeeds once and today's form is stored (`FORM`).
"""

import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

FORM = 2
"""The form that hashes are stored in today (`account.secrets_form`); 1 is that of the releases up to 0.2."""

ANSWER_SEPARATOR = "\x1f"
"""Between two answers that are hashed together: no keyboard types it."""

_LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
"""Letters that Unicode does not take apart into a plain letter and an accent."""

_APOSTROPHES = dict.fromkeys(
    (
        0x60, 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2BE, 0x2BF, 0x2C8, 0x2CA, 0x2CB, 0x384, 0x55A, 0x5F3, 0x7F4, 0x7F5,
        0x1FBD, 0x1FBF, 0x1FEF, 0x1FFD, 0x1FFE, 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0xA78B, 0xA78C, 0xFF07,
        0xFF40,
    ),
    "'",
)  # fmt: skip
"""What is typed or put in for an apostrophe: accents that stand alone, quotes, primes, letters that look like one."""

_MARKS = _APOSTROPHES | dict.fromkeys((0x201C, 0x201D, 0x201E, 0x201F), '"') | {0x2800: " "}
"""The same with double quotes, which word processors put in too, and the blank that is no space."""

_HYPHENS = frozenset("\N{MODIFIER LETTER MINUS SIGN}\N{HYPHEN BULLET}\N{MINUS SIGN}\N{HEAVY MINUS SIGN}")
"""Beside those that Unicode calls dashes."""

_UNSEEN = frozenset(
    (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10),
     *range(0xE0100, 0xE01F0))
)  # fmt: skip
"""Fillers and variation selectors: nothing is seen of them, and their categories do not say so."""

JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}")
"""Unseen, and typed by keyboards all the same: in Persian, in Hindi, in drawings of people."""


class TypedSecret(msgspec.Struct, frozen=True):
    """A secret as it was typed: in today's form, and as earlier releases may have hashed it.

    `counts`: whether the earlier forms are right where the hash is of one of them. They are verified in any case, so
    that the time of an answer depends on what was typed alone.
    """

    today: str
    earlier: tuple[str, ...] = ()
    counts: bool = False


def is_unseen(character: str) -> bool:
    """Whether nothing is seen of this character and it is no space: zero width, soft hyphen, byte order mark, controls,
    marks of direction."""
    category = unicodedata.category(character)
    return (category in {"Cf", "Cc"} and not character.isspace()) or ord(character) in _UNSEEN


def is_blank(text: str) -> bool:
    """Whether nothing of a text is seen: a field that holds it was left empty."""
    first = text[:1]
    if "!" <= first <= "~" or "À" <= first <= "ÿ":  # most begin so
        return False
    if text.isascii():
        return not text.strip()
    return all(letter.isspace() or is_unseen(letter) for letter in text)


def visible(text: str) -> str:
    """What is seen of a text, to be kept and shown: composed (NFC), without what is not seen, spaces collapsed."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(letter for letter in composed if not is_unseen(letter)).split())


def opaque(password: str) -> str:
    """A password as it is hashed: RFC 8265, OpaqueString. Case, accents and spaces count, their encoding does not."""
    if password.isascii():
        return password
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in password)
    return unicodedata.normalize("NFC", spaced)


def folded(text: str) -> str:
    """A name or an answer as it is compared: without case, accents, kinds of apostrophes, hyphens, spaces and digits,
    and without what is not seen."""
    if text.isascii() and text.isprintable():  # most are, and then there is nothing to take apart
        return " ".join(text.replace("`", "'").casefold().split())
    taken_apart = unicodedata.normalize("NFKC", text.translate(_MARKS)).casefold()
    taken_apart = unicodedata.normalize("NFKD", taken_apart).translate(_MARKS)
    return " ".join("".join(map(_plain_letter, taken_apart)).split())


def letters(text: str) -> str:
    """As `folded`, and only letters and digits: punctuation and spaces are spelling too."""
    return "".join(filter(str.isalnum, folded(text)))


def folded_answers(answers: Iterable[str]) -> str:
    """All answers as one text to hash: empty ones do not count, the order does (AC-01)."""
    return ANSWER_SEPARATOR.join(answer for answer in map(folded, answers) if answer)


def _plain_letter(letter: str) -> str:
    if letter.isascii() and letter >= " ":
        return letter
    if unicodedata.combining(letter) or is_unseen(letter):
        return ""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category == "Pd" or letter in _HYPHENS:
        return "-"
    return _LETTERS.get(letter, letter)


# -- what releases up to 0.2 compared: nothing here is ever changed, or what they stored is not found any more --------


def earlier_username(username: str) -> str:
    """A user name as they stored it."""
    return unicodedata.normalize("NFKC", username).casefold().strip()


def earlier_letters(text: str) -> str:
    """A part of an identity as their periods' persons are keyed: P4 of a period that began with them hangs on it."""
    return "".join(filter(str.isalnum, _earlier_folded(text)))


def typed_password(password: str, *, counts: bool) -> TypedSecret:
    """A password in today's form, and as they hashed it: as it was typed, composed or not."""
    today = opaque(password)
    forms = (password, *(unicodedata.normalize(form, password) for form in ("NFC", "NFD")))
    return _typed(today, forms, counts)


def typed_answers(answers: Sequence[str], *, counts: bool) -> TypedSecret:
    """Answers in today's form, and as they hashed them: with apostrophes as typed, or as a word processor has them."""
    today = folded_answers(answers)
    as_typed = (_earlier_folded(answer) for answer in answers)
    curled = (_earlier_folded(folded(answer).replace("'", "’")) for answer in answers)
    forms = (ANSWER_SEPARATOR.join(filter(None, some)) for some in (as_typed, curled))
    return _typed(today, forms, counts)


def _typed(today: str, forms: Iterable[str], counts: bool) -> TypedSecret:
    return TypedSecret(today, tuple(form for form in dict.fromkeys(forms) if form != today), counts)


def _earlier_folded(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join("".join(_LETTERS.get(letter, letter) for letter in text).split())
