"""When the garbage collector may look: a look at all objects would stop thousands of sockets at once."""

import gc

YOUNG_TICKS = 10

ALL_TICKS = 3_000

RARE_TICKS = 36_000
"""Every tenth of a second, a tick, the collector looks at what is new since the last; every second at what has stayed
since the last second; every five minutes at all objects, but every hour only while there are many of them."""

MANY = 500
"""Connections whose objects can all be looked at in an unnoticed pause; with thousands the pause is 650 ms."""


def quiet_collector() -> None:
    """From here on the collector works when `collect` says so, and what is here at the start stays.

    By itself it begins when there are so many more objects than before, and counts off those that went. Beside a
    thousand connections that come and go it lets a hundred thousand gather and then looks at them in a pause of
    50 ms.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def collect(tick: int, held: int) -> None:
    """Look for reference cycles, where the pause is not noticed; `held` connections are there.

    Sockets that stand leave none behind when they go. A cycle that lasts for more than a second before it is garbage
    waits until few connections are here, or for an hour.
    """
    every = ALL_TICKS if held < MANY else RARE_TICKS
    if tick % every == every - 1:
        gc.collect(2)
    else:
        gc.collect(1 if tick % YOUNG_TICKS == YOUNG_TICKS - 1 else 0)
