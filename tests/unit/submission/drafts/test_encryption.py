"""The answers of a draft, sealed one by one."""

import time

import msgspec
import pytest

from submission.drafts.encryption import (
    DraftCiphers,
    SealedSection,
    UnreadableAnswers,
    past_place,
    place_of,
)
from submission.forms.answers import SectionAnswers

OLD, NEW = "an old key of at least thirty-two characters", "a new key of at least thirty-two characters!"

PLACE = place_of(17, "identity")

ANSWERS: SectionAnswers = {
    "family_name": "Ünal\u202e",
    "given_name": "",
    "members": [{"key": "m1", "given_name": "Ève", "born": ""}],
}


def test_what_is_sealed_opens_again() -> None:
    """Every answer, of members too; what is empty is stored empty, and nothing else can be read."""
    ciphers = DraftCiphers((NEW,))
    sealed = ciphers.seal(PLACE, ANSWERS)
    assert ciphers.open(PLACE, sealed) == ANSWERS
    stored = msgspec.msgpack.decode(sealed.answers)
    assert stored["given_name"] == b"" and stored["members"][0]["born"] == b""
    assert "Ève".encode() not in sealed.answers and "Ünal".encode() not in sealed.answers
    assert sealed != ciphers.seal(PLACE, ANSWERS)  # a nonce of its own each time


@pytest.mark.parametrize(
    "place",
    [place_of(18, "identity"), place_of(17, "contact"), past_place("17", "identity")],
    ids=["another draft", "another section", "another table"],
)
def test_it_opens_nowhere_else(place: str) -> None:
    """Bound to table, row and section."""
    ciphers = DraftCiphers((NEW,))
    with pytest.raises(UnreadableAnswers):
        ciphers.open(place, ciphers.seal(PLACE, ANSWERS))


def test_an_answer_opens_in_its_own_field_only() -> None:
    """Two fields of one section cannot be exchanged, nor two members."""
    ciphers = DraftCiphers((NEW,))
    sealed = ciphers.seal(
        PLACE, {"a": "one", "members": [{"key": "m1", "x": "two"}, {"key": "m2", "x": "three"}]}
    )
    fields = msgspec.msgpack.decode(sealed.answers)
    one, other = fields["members"]
    for moved in (
        {"b": fields["a"]},
        {"members": [{"key": one["key"], "x": other["x"]}]},
        {"x": one["x"]},
    ):
        with pytest.raises(UnreadableAnswers):
            ciphers.open(PLACE, SealedSection(sealed.key, msgspec.msgpack.encode(moved)))


def test_keys_rotate() -> None:
    """What an older key sealed opens as long as that key is there; the first one seals."""
    sealed = DraftCiphers((OLD,)).seal(PLACE, ANSWERS)
    both = DraftCiphers((NEW, OLD))
    assert both.open(PLACE, sealed) == ANSWERS
    assert both.seal(PLACE, ANSWERS).key == DraftCiphers((NEW,)).fields.newest != sealed.key
    with pytest.raises(UnreadableAnswers):
        DraftCiphers((NEW,)).open(PLACE, sealed)


def test_sixty_fields_open_quickly() -> None:
    """Well under 0.3 ms on an idle core (0.06 measured); here with room for a busy machine."""
    ciphers = DraftCiphers((NEW,))
    sealed = ciphers.seal(PLACE, {f"field_{n}": f"une réponse de taille moyenne, {n}" for n in range(60)})
    took = []
    for _ in range(50):
        began = time.perf_counter()
        ciphers.open(PLACE, sealed)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.001
