"""Numbers of files that a clerk, a typist or a smudge makes of another: each differs in one place, and is valid. Pure.

Check digits find every single mistake out, so that of some two hundred neighbours of a wrong number two or three are
numbers at all.
"""

from itertools import product
from typing import Final

from accounts import normalisation
from casework.files.numbers import DIGITS, file_number, typed_submission

ILLEGIBLE: Final = "?"
"""What a clerk types for a digit that cannot be read."""

MOST_ILLEGIBLE: Final = 2
"""More make a guess of everybody."""

_ALL: Final = "0123456789"


def near(typed: str) -> dict[int, str]:
    """Submission -> how its number differs from what was typed: a word of `guesses.NumberSlip`."""
    text = normalisation.folded(typed).upper().translate(str.maketrans("OIL", "011"))
    digits = "".join(sign for sign in text.removeprefix("D") if sign.isdigit() or sign == ILLEGIBLE)
    if not digits or len(digits) > 20:
        return {}
    if ILLEGIBLE in digits:
        return _valid(_filled_in(digits), "illegible") if digits.count(ILLEGIBLE) <= MOST_ILLEGIBLE else {}
    found = _valid(_unchecked(digits), "unchecked")
    found |= _valid(_exchanged(digits), "exchanged") | _valid(_one_other(digits), "digit")
    return found


def _valid(candidates: list[str], slip: str) -> dict[int, str]:
    numbers = (typed_submission(one) for one in candidates)
    return {number: slip for number in numbers if number is not None}


def _filled_in(digits: str) -> list[str]:
    """Every reading of what is illegible."""
    gaps = digits.count(ILLEGIBLE)
    template = digits.replace(ILLEGIBLE, "{}")
    return [template.format(*filling) for filling in product(_ALL, repeat=gaps)]


def _unchecked(digits: str) -> list[str]:
    """The number without its check digits, where somebody left them out."""
    return [file_number(int(digits))] if len(digits) == DIGITS else []


def _exchanged(digits: str) -> list[str]:
    """Two neighbours that changed places."""
    return [digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)]


def _one_other(digits: str) -> list[str]:
    """One digit that is another, is missing, or is one too many."""
    places = range(len(digits))
    other = [digits[:at] + sign + digits[at + 1 :] for at in places for sign in _ALL if sign != digits[at]]
    more = [digits[:at] + sign + digits[at:] for at in range(len(digits) + 1) for sign in _ALL]
    return other + more + [digits[:at] + digits[at + 1 :] for at in places]
