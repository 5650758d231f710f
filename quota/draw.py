"""The rules of a period in mode draw, and its seed: secret from the announcement until the order is drawn.

`quota/moves/` writes what happens to a period; the order itself is `quota/draw_order.py`'s.
"""

import secrets
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import rfc3339
from quota import draw_order, store
from quota.draw_order import Draw
from quota.programmes import Programme
from quota.states import Mode
from quota.store import Period

MINUTE_MS = 60_000


class BrokenCommitment(Exception):
    """The seed in the store is not the one that was committed to: such a period must not open."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who is first, as an operator may say it of a draft; what is None is the programme's. `entries_from`: instant."""

    mode: str | None = None
    entries_from: int | None = None
    value_is: str | None = None


def rule_of(programme: Programme, opens_at: int, rule: Rule) -> dict[str, Any]:
    """The columns of a period that say who is first."""
    mode = rule.mode or programme.queue.mode
    entries_from, value_is = rule.entries_from, rule.value_is
    if mode == "draw":
        entries_from = entries_from or opens_at - programme.queue.entries_minutes * MINUTE_MS
        named = value_is or programme.queue.public_value or ""
        value_is = draw_order.plain(named) or named
    return {"mode": mode, "entries_from": entries_from, "value_is": value_is}


_MODES = frozenset(str(mode) for mode in Mode)


def wrong_rule(period: Period) -> dict[str, str]:
    """What a draft must not say of its mode, as field and reason (French, for the operator who typed it)."""
    wrong = {}
    if period.mode not in _MODES:  # an operator typed it
        wrong["mode"] = "doit être « fifo » ou « draw »"
    elif period.mode == Mode.FIFO:
        for name in ("entries_from", "value_is"):
            if getattr(period, name) is not None:
                wrong[name] = "ne se donne qu’avec le mode « draw »"
    else:
        if not 0 < (period.entries_from or 0) < period.opens_at:
            wrong["entries_from"] = "doit venir avant l’ouverture"
        if draw_order.plain(period.value_is or "") is None:
            wrong["value_is"] = (
                f"doit nommer la valeur publique d’avance, en 1 à {draw_order.LONGEST_VALUE} caractères sur une ligne"
            )
    return wrong


async def commit(conn: AsyncConnection, uid: str) -> str:
    """Make the period's seed, keep it secret, and return what is published of it."""
    seed = secrets.token_bytes(draw_order.SEED_BYTES).hex()
    await conn.execute(sa.insert(store.draw_seed).values(period=uid, seed=seed))
    return draw_order.commitment(seed)


async def reveal(conn: AsyncConnection, period: Period) -> str | None:
    """The seed, to be published now; None when it is not the one that was committed to."""
    wanted = sa.select(store.draw_seed.c.seed).where(store.draw_seed.c.period == period.uid)
    seed = (await conn.execute(wanted)).scalar_one_or_none()
    return seed if seed is not None and draw_order.commitment(seed) == period.commitment else None


def published(period: Period) -> Draw | None:
    """What anybody may know of the period's draw; None in mode fifo."""
    if period.mode != Mode.DRAW:
        return None
    return Draw(
        period=period.id,
        entries_from=rfc3339(period.entries_from or 0),
        opens_at=rfc3339(period.opens_at),
        value_is=period.value_is or "",
        commitment=period.commitment,
        entries=period.entries,
        value=period.public_value,
        seed=period.seed,
        drawn_at=None if period.drawn_at is None else rfc3339(period.drawn_at),
    )
