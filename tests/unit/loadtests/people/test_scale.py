"""How a whole intake is played in minutes."""

import pytest

from loadtests.people.scale import (
    ARRIVALS_PART,
    ARRIVED,
    LEAST_TOKEN_SECONDS,
    WAIT_SECONDS,
    WHOLE_ARRIVAL_MS,
    arrival,
    bearable,
    processes,
    scaled,
)


@pytest.mark.parametrize(
    ("people", "cap", "time_scale", "cores", "pace", "token"),
    [
        (60_000, 5073, 20.0, 2, 600, 30),
        (60_000, 5073, 1.0, 2, 30, 600),
        (60_000, 5073, 40.0, 2, 600, 15),
        (60_000, 5073, 40.0, 8, 1200, 15),
        (300, 30, 1000.0, 2, 600, LEAST_TOKEN_SECONDS),
        (20, 1, 0.1, 1, 3, 6000),
    ],
)
def test_times_are_scaled_as_far_as_a_machine_allows(
    people: int, cap: int, time_scale: float, cores: int, pace: int, token: int
) -> None:
    """The pace ends where the hashes would fill the cores, the token where a queue would outlast it."""
    scale = scaled(people, cap, time_scale, cores)
    assert (scale.calls_per_minute, scale.token_seconds) == (pace, token)
    assert scale.pace_scale <= time_scale * 1.01
    assert scale.arrive_seconds < scale.expected_seconds < scale.most_seconds


def test_sixty_thousand_take_some_ten_minutes() -> None:
    """The defaults, on two cores: between eight and fifteen minutes."""
    assert 8 * 60 < scaled(60_000, 5073, 20.0, 2).expected_seconds < 15 * 60


@pytest.mark.parametrize(("people", "count"), [(1, 1), (15_000, 1), (15_001, 2), (60_000, 4)])
def test_processes_hold_what_the_open_files_allow(people: int, count: int) -> None:
    assert processes(people) == count


@pytest.mark.parametrize("cores", [1, 2, 4, 64])
@pytest.mark.parametrize(("people", "cap"), [(20, 2), (2_000, 200), (60_000, 5073)])
def test_as_many_arrive_whole_as_the_machine_bears(people: int, cap: int, cores: int) -> None:
    """So many that nobody waits for a processor while most come, and no fewer; on enough cores everybody."""
    scale = scaled(people, cap, 20.0, 2)
    share = bearable(scale, cores)

    def longest_wait(whole: float) -> float:
        each = whole * people * WHOLE_ARRIVAL_MS / 1000 / (ARRIVALS_PART * cores)
        return max(each * part / 100 - arrival(part / 100, scale.expected_seconds) for part in range(101))

    assert longest_wait(share) <= WAIT_SECONDS
    assert share == 1.0 or longest_wait(share + 0.02) > WAIT_SECONDS
    assert share == 1.0 or (cores < 64 and people > 20)


def test_people_come_as_at_an_opening() -> None:
    """Half of them in the first tenth of the day, the last at six tenths; never backwards."""
    instants = [arrival(share / 1000, 1000.0) for share in range(1001)]
    assert instants == sorted(instants)
    assert instants[0] == 0.0
    assert instants[500] == pytest.approx(100.0)
    assert instants[-1] == pytest.approx(1000.0 * ARRIVED[-1][1])
