"""A plain line chart as SVG, without a library: for the figures in the docs. Pure."""

import math
from collections.abc import Sequence
from html import escape

import msgspec

WIDTH, HEIGHT = 720, 380

LEFT, RIGHT, TOP, BOTTOM = 74, 172, 46, 52

NAME_HEIGHT = 15.0

COLOURS = ("#0b5c8a", "#a8500a", "#3c6e3c", "#7a3c8c", "#555555")

DASHES = ("", "7 4", "2 3", "9 3 2 3", "1 4")
"""Lines differ by their dashes too: not everybody sees the colours."""

Points = Sequence[tuple[float, float]]


class Axis(msgspec.Struct, frozen=True):
    """One direction of a chart: what it counts, and whether by powers of ten."""

    title: str
    log: bool = False

    def ticks(self, low: float, high: float) -> list[float]:
        if self.log:
            return [
                10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            ]
        step = 10 ** math.floor(math.log10((high - low) or 1))
        step = next(step * part for part in (0.1, 0.2, 0.5, 1, 2) if (high - low) / (step * part) <= 8)
        first, last = math.floor(low / step), math.ceil(high / step)
        return [step * count for count in range(first, last + 1)]

    def share(self, value: float, low: float, high: float) -> float:
        """Where a value stands between the ends of the axis, 0 to 1."""
        if self.log:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return (value - low) / ((high - low) or 1)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A chart of lines by name; `name` is its file's. On a log axis every value is above zero."""

    name: str
    title: str
    x: Axis
    y: Axis
    lines: dict[str, Points]

    def svg(self) -> str:
        xs = [x for points in self.lines.values() for x, _ in points]
        ys = [y for points in self.lines.values() for _, y in points]
        across = self.x.ticks(min(xs), max(xs))
        up = self.y.ticks(min(ys) if self.y.log else min(0.0, *ys), max(ys))

        def place(x: float, y: float) -> tuple[float, float]:
            right = LEFT + self.x.share(x, across[0], across[-1]) * (WIDTH - LEFT - RIGHT)
            down = HEIGHT - BOTTOM - self.y.share(y, up[0], up[-1]) * (HEIGHT - TOP - BOTTOM)
            return round(right, 1), round(down, 1)

        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="13" fill="#222">',
            f"<title>{escape(self.title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<text x="{LEFT}" y="24" font-size="15" font-weight="600">{escape(self.title)}</text>',
        ]
        for y in up:
            left, down = place(across[0], y)
            parts.append(f'<path d="M{left} {down}H{WIDTH - RIGHT}" stroke="#ddd"/>')
            parts.append(f'<text x="{left - 8}" y="{down + 4}" text-anchor="end">{_short(y)}</text>')
        for x in across:
            left, down = place(x, up[0])
            parts.append(f'<text x="{left}" y="{down + 18}" text-anchor="middle">{_short(x)}</text>')
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(
            f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(self.x.title)}</text>'
        )
        parts.append(f'<text x="{LEFT}" y="40" font-size="12" fill="#555">{escape(self.y.title)}</text>')
        names = apart([place(*points[-1])[1] for points in self.lines.values()])
        for at, (name, points) in enumerate(self.lines.items()):
            colour, dash = COLOURS[at % len(COLOURS)], DASHES[at % len(DASHES)]
            path = " ".join(f"{left},{down}" for left, down in (place(x, y) for x, y in points))
            left, _ = place(*points[-1])
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
            )
            parts.append(f'<text x="{left + 8}" y="{names[at] + 4}" fill="{colour}">{escape(name)}</text>')
        return "\n".join([*parts, "</svg>", ""])


def apart(heights: Sequence[float]) -> list[float]:
    """The same heights, moved down as far as needed for the names beside them not to lie on each other."""
    found, below = list(heights), 0.0
    for at in sorted(range(len(heights)), key=lambda one: heights[one]):
        found[at] = round(max(heights[at], below), 1)
        below = found[at] + NAME_HEIGHT
    return found


def _short(value: float) -> str:
    for size, letter in ((1_000_000, " M"), (1_000, " k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{round(value, 6):g}"
