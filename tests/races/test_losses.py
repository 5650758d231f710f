"""Whatever is lost: nobody loses a number, nobody is passed, no receipt is lost, the cap is exact (P1 to P8).

With thousands of people and one loss at a time in `make prove`, with a few people and several losses here.
"""

import json
import runpy
import shutil

import pytest

from tests.losses.drills import BEGIN, DRILLS, END, StoreDrill, play
from tests.losses.recount import prove, run
from tests.losses.stage import LARGE, SMALL, Loss
from tests.losses.table import LOSSES, SEVERAL
from tests.support.people import crowd_checks as checks
from tests.support.people.crowds import CrowdPerson
from tests.support.places import ROOT

DOCS = ROOT / "docs"


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_five_thousand_people_and_one_loss(loss: Loss) -> None:
    """5,000 hold their feeds while people are called; one thing is lost and comes back; everything is recounted."""
    if loss.clock_of and shutil.which("cc") is None:
        pytest.skip("a wrong clock is preloaded, which takes a C compiler")
    proof = run(lambda: prove(loss, LARGE))
    assert proof.findings == []


@pytest.mark.slow
def test_several_losses_one_after_the_other() -> None:
    """A rolling restart, Redis gone for seconds, a crash of PostgreSQL, under 80 people."""
    proof = run(lambda: prove(SEVERAL, SMALL))
    assert proof.findings == []


def test_the_page_tells_of_every_loss() -> None:
    """Each was run with 5,000 people, and nothing was found; the page is what the record makes of it."""
    kept = json.loads((DOCS / "losses.json").read_text(encoding="utf-8"))
    assert list(kept) == [loss.name for loss in LOSSES]
    assert [name for name, proof in kept.items() if proof["findings"] or proof["people"] < LARGE.people] == []
    rows = runpy.run_path(str(DOCS / "tools" / "losses.py"))["table"](kept)
    assert rows in (DOCS / "losses.md").read_text(encoding="utf-8")


def person(number: int, *states: str, **known: object) -> CrowdPerson:
    one = CrowdPerson()
    one.number, one.numbers, one.states = number, {number}, list(states)
    for name, value in known.items():
        setattr(one, name, value)
    return one


def test_a_number_that_changed_is_found() -> None:
    """Somebody was told 4, then 9."""
    assert checks.numbers_kept([person(4)]) == []
    assert checks.numbers_kept([person(4, numbers={4, 9})]) != []


def test_a_number_given_twice_is_found() -> None:
    """Two people hold 7."""
    assert checks.numbers_distinct([6, 7, 8]) == []
    assert checks.numbers_distinct([7, 6, 7]) == ["number 7 was given twice"]


def test_a_later_join_with_a_lower_number_is_found() -> None:
    """The one who asked after the other's answer has the lower number; of two at once either may."""
    at_once = [checks.AskedQuestion(0.0, 1.0, 2), checks.AskedQuestion(0.9, 1.1, 1)]
    assert checks.in_order_of_joining(at_once) == []
    assert checks.in_order_of_joining([*at_once, checks.AskedQuestion(1.2, 1.3, 3)]) == []
    assert checks.in_order_of_joining(
        [checks.AskedQuestion(0.0, 1.0, 2), checks.AskedQuestion(1.1, 1.2, 1)]
    ) == ["1 was given after 2"]


def test_somebody_who_was_passed_is_found() -> None:
    """Number 3 still waits ten seconds after number 5 was called; in the ledger 3 is called after 5."""
    passed = person(3, last_waiting=30.0, first={"called": 31.0})
    first = person(5, last_waiting=19.0, first={"called": 20.0})
    assert checks.nobody_passed([passed, first]) != []
    assert checks.nobody_passed([person(3, last_waiting=20.5), first]) == []
    assert checks.called_in_order([[1, 2], [5], [3]]) == ["3 was called after 5"]
    assert checks.called_in_order([[1, 2], [5], [3]], away=[3]) == []


def test_a_call_that_was_taken_back_is_found() -> None:
    """Called, then waiting again."""
    assert checks.never_called_back([person(1, "waiting", "called", "submitted")]) == []
    assert checks.never_called_back([person(1, "waiting", "called", "waiting")]) != []


def test_a_receipt_that_is_lost_or_changed_is_found() -> None:
    """A receipt that the books do not have, one with another rank, and ranks with a gap."""
    one = person(4, receipts={("r-1", 1)})
    assert checks.receipts_kept([one], {"r-1": (4, 1)}) == []
    assert checks.receipts_kept([one], {}) != []
    assert checks.receipts_kept([one], {"r-1": (4, 2)}) != []
    assert checks.cap_exact([2, 1, 3], 3) == []
    assert checks.cap_exact([1, 3], 3) != []
    assert checks.cap_exact([1, 2, 3], 2) != []


def test_somebody_refused_in_time_is_found() -> None:
    """Refused ten seconds after the call; refused after the token's end."""
    early, late = (person(1, acted=at, first={"called": 0.0}, refused="token_expired") for at in (10.0, 29.0))
    assert checks.served_in_time([early], 30) != []
    assert checks.served_in_time([late], 30) == []


@pytest.mark.slow
@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_stores_that_come_back_from_copies(drill: StoreDrill) -> None:
    """With the whole service: no number twice or changed, everybody is called in order, whatever was put back."""
    assert run(lambda: play(drill, 30)).findings == []


def test_the_page_tells_of_every_drill() -> None:
    """The table of backup.md has a row for each, and nobody's number in it came twice or changed."""
    rows = (DOCS / "backup.md").read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]] == [drill.words for drill in DRILLS]
    assert {row.rpartition(" | ")[2] for row in rows[2:]} == {"none |"}
