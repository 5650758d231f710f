"""What a simulated candidate will do, drawn beforehand."""

import random

from loadtests.journey.plan import draw


def test_the_same_seed_is_the_same_candidate() -> None:
    """A crowd can be repeated."""
    assert [draw(random.Random(seed)) for seed in range(50)] == [
        draw(random.Random(seed)) for seed in range(50)
    ]
