"""The benchmark of looks measures what it says."""

from pathlib import Path

import pytest

from config.processes.embedded import Valkey
from tests.bench import looks, moving_line
from waitingroom.line import shared_look


@pytest.mark.slow
async def test_readers_of_a_moving_line_have_its_places(
    valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small line that lives for three seconds: looks are counted, and what a reader holds is what stands there."""
    monkeypatch.setattr(shared_look, "SHORT_LINE", 0)
    monkeypatch.setattr(moving_line, "REMEMBERED", 500)
    found = await looks.at_size(tmp_path, valkey, 20_000, 3, 3, 1)
    assert found.wrong == 0 and found.compared == 3
    assert len(found.tally.looks) == 3 * 3 - found.tally.whole
    assert found.whole_bytes == pytest.approx(7 * (20_000 + 2000 * 4) / 8, rel=0.3)
    assert found.memory > 0
