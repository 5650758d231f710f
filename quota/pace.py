"""The pace of calls on the service clock. All pure.

The service clock is milliseconds the room has served: it stands still in pauses and outages."""

MOST_STEP_MS = 2_000
"""No tick moves the beat or the service clock further than this, whatever the host's clock does."""

LAPSE_GRACE_MS = 1_000
"""A place goes on this long after the token's end, so that a submission received in time can still be recorded."""


def due_calls(clock_ms: int, next_call_ms: int, calls_per_minute: int) -> tuple[int, int]:
    """How many calls are due at this reading of the service clock, and when the next one is.

    Calls are even: 4 a minute is one each 15 s. A beat that was missed by more than two seconds is not made up: the
    next call is then due at once, and the rhythm starts again from it. That is so at a slow pace too: whoever comes
    into an empty line just before the next beat is called, and the one behind them an interval later, not at that beat.
    """
    if calls_per_minute <= 0 or clock_ms < next_call_ms:
        return 0, next_call_ms
    interval = 60_000 / calls_per_minute
    late = clock_ms - next_call_ms
    if late > MOST_STEP_MS:
        return 1, clock_ms + round(interval)
    due = 1 + int(late // interval)
    return due, next_call_ms + round(due * interval)
