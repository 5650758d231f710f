"""The promises by their numbers: each has its sentence, once."""

import re

from evidence.promises import RECOUNTED, SENTENCES, Promise
from tests.support.places import ROOT


def test_every_promise_has_its_sentence() -> None:
    """One line each, none like another."""
    assert list(SENTENCES) == list(Promise)
    assert len(set(SENTENCES.values())) == len(Promise)
    assert [sentence for sentence in SENTENCES.values() if "\n" in sentence or sentence.endswith(".")] == []


def test_they_are_counted_without_a_gap() -> None:
    """From P1 on, as they are spoken of everywhere."""
    assert [promise.value for promise in Promise] == [f"P{n}" for n in range(1, len(Promise) + 1)]
    assert set(RECOUNTED) <= set(Promise)


def test_a_finding_is_of_a_promise_that_is_recounted() -> None:
    """The checks speak of no promise that the report leaves out."""
    text = "".join(
        (ROOT / "evidence" / name).read_text("utf-8")
        for name in (
            "recount.py",
            "recount_draw.py",
            "money/recount_money.py",
            "money/recount_supplements.py",
        )
    )
    assert {Promise(name) for name in re.findall(r"Promise\.(P\d+)", text)} == set(RECOUNTED)
