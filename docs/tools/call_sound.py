"""Makes `config/static/call.wav`, the signal of the call: three rising notes of a bell, ours.

It lasts 0.75 s, and at the call the page plays it three times: under the 3 s of WCAG 1.4.2.

Run `python docs/tools/call_sound.py config/static/call.wav`. The same bytes come out every time; a test compares them.
Eight bits at 8 kHz keep it near 6 kB, in the one format every browser plays.
"""

import math
import sys
from pathlib import Path

RATE = 8_000

SECONDS = 0.75

NOTES = ((0.0, 659.26), (0.14, 830.61), (0.28, 987.77))
"""When each note is struck (s), and its pitch (Hz): E5, G sharp 5, B5."""

PARTIALS = ((1.0, 1.0, 4.0), (2.0, 0.45, 6.5), (2.76, 0.25, 9.0))
"""Of a bell: multiple of the pitch, loudness, and how fast it dies away."""


def strike(seconds: float, pitch: float) -> float:
    """One note, `seconds` after it was struck; a short rise keeps it from clicking."""
    rise = min(1.0, seconds / 0.008)
    return rise * sum(
        loud * math.exp(-fade * seconds) * math.sin(math.tau * pitch * multiple * seconds)
        for multiple, loud, fade in PARTIALS
    )


def samples() -> bytes:
    """The signal as unsigned bytes, as loud as they allow, faded out over the last 0.2 s."""
    wave = []
    for index in range(round(RATE * SECONDS)):
        now = index / RATE
        level = sum(strike(now - start, pitch) for start, pitch in NOTES if now >= start)
        wave.append(level * min(1.0, (SECONDS - now) / 0.2))
    loudest = max(abs(level) for level in wave)
    return bytes(128 + round(120 * level / loudest) for level in wave)


def wav() -> bytes:
    """The whole file: a RIFF header for one channel of 8 bits, then the samples."""
    data = samples()
    header = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += (1).to_bytes(2, "little") + (1).to_bytes(2, "little")
    header += RATE.to_bytes(4, "little") + RATE.to_bytes(4, "little")
    header += (1).to_bytes(2, "little") + (8).to_bytes(2, "little")
    return header + b"data" + len(data).to_bytes(4, "little") + data


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(wav())
