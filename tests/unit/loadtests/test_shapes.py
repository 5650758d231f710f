"""How many simulated people there are at each moment of a load test."""

import pytest

from loadtests.shapes import SHAPES, LoadShape, now_in


@pytest.mark.parametrize(
    ("seconds", "scale", "expected"),
    [
        (0.0, 1.0, (1_000, 1_000.0)),
        (29.5, 1.0, (30_500, 1_000.0)),
        (59.9, 1.0, (60_000, 1_000.0)),
        (119.0, 0.01, (600, 10.0)),
        (0.0, 0.0001, (1, 1.0)),
        (120.0, 1.0, None),
    ],
)
def test_a_stampede_is_sixty_thousand_in_a_minute(
    seconds: float, scale: float, expected: tuple[int, float] | None
) -> None:
    """A thousand a second, step by step, at any size; then it is over."""
    assert now_in(SHAPES[LoadShape.STAMPEDE].stages, seconds, scale) == expected


def test_shapes_grow_as_fast_as_they_say() -> None:
    """From one second to the next no shape asks for more people than come in one."""
    for shape in SHAPES.values():
        before = 0
        for second in range(int(shape.stages[-1][0])):
            at_that = now_in(shape.stages, float(second))
            assert at_that is not None
            people, rate = at_that
            assert people - before <= rate * 1.01 + 1
            before = people
