"""How alike two records of persons are: signals, what each counts, and one score that explains itself. Pure.

A score never decides. From `REVIEWED` on a person looks at both records side by side (DU-01); only identities that are
the same to the letter are acted upon at once (`accounts/identities.py`). `docs/duplicates.md` has what is found and
what is not.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

import msgspec
from rapidfuzz.distance import OSA

from accounts import identities, normalisation
from accounts.identities import Identity, iso_date
from accounts.linkage import forms
from quota.store import PERSON_KEY_MARK

REVIEWED = 60
"""Score from which on a person looks. Lower finds more twins than duplicates (`docs/duplicates.md`)."""

MOST = 100

SHORTEST_EDITED = 4
"""Letters of a word in which one edit is a slip of the pen; in a shorter one it is another name (Ali, Ari)."""

LONG_DOCUMENT = 6
"""Letters from which on a document's number is nobody else's by chance."""

GENERATION_YEARS = 15
"""Years of birth that are so far apart are a parent's and a child's, however alike their digits."""


class Signal(StrEnum):
    """What two records may have in common. Of names, of dates of birth and of documents the strongest one counts."""

    NAME_SAME = "name_same"
    """The same names in the same fields; case, accents and punctuation aside."""
    NAME_ORDER = "name_order"
    """The same words in another order or in the other field."""
    NAME_TRANSLITERATED = "name_transliterated"
    """The same words, one of them written in another script."""
    NAME_SPELLING = "name_spelling"
    """Words that sound alike: the same consonants."""
    NAME_EDITED = "name_edited"
    """Every word the same but for one letter that is missing, added, changed or exchanged with its neighbour."""
    NAME_PART = "name_part"
    """All words of one among those of the other, two at least."""
    GIVEN_NAME = "given_name"
    """The given name alone."""
    FAMILY_NAME = "family_name"
    """The family name alone: a family has it in common."""
    BIRTH_SAME = "birth_same"
    """The same date of birth."""
    BIRTH_FIRST_OF_YEAR = "birth_first_of_year"
    """The same date, and it is the first of January: often what is written where the day is not known."""
    BIRTH_DAY_AND_MONTH = "birth_day_and_month"
    """Day and month exchanged."""
    BIRTH_DIGIT = "birth_digit"
    """One digit of the date differs, or two neighbours are exchanged."""
    DOCUMENT_SAME = "document_same"
    """The same document."""
    DOCUMENT_SHORT = "document_short"
    """The same number, so short that two states may have given it."""
    DOCUMENT_EDITED = "document_edited"
    """One character of the number differs, and not the last: a family's passports are numbered one after the other."""
    DOCUMENT_DIFFERENT = "document_different"
    """Two documents. Speaks against it, a little: passports are renewed."""
    EMAIL_SAME = "email_same"
    """The same address of e-mail in normal form."""
    TELEPHONE_SAME = "telephone_same"
    """The same telephone in international form."""
    KNOWN_RELATIVE = "known_relative"
    """One declares the other as a member of the family."""


POINTS: Mapping[Signal, int] = {
    Signal.NAME_SAME: 40,
    Signal.NAME_ORDER: 38,
    Signal.NAME_TRANSLITERATED: 34,
    Signal.NAME_SPELLING: 32,
    Signal.NAME_EDITED: 30,
    Signal.NAME_PART: 30,
    Signal.GIVEN_NAME: 20,
    Signal.FAMILY_NAME: 8,
    Signal.BIRTH_SAME: 35,
    Signal.BIRTH_FIRST_OF_YEAR: 22,
    Signal.BIRTH_DAY_AND_MONTH: 33,
    Signal.BIRTH_DIGIT: 25,
    Signal.DOCUMENT_SAME: 60,
    Signal.DOCUMENT_SHORT: 40,
    Signal.DOCUMENT_EDITED: 15,
    Signal.DOCUMENT_DIFFERENT: -5,
    Signal.EMAIL_SAME: 6,
    Signal.TELEPHONE_SAME: 6,
    Signal.KNOWN_RELATIVE: -25,
}
"""What each signal counts. Name and date of birth make a review together, neither does alone; a document does."""

CONTACTS = frozenset({Signal.EMAIL_SAME, Signal.TELEPHONE_SAME})
"""What couples, families and the clients of one lawyer share: counts beside something of the person, never alone."""

