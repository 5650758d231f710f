"""The table: every loss that is proved, in the order of `docs/losses.md`."""

from tests.losses.failovers import a_to_b_to_a, frozen_and_back
from tests.losses.scenes import (
    clock_steps,
    flushall,
    flushall_at_a_call,
    flushall_without_ticker,
    one_after_another,
    postgres_restarted,
    redis_gone,
    rolling_restart,
    ticker_killed,
    ticker_paused,
    two_tickers,
    web_killed,
    yesterdays_file,
)
from tests.losses.stage import Loss
from tests.support.processes.postgres import FAST, IMMEDIATE

LOSSES = (
    Loss(name="flushall", lose=flushall),
    Loss(name="flushall-at-a-call", lose=flushall_at_a_call),
    Loss(name="flushall-without-ticker", lose=flushall_without_ticker),
    Loss(name="redis-gone", lose=redis_gone),
    Loss(name="yesterdays-file", lose=yesterdays_file),
    Loss(name="sentinel-failover", lose=a_to_b_to_a, redis="sentinels"),
    Loss(name="cluster-failover", lose=a_to_b_to_a, redis="cluster"),
    Loss(name="sentinel-frozen", lose=frozen_and_back, redis="sentinels"),
    Loss(name="web-killed", lose=web_killed),
    Loss(name="rolling-restart", lose=rolling_restart),
    Loss(name="ticker-killed", lose=ticker_killed),
    Loss(name="ticker-paused", lose=ticker_paused),
    Loss(name="two-tickers", lose=two_tickers),
    Loss(name="clock-of-web", lose=clock_steps, clock_of="web"),
    Loss(name="clock-of-redis", lose=clock_steps, clock_of="valkey"),
    Loss(name="postgresql-restarted", lose=postgres_restarted(FAST), postgresql=True),
    Loss(name="postgresql-crashed", lose=postgres_restarted(IMMEDIATE), postgresql=True),
)

SEVERAL = Loss(
    name="several",
    lose=one_after_another(
        rolling_restart,
        redis_gone,
        ticker_paused,
        two_tickers,
        postgres_restarted(IMMEDIATE),
    ),
    postgresql=True,
)
"""What a test of seconds can lose with a few people inside; `test_crashes.py` kills the processes.

Not the file of yesterday: whom it does not know is back after a look or a poll, and a hold of a second is too short.
"""
