"""`guichet verify --draw`: recomputes a drawn order, from SQL or from what was published of it.

The checks of the books are P1's in mode draw; plain `guichet verify` makes them too.
"""

from pathlib import Path
from typing import TextIO

from evidence import verify
from evidence.promises import Promise
from evidence.recount_draw import UnverifiableDraw, drawn_order
from foundation.sql.database import Database
from quota import draw_order
from quota.draw import published
from quota.draw_order import Draw


async def verify_books(database_url: str, period_id: str, out: TextIO | None = None) -> int:
    """Print what SQL says of a draw and whether it holds: 0, or 1 with the rows. Raises Refusal not_found, Unavailable;
    UnverifiableDraw for a period without a draw."""
    database = Database(database_url)
    try:
        books = await verify.read(database, period_id)
    finally:
        await database.close()
    draw = published(books.period)
    if draw is None:
        raise UnverifiableDraw(f"{period_id} is first come, first served: nothing is drawn in it.")
    broken = drawn_order(books)
    lines = [*told(draw), f"{Promise.P1} {'BROKEN' if broken else 'holds'}: the order is the drawn one"]
    print("\n".join([*lines, *verify.rows(broken)]), file=out)
    return 1 if broken else 0


def verify_file(file: Path, entry: int | None = None, out: TextIO | None = None) -> int:
    """Recompute a published draw without any database; with `entry` its number too. 0, or 1 with what is wrong.

    Raises UnverifiableDraw for a file that is no published draw.
    """
    try:
        draw, numbers = draw_order.read(file.read_bytes())
    except (OSError, ValueError) as problem:
        raise UnverifiableDraw(f"{file}: {problem}.") from None
    wrong = draw_order.broken(draw, numbers)
    if entry is not None and not wrong and not 1 <= entry <= (draw.entries or 0):
        wrong.append(f"entry {entry} is not one of the {draw.entries}")
    lines = [*told(draw), f"{Promise.P1} {'BROKEN' if wrong else 'holds'}: the order is the drawn one"]
    lines += [f"   {sentence}" for sentence in wrong]
    if not wrong and draw.seed is not None and draw.value is not None:
        found = draw_order.order(draw.seed, draw.period, draw.entries or 0, draw.value)
        asked = range(1, len(found)) if entry is None else [entry]
        lines += [f"entry {one}: number {found[one]}" for one in asked]
    print("\n".join(lines), file=out)
    return 1 if wrong else 0


def told(draw: Draw) -> list[str]:
    """What is published, a line each."""
    return [
        f"{draw.period}: {draw.spec}, entries from {draw.entries_from} to {draw.opens_at}",
        f"   commitment {draw.commitment}",
        f"   seed       {draw.seed or 'not revealed'}",
        f"   value      {draw.value or 'not known'} ({draw.value_is})",
        f"   entries    {'not frozen' if draw.entries is None else draw.entries}",
    ]