WORDS: Mapping[Signal, str] = {
    Signal.NAME_SAME: "Mêmes noms",
    Signal.NAME_ORDER: "Mêmes noms, dans un autre ordre ou dans l’autre champ",
    Signal.NAME_TRANSLITERATED: "Mêmes noms, dans une autre écriture",
    Signal.NAME_SPELLING: "Noms qui se prononcent de la même façon",
    Signal.NAME_EDITED: "Mêmes noms, à une lettre près",
    Signal.NAME_PART: "Tous les noms de l’un se trouvent chez l’autre",
    Signal.GIVEN_NAME: "Même prénom seulement",
    Signal.FAMILY_NAME: "Même nom de famille seulement",
    Signal.BIRTH_SAME: "Même date de naissance",
    Signal.BIRTH_FIRST_OF_YEAR: "Même année de naissance, un 1er janvier : souvent une date inconnue",
    Signal.BIRTH_DAY_AND_MONTH: "Date de naissance : jour et mois inversés",
    Signal.BIRTH_DIGIT: "Date de naissance : un chiffre diffère ou deux sont inversés",
    Signal.DOCUMENT_SAME: "Même numéro de passeport",
    Signal.DOCUMENT_SHORT: "Même numéro de passeport, mais court : deux pays peuvent l’avoir donné",
    Signal.DOCUMENT_EDITED: "Numéro de passeport : un caractère diffère",
    Signal.DOCUMENT_DIFFERENT: "Numéros de passeport différents",
    Signal.EMAIL_SAME: "Même adresse courriel",
    Signal.TELEPHONE_SAME: "Même numéro de téléphone",
    Signal.KNOWN_RELATIVE: "L’un déclare l’autre comme membre de sa famille",
}
"""Signal -> what the person who decides reads."""


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a person in one record: an account, a submission, a line of the paper register."""

    identity: Identity
    emails: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    relatives: tuple[Identity, ...] = ()
    """Members of the family whom the record declares."""


class Comparison(msgspec.Struct, frozen=True):
    """What two records have in common, and what it comes to."""

    signals: tuple[Signal, ...]
    score: int

    @property
    def is_reviewed(self) -> bool:
        """Whether a person has to look."""
        return self.score >= REVIEWED


def compare(one: PersonRecord, other: PersonRecord) -> Comparison:
    """How alike two records are; the order of the two makes no difference."""
    personal = _personal(one.identity, other.identity)
    if not personal - {Signal.DOCUMENT_DIFFERENT}:
        return Comparison(tuple(sorted(personal)), 0)
    found = personal | _contacts(one, other)
    if _declares(one, other) or _declares(other, one):
        found |= {Signal.KNOWN_RELATIVE}
    return Comparison(tuple(signal for signal in Signal if signal in found), score_of(found))


def score_of(signals: frozenset[Signal]) -> int:
    """What signals come to, 0 to 100."""
    return max(0, min(MOST, sum(POINTS[signal] for signal in signals)))


def is_exact(one: Identity, other: Identity) -> bool:
    """Whether both are one identity, with date of birth and document, in the form that persons are compared in (P4)."""
    mine, theirs = (identities.compared(identity, PERSON_KEY_MARK) for identity in (one, other))
    return mine == theirs and all(mine[2:])


def _personal(one: Identity, other: Identity) -> frozenset[Signal]:
    found = (_names(one, other), _births(one, other), _documents(one, other))
    return frozenset(signal for signal in found if signal is not None)


def _contacts(one: PersonRecord, other: PersonRecord) -> frozenset[Signal]:
    found = set()
    if _share(forms.e_mail, one.emails, other.emails):
        found.add(Signal.EMAIL_SAME)
    if _share(forms.telephone, one.telephones, other.telephones):
        found.add(Signal.TELEPHONE_SAME)
    return frozenset(found)


def _share(form: Callable[[str], str], some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return bool(({form(text) for text in some} & {form(text) for text in others}) - {""})


def _declares(one: PersonRecord, other: PersonRecord) -> bool:
    """Whether one declares a relative who is more like the other than one is."""
    itself = score_of(_personal(one.identity, other.identity))
    return any(
        score_of(relative_signals) >= max(REVIEWED, itself + 1)
        for relative_signals in (_personal(relative, other.identity) for relative in one.relatives)
    )


# -- names -------------------------------------------------------------------------------------------------------------


class _Match(msgspec.Struct, frozen=True):
    """How many words of two names go together, and by which likeness the least alike of them."""

    count: int
    weakest: int
    fewer: int
    more: int


_EQUAL, _SOUND, _EDIT = range(3)


def _names(one: Identity, other: Identity) -> Signal | None:
    mine, theirs = (forms.words(f"{name.family_name} {name.given_name}") for name in (one, other))
    if not mine or not theirs:
        return None
    if _letters(one) == _letters(other):
        return Signal.NAME_SAME
    is_of_two_scripts = forms.is_latin(one.full_name) != forms.is_latin(other.full_name)
    match = _matched(mine, theirs)
    if sorted("".join(mine)) == sorted("".join(theirs)) or (
        match.count == match.more and match.weakest == _EQUAL
    ):
        return Signal.NAME_TRANSLITERATED if is_of_two_scripts else Signal.NAME_ORDER
    if match.count == match.more or _is_split(mine, theirs):
        if match.weakest <= _SOUND or match.count < match.more:
            return Signal.NAME_TRANSLITERATED if is_of_two_scripts else Signal.NAME_SPELLING
        return Signal.NAME_EDITED
    if match.count == match.fewer and match.fewer >= 2:
        return Signal.NAME_PART
    return _one_name(one, other)


def _is_split(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether one writes as several words what the other writes as one: Nour Eddine is Noureddine."""
    bones, others = ("".join(sorted("".join(map(forms.skeleton, words)))) for words in (mine, theirs))
    return len(mine) != len(theirs) and bones == others and len(bones) >= SHORTEST_EDITED


