"""The benchmark of broadcasts measures what it says."""

import asyncio
from pathlib import Path

from foundation.mail import sealing
from tests.bench.broadcasts import KEYS as BENCH_KEYS
from tests.bench.broadcasts import bare, figures, sent
from tests.support.rooms import KEYS


def test_everybody_is_written_to(tmp_path: Path) -> None:
    """A handful: each has its message, in as many batches as there are; and the rows are written bare."""
    sealing.seal_with(BENCH_KEYS)
    try:
        start, took = asyncio.run(sent(f"sqlite:///{tmp_path / 'bench.db'}", 120))
    finally:
        sealing.seal_with(KEYS)
    bare_seconds = bare(tmp_path / "bench.db", tmp_path / "bare.db")
    assert start > 0 and len(took) == 3 and bare_seconds > 0
    assert all(figure.value > 0 for figure in figures("SQLite", 120, start, took, bare_seconds))
