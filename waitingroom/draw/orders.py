"""The drawn orders that a process knows: which number each entry has, once its period is drawn (`docs/draw.md`)."""

import asyncio
from collections.abc import Iterable, MutableMapping, Sequence

from quota.draw_order import order
from quota.store import Period

Orders = MutableMapping[str, Sequence[int]]
"""By period uid, the number of each entry; the entry is the index, and nobody has entry 0."""


async def learn(orders: Orders, periods: Iterable[Period]) -> None:
    """Work out the orders that were drawn and are not known yet; in a thread, for a large one takes a second."""
    for period in periods:
        if period.seed is not None and period.uid not in orders:
            known = (period.seed, period.id, period.entries or 0, period.public_value or "")
            orders[period.uid] = await asyncio.to_thread(order, *known)
