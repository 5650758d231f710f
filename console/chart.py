"""Figures over time as the paths of an SVG. Pure: values in, geometry out; the words around it are the template's.

The box is 1000 by 100 and stretched by the page, so the texts stand beside it in HTML and stay readable at any width.
"""

from collections.abc import Sequence

import msgspec

WIDTH, HEIGHT = 1000, 100


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One curve: `line` and `area` are path data, `top` the value at the upper edge, `limit` the height of a limit."""

    line: str
    area: str
    top: int
    least: int
    most: int
    last: int
    limit_y: float | None


def chart(
    points: Sequence[tuple[int, int]], since: int, until: int, gap_ms: int, limit: int | None = None
) -> Chart:
    """The curve of (instant, value) pairs, oldest first, from `since` to `until`.

    Where two points are further apart than `gap_ms` nothing was written, and the curve has a gap: a straight line there
    would be an invention. With `limit` the scale reaches up to it.
    """
    values = [value for _, value in points]
    top = nice(max([*values, 1])) if limit is None else max([*values, limit, 1])
    pieces: list[list[tuple[float, float]]] = []
    before: int | None = None
    for at, value in points:
        if before is None or at - before > gap_ms:
            pieces.append([])
        pieces[-1].append((_x(at, since, until), HEIGHT - HEIGHT * value / top))
        before = at
    return Chart(
        line=" ".join(_line(piece) for piece in pieces),
        area=" ".join(
            f"M{piece[0][0]:.1f},{HEIGHT}L{_line(piece)[1:]}L{piece[-1][0]:.1f},{HEIGHT}Z" for piece in pieces
        ),
        top=top,
        least=min(values, default=0),
        most=max(values, default=0),
        last=values[-1] if values else 0,
        limit_y=None if limit is None else HEIGHT - HEIGHT * limit / top,
    )


def nice(value: int) -> int:
    """The next of 5, 10, 20, 50, 100, ... that is not below: an upper edge that one reads at a glance."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor >= max(value, 5):
                return step * factor
        step *= 10


def _x(at: int, since: int, until: int) -> float:
    return WIDTH * min(1.0, max(0.0, (at - since) / max(1, until - since)))


def _line(piece: Sequence[tuple[float, float]]) -> str:
    """A single point is drawn as a short dash, or it would not be seen."""
    if len(piece) == 1:
        (x, y) = piece[0]
        return f"M{max(0.0, x - 2):.1f},{y:.1f}L{x:.1f},{y:.1f}"
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in piece)
