"""The drawn order: which number each entry gets, from a secret seed and a public value. `docs/draw.md` specifies it.

Pure. The seed is made and committed to when the period is announced, the public value is named then and known later,
and the number of entries is frozen at the opening: nobody who knows two of the three can choose the third. Afterwards
all three are public, and anybody computes the same order with a dozen lines; `docs/tools/verify_draw.py` is such a
program, and shares nothing with this one.
"""

import hashlib
import hmac
import unicodedata
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec

SPEC = "guichet-draw-1"
"""Names the computation. It is part of what is hashed: another computation is another name."""

SEED_BYTES = 32

LONGEST_VALUE = 200
"""Characters of a public value, and of the text that names it."""


class Draw(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a draw. `entries` is null until the opening; `value` and `seed` until the order is drawn."""

    spec: str = SPEC
    period: str
    entries_from: str
    opens_at: str
    value_is: str
    commitment: str | None
    entries: int | None
    value: str | None
    seed: str | None
    drawn_at: str | None


def commitment(seed: str) -> str:
    """What is published of a seed (hexadecimal) before it is revealed: the SHA-256 of its 32 bytes, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def plain(text: str) -> str | None:
    """A public value, or the text that names one, in the form that is published and hashed; None when it has none.

    Unicode NFC without white space around it, 1 to 200 characters, none of them a control character or a line break.
    """
    text = unicodedata.normalize("NFC", text.strip())
    well_formed = all(
        unicodedata.category(letter)[0] != "C" and letter not in "\u2028\u2029" for letter in text
    )
    return text if well_formed and 1 <= len(text) <= LONGEST_VALUE else None


Numbers = Sequence[int]
"""Item e is the number of entry e; item 0 is 0."""


def order(seed: str, period: str, entries: int, value: str) -> Numbers:
    """The number of each entry: a bijection of 1..entries.

    Entries stand in the order of HMAC-SHA-256(key, e), e in decimal digits; the key is HMAC-SHA-256 under the seed of
    what the draw is about. Takes seconds for a million entries: not for an event loop.
    """
    about = "\n".join((SPEC, period, str(entries), value)).encode()
    key = hmac.digest(bytes.fromhex(seed), about, "sha256")
    # Sorting is stable: were two digests the same, the lower entry would come first.
    ranked = sorted(range(1, entries + 1), key=lambda entry: hmac.digest(key, b"%d" % entry, "sha256"))
    numbers = array("I", bytes(4 * (entries + 1)))
    for number, entry in enumerate(ranked, 1):
        numbers[entry] = number
    return numbers


def broken(draw: Draw, numbers: dict[int, int] | None = None) -> list[str]:
    """What is wrong with a published draw, a sentence each; with `numbers`, also with these entries' numbers."""
    if draw.spec != SPEC:
        return [f"the computation is {draw.spec}; this program knows {SPEC}"]
    if draw.seed is None or draw.value is None or draw.entries is None:
        return ["the order is not drawn: seed, value or number of entries is missing"]
    try:
        is_seed = len(bytes.fromhex(draw.seed)) == SEED_BYTES and draw.seed == draw.seed.lower()
    except ValueError:
        is_seed = False
    if not is_seed:
        return ["the seed is not 64 hexadecimal digits"]
    found = []
    if commitment(draw.seed) != draw.commitment:
        found.append(f"the seed is not the one committed to: its SHA-256 is {commitment(draw.seed)}")
    if plain(draw.value) != draw.value:
        found.append("the value is not in its published form")
    right = order(draw.seed, draw.period, draw.entries, draw.value)
    for entry, number in (numbers or {}).items():
        if not 1 <= entry <= draw.entries:
            found.append(f"entry {entry} is not one of the {draw.entries}")
        elif right[entry] != number:
            found.append(f"entry {entry} has number {right[entry]}, not {number}")
    return found


def read(content: bytes) -> tuple[Draw, dict[int, int]]:
    """A published draw and, where the file has them (`numbers`: entry -> number), numbers to compare.

    Also the whole period object, which holds the draw under `draw`. Raises ValueError with a sentence.
    """
    try:
        found: Any = msgspec.json.decode(content)
        found = found.get("draw", found)
        numbers = msgspec.convert(found.get("numbers", {}), dict[int, int], strict=False)
        return msgspec.convert(found, Draw), numbers
    except (msgspec.DecodeError, msgspec.ValidationError, AttributeError) as problem:
        raise ValueError(f"not a published draw ({problem})") from problem
