"""A whole arrival, timed."""

import pytest

from loadtests.journey.states import StepName
from loadtests.people.whole import NUMBER, ArrivalCounts, ArrivalTimer, bucket


@pytest.mark.parametrize(("seconds", "ms"), [(0.0004, 0), (0.9994, 999), (1.239, 1_230), (12.34, 12_300)])
def test_times_are_counted_as_finely_as_they_matter(seconds: float, ms: int) -> None:
    """To the millisecond below a second, to a hundredth of the value or so beyond."""
    assert bucket(seconds) == ms


def test_an_arrival_is_timed_step_by_step() -> None:
    """The number on the page counts from the first press, through a refusal; bytes and requests are all of them."""
    counts = ArrivalCounts()
    timer = ArrivalTimer(counts)
    for step, status, sent, came in (
        (StepName.PAGE, 200, 0.0, 0.1),
        (StepName.FILE, 200, 0.1, 0.12),
        (StepName.BUTTON, 503, 1.0, 1.5),
        (StepName.BUTTON, 303, 3.0, 3.2),
        (StepName.PLACE, 200, 3.2, 3.5),
    ):
        timer.sends(step, sent)
        timer.answered(status, 1_000, came)
    assert (timer.asked, timer.told, timer.lost) == (1.0, 3.2, False)
    timer.sends(StepName.FEED, 3.5)
    timer.answered(101, 100, 3.55)
    timer.framed(50, 3.6)
    timer.over()
    assert {step: list(took) for step, took in counts.took.items()} == {
        StepName.PAGE: [100], StepName.FILE: [20], StepName.BUTTON: [200], StepName.PLACE: [300], NUMBER: [2_500],
        StepName.FEED: [100],
    }  # fmt: skip
    assert (counts.arrived, counts.requests, counts.bytes_in) == (1, 6, 5_150)


def test_a_press_without_an_answer_leaves_open_which_one_counted() -> None:
    """Twin of a refusal, after which the next press is the first that could."""
    timer = ArrivalTimer(ArrivalCounts())
    timer.sends(StepName.BUTTON, 1.0)
    timer.sends(StepName.BUTTON, 2.0)
    timer.answered(303, 10, 2.1)
    assert (timer.asked, timer.told, timer.lost) == (1.0, 2.1, True)


def test_a_sample_takes_what_there_is_and_arrivals_go_on() -> None:
    """Who is under way when the counts begin anew is counted in the next sample."""
    counts = ArrivalCounts()
    timer = ArrivalTimer(counts)
    for step in (StepName.PAGE, StepName.LOOK):
        timer.sends(step, 0.0)
        timer.answered(200, 10, 1.0)
        assert list(counts.took) == [step]
        counts.begin()
    timer.over()
    assert (counts.arrived, counts.requests, counts.bytes_in) == (1, 2, 20)
