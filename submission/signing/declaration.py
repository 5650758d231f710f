"""The declaration that is signed at a submission (SW-03, PA-11): the very text, by version, and its digest. Pure.

A text that was signed once is never changed: another wording is another version, and the old one stays here, so that
each signature can be read in the words that stood on the page.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from submission.states import CAPACITIES, Capacity

NEWEST: Final = "2026-11"
"""The version that the page shows now."""

DECLARATIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "2026-11": (
        "Je déclare que les renseignements de cette demande sont exacts et complets, et je la signe.",
        "Je sais qu’un renseignement faux ou trompeur peut entraîner le rejet de la demande.",
        "Je m’engage à signaler au Ministère tout changement d’adresse ou de situation, à fournir à temps les "
        "documents demandés, et à utiliser les services en ligne lorsqu’ils sont offerts.",
    ),
})  # fmt: skip
"""Version -> its sentences: the first is the label of the box that is ticked, the others stand with it (PA-11)."""


def sentences(version: str = NEWEST) -> tuple[str, ...]:
    """The sentences of a version. Raises KeyError for one that there never was."""
    return DECLARATIONS[version]


def text(capacity: Capacity, version: str = NEWEST) -> str:
    """All that is read by whoever signs: in which capacity, and the declaration, a sentence a line."""
    return "\n".join((f"{CAPACITIES[capacity]}.", *sentences(version)))


@lru_cache
def digest(capacity: Capacity, version: str = NEWEST) -> str:
    """SHA-256 of that text, hexadecimal."""
    return hashlib.sha256(text(capacity, version).encode()).hexdigest()
