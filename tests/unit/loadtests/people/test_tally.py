"""What a whole crowd has seen."""

from loadtests.journey.states import JourneyEnd
from loadtests.journey.steps import Outcome
from loadtests.people.tally import CrowdTally, best_rate, spread
from loadtests.run import LoadSample
from loadtests.run import LoadWatch as Watching


def test_a_tally_sees_what_one_candidate_cannot() -> None:
    """Two people with one number, rank or receipt are found, and unnatural refusals are counted as broken."""
    tally = CrowdTally()
    tally.add(Outcome(kind=JourneyEnd.SUBMITTED, number=1, rank=1, receipt="a"))
    tally.add(Outcome(kind=JourneyEnd.QUOTA_REACHED, number=2))
    tally.add(Outcome(kind=JourneyEnd.REFUSED, code="duplicate_account"))
    assert tally.broken() == []
    tally.add(Outcome(kind=JourneyEnd.SUBMITTED, number=1, rank=1, receipt="a"))
    tally.add(Outcome(kind=JourneyEnd.REFUSED, number=4, code="token_other_browser"))
    tally.add(Outcome(kind=JourneyEnd.FAILED, number=5, reason="P5: early"))
    assert tally.broken() == [
        "number 4 was refused with token_other_browser",
        "P5: early",
        "P1: number 1 was given to 2 people",
        "P2: rank 1 was given to 2 people",
        "P3: receipt a was given to 2 people",
    ]


def test_figures_of_a_load_test() -> None:
    """The best second, the spread of a delay, and the growth a socket when first nearly the most were held."""
    assert best_rate([0.0, 0.1, 0.2, 1.0, 1.15, 5.0], 1.0) == 3.0
    assert best_rate([], 1.0) == 0.0
    assert spread([5.0, 1.0, 3.0]) == {"p50": 3.0, "p95": 3.0, "p99": 3.0, "max": 5.0}
    watching = Watching([])
    watching.samples = [
        LoadSample(1000, 10),
        LoadSample(1400, 20),
        LoadSample(2990, 109),
        LoadSample(9000, 110),
        LoadSample(9000, 40),
    ]
    assert watching.per_connection() == (20, 99)
