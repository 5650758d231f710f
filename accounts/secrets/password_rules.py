"""Which new passwords are taken: long ones, whatever they are made of; never what a guesser tries first. Pure.

A score of some library tells nobody what to do, and gives « Montréal2016! » full marks. Here a password is taken apart:
what somebody who knows the person, the service and the lists would guess counts little, and everything else a unit
each. What is missing, and why, is said in French, without repeating what was typed.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec

from accounts import normalisation
from accounts.candidates import LONGEST_SECRET
from accounts.secrets import common_words

SHORTEST = 12
"""Characters. NIST SP 800-63B asks for 15 where a password stands alone; here answers stand beside it, and tries are
slowed down."""

LEAST_UNITS = 10
"""What must be left once a password is taken apart: more than a guesser tries through in the weeks before an intake."""

WORD_UNITS = 2
"""What a word of the list counts: a thousand words are two characters. Six such words, at random, are a good
password."""

PLAIN_UNITS = 1
"""What a year, a row of signs or a repetition counts, however long."""

MOST_LOOKED_AT = 200
"""Characters that are taken apart, so that a paste of a thousand keeps nobody waiting; who has so many has enough."""

SHORTEST_OWN_PART = 4
"""Letters of a user name or an address that are looked for; shorter ones are in any text."""

SHORTEST_ROW = 3

LONGEST_CUT_ROW = 12
"""A row is taken whole, or cut short where a word begins in it; not at each of two hundred places."""

SUBSTITUTIONS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "i",
     "€": "e", "£": "l", "|": "l", "+": "t"}
)  # fmt: skip
"""Signs that are written for letters: m0td3p@sse."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm",
        "wxcvbn", "qwertzuiop", "yxcvbnm")  # fmt: skip
"""Neighbours on a keyboard, in the alphabet, among the digits; backwards too."""

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")

_FORWARDS = {pair for row in ROWS for pair in pairwise(row)}

_NEIGHBOURS = _FORWARDS | {(other, one) for one, other in _FORWARDS}


