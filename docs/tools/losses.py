"""Draws `losses-flushall.svg` and writes the table of `losses.md`, both from `losses.json`: `python losses.py FOLDER`.

`python -m tests.losses --into docs` runs the losses, writes the record and calls this.
"""

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

from config.settings import default_of

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 30, 64, 48

FROM_SECONDS, TO_SECONDS = -26.0, 66.0

LOOKS_FROM_SECONDS = -13.0

HOLD_SECONDS: float = default_of("HOLD_SECONDS")

COLOURS = ("#0b5c8a", "#a8500a", "#3c6e3c", "#7a3c8c", "#555555", "#8a0b3a", "#0b8a7a")

WORDS = {
    "flushall": "`FLUSHALL`",
    "flushall-at-a-call": "`FLUSHALL` right after a call",
    "flushall-without-ticker": "`FLUSHALL`, the ticker stopped for 30 s",
    "redis-gone": "Valkey gone for 60 s",
    "yesterdays-file": "Valkey killed and started with an old file",
    "sentinel-failover": "a replica that lags takes over (Sentinel), then the other one back",
    "cluster-failover": "the same on a Cluster of three primaries",
    "sentinel-frozen": "a primary (Sentinel) stands still, is replaced, and wakes believing in itself",
    "web-killed": "each web process killed (`kill -9`)",
    "rolling-restart": "a rolling restart",
    "ticker-killed": "the ticker killed four times in mid-tick",
    "ticker-paused": "the ticker stopped for 30 s",
    "two-tickers": "two tickers at once",
    "clock-of-web": "clock of the web host an hour ahead, then behind",
    "clock-of-redis": "clock of the Redis host an hour ahead, then behind",
    "postgresql-restarted": "PostgreSQL restarted (fast)",
    "postgresql-crashed": "PostgreSQL restarted (immediate)",
}


def table(proofs: dict[str, Any]) -> str:
    """A row for each loss: what it took, and what the recount found."""
    rows = [
        "| lost, people inside | longest wait between two calls | feeds closed | joins told 503 | whole run |",
        "|---|---|---|---|---|",
    ]
    for name, proof in proofs.items():
        told = proof["answers"].get("join 503", 0) + proof["answers"].get("join while Redis is gone 503", 0)
        stood, closed = f"{proof['calls_stood_seconds']:g} s", f"{proof['feeds_closed']:,}"
        lost = f"{WORDS[name]}, {proof['people']:,}"
        rows.append(f"| {lost} | {stood} | {closed} | {told} | {proof['seconds']:.0f} s |")
    return "\n".join(rows)


def place(seconds: float, ahead: float, most: float) -> tuple[float, float]:
    across = (seconds - FROM_SECONDS) / (TO_SECONDS - FROM_SECONDS)
    down = HEIGHT - BOTTOM - ahead / most * (HEIGHT - TOP - BOTTOM)
    return round(LEFT + across * (WIDTH - LEFT - RIGHT), 1), round(down, 1)


def picture(proof: dict[str, Any]) -> str:
    """How many are ahead of some people, before and after; each line is one person's own frames."""
    lines = {
        int(number): [(at, ahead) for at, ahead in looks if LOOKS_FROM_SECONDS <= at <= TO_SECONDS]
        for number, looks in proof["looks"].items()
    }
    lines = {number: looks for number, looks in sorted(lines.items()) if len(looks) > 1}
    most = max(ahead for looks in lines.values() for _, ahead in looks) * 1.05
    title = f"{proof['people']:,} people, and all of Redis lost: everybody keeps their place"
    left, top = place(0, most, most)
    right, bottom = place(HOLD_SECONDS, 0, most)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="#222">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="600">{escape(title)}</text>',
        f'<text x="{LEFT}" y="40" fill="#555" font-size="12">people ahead, as each browser was told</text>',
        f'<rect x="{left}" y="{top}" width="{right - left:.1f}" height="{bottom - top:.1f}" fill="#f3e9d2"/>',
        f'<path d="M{left} {top}V{bottom}" stroke="#b00020" stroke-width="2"/>',
        f'<text x="{left - 6}" y="{top - 6}" text-anchor="end" fill="#b00020">FLUSHALL</text>',
        f'<text x="{left + 8}" y="{top - 6}">hold: nobody is called for {HOLD_SECONDS:g} s</text>',
    ]
    for count in range(0, int(most) + 1, 50):
        x, y = place(FROM_SECONDS, count, most)
        parts.append(f'<path d="M{x} {y}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{count}</text>')
    for second in range(-10, int(TO_SECONDS), 10):
        x, y = place(second, 0, most)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{second}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">seconds</text>'
    )
    for at, (number, looks) in enumerate(lines.items()):
        colour = COLOURS[at % len(COLOURS)]
        path = "M" + "L".join(f"{x} {y}" for x, y in (place(*look, most) for look in looks))
        x, y = place(*looks[-1], most)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
        x, y = place(*looks[0], most)
        name = f"number {number}"
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(folder: Path) -> None:
    proofs = json.loads((folder / "losses.json").read_text(encoding="utf-8"))
    if "flushall" in proofs:
        (folder / "losses-flushall.svg").write_text(picture(proofs["flushall"]), encoding="utf-8")
    page = folder / "losses.md"
    before, mark, rest = page.read_text(encoding="utf-8").partition("<!-- losses -->\n")
    _, end, after = rest.partition("<!-- /losses -->")
    page.write_text(f"{before}{mark}{table(proofs)}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