def _letters(identity: Identity) -> tuple[str, str]:
    return normalisation.letters(identity.family_name), normalisation.letters(identity.given_name)


def _one_name(one: Identity, other: Identity) -> Signal | None:
    """The given name, or the family name, that two records share where the rest differs."""
    for field, signal in (("given_name", Signal.GIVEN_NAME), ("family_name", Signal.FAMILY_NAME)):
        mine, theirs = (forms.words(getattr(identity, field)) for identity in (one, other))
        if mine and theirs and _matched(mine, theirs).count == min(len(mine), len(theirs)):
            return signal
    return None


def _matched(mine: tuple[str, ...], theirs: tuple[str, ...]) -> _Match:
    """Words that go together, the most alike first; which name is which makes no difference."""
    pairs: list[tuple[int, str, str, int, int]] = []
    for i, word in enumerate(mine):
        for j, other in enumerate(theirs):
            if (likeness := _likeness(word, other)) is not None:
                pairs.append((likeness, min(word, other), max(word, other), i, j))
    of_mine: set[int] = set()
    of_theirs: set[int] = set()
    weakest = _EQUAL
    for likeness, _, _, i, j in sorted(pairs):
        if i not in of_mine and j not in of_theirs:
            of_mine.add(i)
            of_theirs.add(j)
            weakest = max(weakest, likeness)
    fewer, more = sorted((len(mine), len(theirs)))
    return _Match(len(of_mine), weakest, fewer, more)


def _likeness(word: str, other: str) -> int | None:
    if word == other:
        return _EQUAL
    if forms.skeleton(word) == forms.skeleton(other):
        return _SOUND
    if min(len(word), len(other)) >= SHORTEST_EDITED and OSA.distance(word, other, score_cutoff=1) <= 1:
        return _EDIT
    return None


# -- dates and documents -----------------------------------------------------------------------------------------------


def _births(one: Identity, other: Identity) -> Signal | None:
    born, also = iso_date(one.birth_date), iso_date(other.birth_date)
    if born is None or also is None:
        return None
    if born == also:
        return Signal.BIRTH_FIRST_OF_YEAR if (born.month, born.day) == (1, 1) else Signal.BIRTH_SAME
    if (1, 1) in ((born.month, born.day), (also.month, also.day)):
        return None  # what stands there for an unknown day is one digit away from many
    if (born.year, born.month, born.day) == (also.year, also.day, also.month):
        return Signal.BIRTH_DAY_AND_MONTH
    is_slip = OSA.distance(born.isoformat(), also.isoformat(), score_cutoff=1) <= 1
    return Signal.BIRTH_DIGIT if is_slip and abs(born.year - also.year) < GENERATION_YEARS else None


def _documents(one: Identity, other: Identity) -> Signal | None:
    mine, theirs = forms.document(one.passport), forms.document(other.passport)
    if not mine or not theirs:
        return None
    if mine == theirs:
        return Signal.DOCUMENT_SAME if len(mine) >= LONG_DOCUMENT else Signal.DOCUMENT_SHORT
    is_slip = OSA.distance(mine, theirs, score_cutoff=1) <= 1 and mine[:-1] != theirs[:-1]
    if is_slip and min(len(mine), len(theirs)) >= LONG_DOCUMENT:
        return Signal.DOCUMENT_EDITED
    return Signal.DOCUMENT_DIFFERENT
