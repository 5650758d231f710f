"""Which records meet."""

import importlib.util
from types import ModuleType

from accounts.identities import Identity
from accounts.linkage.blocking import keys_of
from accounts.linkage.comparison import PersonRecord
from tests.support.places import ROOT


def pairs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pairs", ROOT / "docs" / "tools" / "duplicates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(**fields: str) -> PersonRecord:
    named = {"family_name": "N’Diaye", "given_name": "Awa", "birth_date": "1990-02-03", "passport": "AB1"}
    return PersonRecord(identity=Identity(**named | fields))


def test_whoever_would_be_reviewed_is_compared() -> None:
    """No pair of the table that scores enough is kept from a person by blocking."""
    table = pairs()
    for of in table.CLASSES:
        for pair in of.pairs:
            comparison, is_blocked = table.judged(of, pair)
            assert is_blocked or not comparison.is_reviewed, (of.title, pair)


def test_day_and_month_in_either_order_are_one_key() -> None:
    """And so are families and given names, and a document however it is spaced."""
    assert keys_of(record()) == keys_of(record(birth_date="1990-03-02", passport="a b-1"))
    assert keys_of(record()) == keys_of(record(family_name="Awa", given_name="NDIAYE"))


def test_an_empty_record_meets_nobody() -> None:
    """Nothing in it is a key."""
    assert keys_of(record(family_name="", given_name="", birth_date="", passport="")) == ()


def test_a_person_has_few_keys() -> None:
    """Also one with many names: what is stored stays small."""
    many = record(family_name=" ".join(["Bob", "Carl", "Dag", "Fin", "Gil", "Hal", "Jim", "Kim"]))
    assert len(keys_of(many)) <= 25


def test_the_document_has_the_table_of_now() -> None:
    """`python docs/tools/duplicates.py --write` writes it."""
    text = (ROOT / "docs" / "duplicates.md").read_text(encoding="utf-8")
    assert pairs().written(text) == text
