"""How many simulated people there are at each moment of a load test. Only Locust's own process imports this."""

import time
from typing import Any

from locust import LoadTestShape

SHAPES: dict[str, tuple[tuple[float, int, float], ...]] = {
    # Until second, people, arriving per second.
    "stampede": ((5, 400, 200.0), (60, 400, 200.0)),
    "steady": ((60, 300, 5.0),),
    "intake": ((4, 400, 200.0), (20, 400, 5.0), (60, 600, 5.0)),
}
"""An opening where everybody comes at once; a steady minute; and the first, with the second behind it."""


class Chosen(LoadTestShape):
    """The shape that `--shape` names. Without one, `--users`, `--spawn-rate` and `--run-time` count."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        options: Any = self.runner.environment.parsed_options if self.runner else None
        if options is None:
            return None
        stages = SHAPES.get(options.shape)
        if stages is None:
            return options.num_users, options.spawn_rate
        return now_in(stages, time.perf_counter() - self.start_time)


def now_in(stages: tuple[tuple[float, int, float], ...], seconds: float) -> tuple[int, float] | None:
    """People and arrivals at this second; None when the shape is over."""
    for until, people, rate in stages:
        if seconds < until:
            return people, rate
    return None
