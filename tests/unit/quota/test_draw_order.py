"""The drawn order: a bijection, the same for everybody, and nothing published about it can be altered unseen."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quota.draw_order import LONGEST_VALUE, Draw, broken, commitment, order, plain, read
from tests.support.places import ROOT

SEED = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

VALUE = "03-11-17-22-34-46"

SHOWN = Draw(
    period="demo",
    entries_from="2026-06-13T12:00:00.000Z",
    opens_at="2026-06-13T12:30:00.000Z",
    value_is="Lotto 6/49 du 12 juin 2026",
    commitment=commitment(SEED),
    entries=10,
    value=VALUE,
    seed=SEED,
    drawn_at="2026-06-13T12:30:04.000Z",
)


@pytest.mark.slow
def test_the_order_is_a_bijection_for_every_size() -> None:
    """For 1 to 2000 entries every number from 1 on is given to exactly one entry; nobody is entry 0."""
    for entries in range(1, 2001):
        numbers = order(SEED, "demo", entries, VALUE)
        assert numbers[0] == 0
        assert sorted(numbers[1:]) == list(range(1, entries + 1))


def test_no_entries_are_drawn_too() -> None:
    """An opening to which nobody came early has an order of nobody."""
    assert list(order(SEED, "demo", 0, VALUE)) == [0]


VECTORS = (ROOT / "docs" / "draw.md").read_text(encoding="utf-8")


def test_the_vectors_of_the_specification() -> None:
    """What docs/draw.md prints is what is computed: commitment, key, first digest, and the order."""
    about = f"guichet-draw-1\ndemo\n10\n{VALUE}".encode()
    key = hmac.digest(bytes.fromhex(SEED), about, "sha256")
    first = hmac.digest(key, b"1", "sha256")
    numbers = order(SEED, "demo", 10, VALUE)
    for said in (SEED, commitment(SEED), key.hex(), first.hex(), ", ".join(map(str, numbers[1:]))):
        assert said in VECTORS
    large = order(SEED, "demo", 100_000, VALUE)
    digest = hashlib.sha256("\n".join(map(str, large[1:])).encode()).hexdigest()
    assert digest in VECTORS


@given(
    seed=st.binary(min_size=32, max_size=32),
    entries=st.integers(1, 300),
    values=st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=2, unique=True),
)
@settings(max_examples=60, deadline=None)
def test_the_order_follows_from_what_is_published(seed: bytes, entries: int, values: list[str]) -> None:
    """A bijection whatever seed and value are, twice the same; another value is another key."""
    numbers = order(seed.hex(), "demo", entries, values[0])
    assert sorted(numbers[1:]) == list(range(1, entries + 1))
    assert numbers == order(seed.hex(), "demo", entries, values[0])
    if entries > 20:
        assert numbers != order(seed.hex(), "demo", entries, values[1])
        assert numbers != order(seed.hex(), "essai", entries, values[0])
        assert numbers[:-1] != order(seed.hex(), "demo", entries - 1, values[0])


def test_every_entry_has_the_same_chances() -> None:
    """Over 4,000 seeds each of five entries is first about as often: chi-squared below the 0.1 % bound of 18.47."""
    first = [0] * 5
    for n in range(4000):
        first[order(f"{n:064x}", "demo", 5, VALUE).index(1) - 1] += 1
    assert sum((count - 800) ** 2 / 800 for count in first) < 18.47


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  03-11 \n", "03-11"),
        ("e\u0301te\u0301", "été"),
        ("", None),
        ("a\nb", None),
        ("a\u2028b", None),
        ("a\x00b", None),
        ("x" * LONGEST_VALUE, "x" * LONGEST_VALUE),
        ("x" * (LONGEST_VALUE + 1), None),
    ],
)
def test_the_published_form_of_a_value(typed: str, kept: str | None) -> None:
    """NFC, nothing around it, one line, 1 to 200 characters."""
    assert plain(typed) == kept


def test_a_right_draw_has_nothing_wrong() -> None:
    """The twin of the test below."""
    right = order(SEED, "demo", 10, VALUE)
    assert broken(SHOWN, {entry: right[entry] for entry in range(1, 11)}) == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another seed": ({"seed": "ff" * 32}, "not the one committed to"),
    "no seed": ({"seed": None}, "not drawn"),
    "half a seed": ({"seed": "ff"}, "64 hexadecimal"),
    "no hexadecimal": ({"seed": "zz" * 32}, "64 hexadecimal"),
    "another computation": ({"spec": "guichet-draw-9"}, "knows"),
    "another value": ({"value": "01-02"}, "has number"),
    "a value with a tail": ({"value": VALUE + " "}, "published form"),
    "an entry more": ({"entries": 11}, "has number"),
    "an entry less": ({"entries": 9}, "not one of the 9"),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_whatever_is_altered_is_found(what: str) -> None:
    """Seed, value, number of entries, or one number: each is found and said."""
    change, said = WRONG[what]
    right = order(SEED, "demo", 10, VALUE)
    found = broken(msgspec.structs.replace(SHOWN, **change), {entry: right[entry] for entry in range(1, 11)})
    assert any(said in sentence for sentence in found), found


def test_one_altered_number_is_found() -> None:
    """Two entries whose numbers were exchanged are named, and only they."""
    right = order(SEED, "demo", 10, VALUE)
    numbers = {entry: right[entry] for entry in range(1, 11)}
    numbers[3], numbers[7] = numbers[7], numbers[3]
    found = broken(SHOWN, numbers)
    assert [sentence.split()[1] for sentence in found] == ["3", "7"]


def test_a_published_file_is_read_in_both_forms() -> None:
    """The draw alone, or the period that holds it; with numbers where there are some."""
    alone = msgspec.json.encode(SHOWN)
    assert read(alone) == (SHOWN, {})
    whole = msgspec.json.encode({"id": "demo", "draw": msgspec.to_builtins(SHOWN) | {"numbers": {"3": 8}}})
    assert read(whole) == (SHOWN, {3: 8})
    for wrong in (b"[]", b"{}", b'{"draw": null}', b"no", b'"x"'):
        with pytest.raises(ValueError, match="not a published draw"):
            read(wrong)


def independent(tmp_path: Path, content: object, *more: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "draw.json"
    file.write_bytes(msgspec.json.encode(content))
    script = str(ROOT / "docs" / "tools" / "verify_draw.py")
    return subprocess.run(
        [sys.executable, "-I", script, str(file), *more], capture_output=True, text=True, check=False
    )


def test_the_independent_verifier_finds_the_same(tmp_path: Path) -> None:
    """A script that shares nothing with the program prints the same number, and refuses what was altered."""
    right = order(SEED, "demo", 10, VALUE)
    said = independent(tmp_path, SHOWN, "7")
    assert (said.returncode, said.stdout.split()[-1]) == (0, str(right[7])), said
    whole = independent(tmp_path, {"draw": SHOWN})
    assert [int(line.split()[-1]) for line in whole.stdout.splitlines()[-10:]] == list(right[1:])
    altered = independent(tmp_path, msgspec.structs.replace(SHOWN, seed="ff" * 32))
    assert altered.returncode == 1
    assert "commitment" in altered.stderr
