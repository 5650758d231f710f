"""Which file an item without one might belong to: what speaks for it, in points, with the reasons shown. Pure.

A guess never decides: a person compares the paper and confirms.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from accounts.identities import Identity
from accounts.linkage.comparison import POINTS as NAME_POINTS
from accounts.linkage.comparison import WORDS as NAME_WORDS
from accounts.linkage.comparison import PersonRecord, Signal, compare
from accounts.personal_data.countries import code_of
from casework.mailroom.guessing.hints import MailHints


class NumberSlip(StrEnum):
    """How the number on the item differs from a file's."""

    ILLEGIBLE = "illegible"
    """All that can be read of it is the same."""
    EXCHANGED = "exchanged"
    """Two neighbours changed places."""
    DIGIT = "digit"
    """One digit is another, missing, or too many."""
    UNCHECKED = "unchecked"
    """The same, without the check digits."""


class OtherSign(StrEnum):
    """What else speaks for a file, a little."""

    AMOUNT = "amount"
    """The amount is the fee that is due."""
    COUNTRY = "country"
    """The country on the envelope is that of the person's address."""


LITTLE: Final = frozenset(map(str, OtherSign))
"""Signs that many files share: alone they make no guess."""

POINTS: Final[Mapping[str, int]] = {
    NumberSlip.ILLEGIBLE: 50,
    NumberSlip.EXCHANGED: 45,
    NumberSlip.DIGIT: 40,
    NumberSlip.UNCHECKED: 35,
    OtherSign.AMOUNT: 10,
    OtherSign.COUNTRY: 5,
    **{
        str(signal): points
        for signal, points in NAME_POINTS.items()
        if signal.startswith(("name_", "given_", "family_"))
    },
}
"""What each counts; of names as reviews count them (`accounts/linkage/comparison.py`)."""

WORDS: Final[Mapping[str, str]] = {
    NumberSlip.ILLEGIBLE: "Numéro : tout ce qui se lit est pareil",
    NumberSlip.EXCHANGED: "Numéro : deux chiffres voisins inversés",
    NumberSlip.DIGIT: "Numéro : un chiffre diffère, manque ou est de trop",
    NumberSlip.UNCHECKED: "Numéro sans ses chiffres de contrôle",
    OtherSign.AMOUNT: "Le montant est celui des frais à payer",
    OtherSign.COUNTRY: "Même pays de résidence",
    **{str(signal): words for signal, words in NAME_WORDS.items()},
}
"""Sign -> what the person who decides reads."""

GUESSED_FROM: Final = 30
"""Points of the number and the name, without the amount, from which on a file is shown: a whole name or a number nearly
right. One with fewer is kept beside the item all the same: a payment in the pen holds its deletion back."""

MOST_SHOWN: Final = 8


class GuessedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an item might belong to."""

    submission: int
    points: int
    signs: tuple[str, ...]

    @property
    def reasons(self) -> list[str]:
        """Why, in French."""
        return [WORDS[sign] for sign in self.signs]

    @property
    def is_likely(self) -> bool:
        """Whether it is worth a person's look: by more than the amount."""
        return (
            self.points - (POINTS[OtherSign.AMOUNT] if OtherSign.AMOUNT in self.signs else 0) >= GUESSED_FROM
        )


class PossibleFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file that is looked at: `due` are whole cents, or None where nothing is due."""

    submission: int
    identity: Identity
    country: str = ""
    due: int | None = None


def guessed(
    hints: MailHints, cents: int | None, slips: Mapping[int, str], possible: Iterable[PossibleFile]
) -> list[GuessedFile]:
    """The files for which a number or a name speaks, however little, the likeliest first. `slips` are of
    `near_numbers.near`."""
    found = (_scored(hints, cents, slips.get(one.submission), one) for one in possible)
    meant = [one for one in found if not LITTLE.issuperset(one.signs)]
    return sorted(meant, key=lambda one: (-one.points, one.submission))


def likely(guesses: Iterable[GuessedFile]) -> list[GuessedFile]:
    """Those that are worth a look, in their order."""
    return [one for one in guesses if one.is_likely][:MOST_SHOWN]


def _scored(hints: MailHints, cents: int | None, slip: str | None, file: PossibleFile) -> GuessedFile:
    signs: list[str] = [] if slip is None else [slip]
    if hints.name:
        signs += [signal for signal in _name_signals(hints.name, file.identity) if signal in POINTS]
    if cents is not None and cents == file.due:
        signs.append(OtherSign.AMOUNT)
    if hints.country and file.country and code_of(hints.country) == file.country:
        signs.append(OtherSign.COUNTRY)
    return GuessedFile(
        submission=file.submission, points=sum(POINTS[sign] for sign in signs), signs=tuple(signs)
    )


def _name_signals(name: str, identity: Identity) -> tuple[Signal, ...]:
    written = Identity(family_name=name, given_name="", birth_date="", passport="")
    nameless = msgspec.structs.replace(identity, birth_date="", passport="")
    return compare(PersonRecord(identity=written), PersonRecord(identity=nameless)).signals