class PasswordFault(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    """Fewer characters than `SHORTEST`."""
    LONG = "long"
    """More than anybody could sign in with."""
    UNSEEN = "unseen"
    """It holds a character that nobody sees or types."""
    OWN = "own"
    """It rests on the user name, the address, or the name of its owner."""
    COMMON = "common"
    """It rests on words that everybody tries."""
    PATTERN = "pattern"
    """It rests on a year, a row of keys or a repetition."""


SENTENCES = {
    PasswordFault.SHORT: f"Ce mot de passe est trop court : il en faut {SHORTEST} caractères au moins. Une phrase de "
    "quatre ou cinq mots sans rapport entre eux est longue, et se retient bien.",
    PasswordFault.LONG: f"Ce mot de passe dépasse {LONGEST_SECRET} caractères : vérifiez ce qui a été collé ici.",
    PasswordFault.UNSEEN: "Ce mot de passe contient un caractère invisible, que vous ne pourriez pas retaper : "
    "écrivez-le au clavier plutôt que de le coller.",
    PasswordFault.OWN: "Ce mot de passe reprend surtout votre nom d’utilisateur, votre adresse ou votre nom : c’est ce "
    "qu’on essaie en premier. Choisissez des mots qui ne parlent pas de vous.",
    PasswordFault.COMMON: "Ce mot de passe repose sur des mots que tout le monde choisit, même avec des chiffres à la "
    "place des lettres. Ajoutez deux ou trois mots moins attendus.",
    PasswordFault.PATTERN: "Ce mot de passe repose sur une année, une suite du clavier ou une répétition : un "
    "programme l’essaie en un instant. Ajoutez des mots sans rapport entre eux.",
}
"""What is said: why, and what to do."""


class _Part(msgspec.Struct, frozen=True):
    """A stretch of a password that a guesser has already, and what it counts."""

    fault: PasswordFault
    units: int


def fault_of(password: str, own: Iterable[str] = ()) -> PasswordFault | None:
    """Why this password is not taken, None when it is. `own` are the texts that are the person's: user name, address,
    names, and the words of the programme."""
    text = normalisation.opaque(password)
    if len(text) > LONGEST_SECRET:
        return PasswordFault.LONG
    if any(normalisation.is_unseen(letter) and letter not in normalisation.JOINERS for letter in text):
        return PasswordFault.UNSEEN
    if len(text) < SHORTEST:
        return PasswordFault.SHORT
    mine = own_parts(own)
    text = text[:MOST_LOOKED_AT]
    # A sign may be meant as itself or for a letter: « 2016 » is a year, « m0ntr34l » is a city.
    tried = [_taken_apart(form, mine) for form in _forms(text)]
    left, faults = min(tried, key=lambda found: found[0])
    if left >= LEAST_UNITS:
        return None
    order = (PasswordFault.OWN, PasswordFault.COMMON, PasswordFault.PATTERN)
    return next((fault for fault in order if fault in faults), PasswordFault.PATTERN)


def own_parts(own: Iterable[str]) -> tuple[str, ...]:
    """The letters by which texts of a person are found in a password, the longest first."""
    found: set[str] = set()
    for text in own:
        pieces = [normalisation.letters(piece) for piece in re.split(r"[\s@._\-']+", text)]
        found |= {normalisation.letters(text), *pieces}
    long = (part for part in found if len(part) >= SHORTEST_OWN_PART)
    return tuple(sorted(long, key=lambda part: (-len(part), part)))


def _forms(text: str) -> Iterable[str]:
    """The password as it is compared: letters and digits alone, as typed and with signs read as letters."""
    folded = normalisation.folded(text)
    kept = "".join(letter for letter in folded if letter.isalnum())
    read = "".join(letter for letter in folded.translate(SUBSTITUTIONS) if letter.isalnum())
    # What is neither a letter nor a digit counts too; each kind of it once, as « ---- » is no more than « - ».
    other = "".join(
        dict.fromkeys(letter for letter in folded if not letter.isalnum() and not letter.isspace())
    )
    return (kept + other, read) if read != kept else (kept + other,)


def _taken_apart(text: str, own: Sequence[str]) -> tuple[int, set[PasswordFault]]:
    """The least units that a text can be taken apart into, and on what it rests besides.

    From the end on, each place by the best way to go on from it: to take the longest word each time would read
    « guichetdesdemandes » as a word that ends in the middle of the next one.
    """
    best: list[tuple[int, frozenset[PasswordFault]]] = [(0, frozenset())]
    for at in reversed(range(len(text))):
        units, faults = best[-1]
        found = (units + 1, faults)
        for length, part in _known_at(text, at, own):
            units, faults = best[-length]
            if units + part.units < found[0]:
                found = (units + part.units, faults | {part.fault})
        best.append(found)
    units, faults = best[-1]
    return units, set(faults)


def _known_at(text: str, at: int, own: Sequence[str]) -> Iterable[tuple[int, _Part]]:
    """Every stretch from here that a guesser has, and what it is."""
    for word in own:
        if text.startswith(word, at):
            yield len(word), _Part(PasswordFault.OWN, 0)
    for word in common_words.at(text, at):
        yield len(word), _Part(PasswordFault.COMMON, WORD_UNITS)
    row = _row_at(text, at)
    for length in {row, *range(SHORTEST_ROW, min(row, LONGEST_CUT_ROW) + 1)}:
        if length >= SHORTEST_ROW:
            yield length, _Part(PasswordFault.PATTERN, PLAIN_UNITS)
    if found := _YEAR.match(text, at):
        yield len(found[0]), _Part(PasswordFault.PATTERN, PLAIN_UNITS)


def _row_at(text: str, at: int) -> int:
    """How many characters from here are neighbours of each other, or the same one again."""
    length = 1
    for one, other in pairwise(text[at:]):
        if one != other and (one, other) not in _NEIGHBOURS:
            break
        length += 1
    return length
