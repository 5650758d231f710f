"""The declaration: words that were signed once stay as they were."""

import pytest

from submission.signing import declaration
from submission.states import Capacity

SIGNED = {
    ("2026-11", Capacity.CANDIDATE): "81c375774531c32ec1f96051a864ce1354a8a7a73121952c386bfc5f58f3b123",
    ("2026-11", Capacity.LAWYER): "e16e686f0b0780a37ef0a4118a05e03d713f07c5e5cc1d8cffdc32f2609ac2ee",
}
"""The digests of every text that people have signed. A new wording is a new version, with two lines of its own here."""


@pytest.mark.parametrize(("version", "capacity"), SIGNED, ids=[f"{v} {c}" for v, c in SIGNED])
def test_a_text_that_was_signed_is_never_another(version: str, capacity: Capacity) -> None:
    """Who signed which words is only known for as long as the version has these words and no others."""
    assert declaration.digest(capacity, version) == SIGNED[version, capacity]


def test_every_version_is_pinned() -> None:
    """Twin of the pins: a version without one could be reworded without anybody noticing."""
    assert {version for version, _ in SIGNED} == set(declaration.DECLARATIONS)
    assert len(SIGNED) == len(declaration.DECLARATIONS) * len(Capacity)


def test_the_text_says_in_which_capacity_and_what() -> None:
    """A lawyer signs in the client's name; both attest the duties of whoever applies (PA-11)."""
    candidate, lawyer = (declaration.text(capacity) for capacity in Capacity)
    assert "au nom de la cliente ou du client" in lawyer and "au nom de" not in candidate
    for duty in ("exacts et complets", "changement d’adresse", "à temps les documents", "services en ligne"):
        assert duty in candidate and duty in lawyer
