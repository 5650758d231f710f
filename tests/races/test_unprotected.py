"""Each protection switched off in a running service: the recount finds what it protects from.

Twins of `test_losses.py`.
"""

import os

import msgspec
import pytest

from tests.losses.failovers import a_to_b
from tests.losses.recount import prove, run
from tests.losses.scenes import flushall_while_some_are_away, ticker_paused
from tests.losses.stage import SMALL, Loss
from tests.support.places import ROOT

pytestmark = pytest.mark.slow

SIZE = msgspec.structs.replace(SMALL, hold_seconds=8.0, long=12.0)

LOST = Loss(name="flushall", lose=flushall_while_some_are_away)

PAUSED = Loss(name="ticker-paused", lose=ticker_paused)

TAKEN_OVER = Loss(name="taken-over", lose=a_to_b, redis="sentinels")


def findings(loss: Loss, without: str = "", **changed: float) -> str:
    """What the recount finds, or what did not come to pass, in a service without this protection."""
    path = os.pathsep.join([str(ROOT / "tests" / "unprotected"), os.environ.get("PYTHONPATH", "")])
    environment = {"PYTHONPATH": path, "WITHOUT": without} if without else {}
    size = msgspec.structs.replace(SIZE, **changed)
    try:
        proof = run(lambda: prove(loss, size, environment, to_the_cap=False))
    except AssertionError as problem:
        return str(problem)
    return "; ".join(proof.findings)


@pytest.mark.parametrize("loss", [LOST, PAUSED, TAKEN_OVER], ids=lambda loss: loss.name)
def test_with_everything_in_place_nothing_is_found(loss: Loss) -> None:
    """The same scenes as below, in the service as it is."""
    assert findings(loss) == ""


def test_without_the_mark_a_number_is_given_twice() -> None:
    """A new epoch that begins at zero hands out numbers that people on their way back hold."""
    assert "was given twice" in findings(LOST, "mark")


def test_without_the_fence_a_number_is_given_twice() -> None:
    """Nobody notices the loss: the line goes on from the highest number that has come back so far."""
    assert "was given twice" in findings(LOST, "fence")


def test_without_the_fence_a_replica_that_lags_gives_numbers_twice() -> None:
    """It takes over and goes on from the last join that it heard of."""
    assert "was given twice" in findings(TAKEN_OVER, "fence")


def test_without_the_hold_somebody_is_passed() -> None:
    """Those whose network was gone for three seconds are called after people behind them."""
    assert "was called after" in findings(LOST, hold_seconds=0.0)


def test_without_restoring_whoever_was_there_is_passed() -> None:
    """The tickets come back and the line does not take them: newcomers are called, and the others wait for ever."""
    assert "still waited" in findings(LOST, "restore")


def test_without_the_standing_clock_a_pause_costs_people_their_time() -> None:
    """The ticker wakes after six seconds, and all six were served."""
    assert "does not make up for the pause" in findings(PAUSED, "standing clock")
