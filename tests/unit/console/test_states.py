"""Every state, move, button and act has its French."""

import ast

import pytest

from console.states import (
    ACTIONS,
    AUDIT_WORDS,
    DONE,
    NOT_ARMED,
    STANDS,
    STOPPED,
    Adjustment,
    Reached,
    audit_words,
    done_words,
    stopped_words,
)
from quota.states import BY_OPERATORS, Action, PeriodAct, Stand
from tests.support.places import ROOT


def test_every_stand_has_its_words() -> None:
    """A name and a sentence for each, and for nothing else."""
    assert set(STANDS) == set(Stand)
    assert [stand for stand, words in STANDS.items() if not all(words)] == []


def test_every_move_of_an_operator_has_its_button() -> None:
    """What its button says and does, and what the page says afterwards."""
    assert set(ACTIONS) == set(BY_OPERATORS)
    assert set(DONE) == {*BY_OPERATORS, *Adjustment, PeriodAct.STOP}


def test_every_act_has_its_name() -> None:
    """All moves, the service's too, and all that is recorded beside them."""
    assert set(AUDIT_WORDS) == {*Action, *PeriodAct}


RECORDERS = (
    "quota/moves/preparing.py",
    "quota/moves/operating.py",
    "quota/moves/schedule.py",
    "quota/moves/writing.py",
    "quota/annulment.py",
    "quota/frozen_rules.py",
    "waitingroom/line/restorations.py",
)
"""What writes acts of periods into the audit."""


def test_every_act_that_is_recorded_is_known() -> None:
    """What they write by name is a member of `PeriodAct`, and every member is written."""
    written = set()
    for path in RECORDERS:
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("write", "record", "audit.record"):
                written |= {act_of(argument) for argument in node.args} - {None}
    assert written == {act.value for act in PeriodAct}


def act_of(argument: ast.expr) -> str | None:
    """The act that an argument names, as a text or as a member."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if isinstance(argument, ast.Attribute) and ast.unparse(argument.value) == "PeriodAct":
        return PeriodAct[argument.attr].value
    return None


@pytest.mark.parametrize(
    ("word", "said"), [("pause", "La période est en pause."), ("nonsense", ""), ("", "")]
)
def test_the_page_says_what_was_done(word: str, said: str) -> None:
    """By the word in the address; a word that is no button says nothing."""
    assert done_words(word) == said


def test_an_act_of_a_later_release_stands_as_it_is() -> None:
    """The page of an older release shows it rather than fails."""
    assert audit_words("pace") == "Rythme"
    assert audit_words("teleport") == "teleport"


def test_each_outcome_of_the_kill_switch_has_its_words() -> None:
    """What is stopped is said first; a store that did not answer is named, with what that means."""
    assert set(STOPPED) == set(Reached)
    for reached, store in ((Reached.SQL, "Redis"), (Reached.REDIS, "base de données")):
        first, then = stopped_words(reached, None)
        assert first == "Les appels et les soumissions sont arrêtés."
        assert then.startswith(("Redis", "La base")), store
        assert store in then
    assert stopped_words(Reached.BOTH, Stand.ANNOUNCED) == (NOT_ARMED,)
    assert "n’est pas encore fait" in stopped_words(Reached.NEITHER, None)[0]
