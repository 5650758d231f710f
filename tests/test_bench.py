"""The benchmark counts what was answered, and says so when an answer is none."""

from pathlib import Path

import msgspec
import pytest
from starlette.types import Receive, Scope, Send

from loadtests import barrage, bench
from loadtests.bench import Figures
from tests.serving import serving

FOUND = Figures(
    ratio=0.25, joins=5000, empty=20000, joins_rounds=[4900, 5000, 5100], empty_rounds=[20000, 20000, 21000],
    joined=90_000, connections=128, fsync_ms=0.4, pinned=True,
    machine={"processor": "A processor", "cores": "2", "system": "Linux 6.1"}, versions={"python": "3.11.7"},
)  # fmt: skip


async def test_every_answer_of_a_volley_is_counted_once() -> None:
    """As many requests arrive as answers are counted, each with a key of its own, over so many connections."""
    keys: list[bytes] = []
    peers: set[int] = set()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        keys.append(dict(scope["headers"])[b"idempotency-key"])
        peers.add(scope["client"][1])
        await bench.bare(scope, receive, send)

    with serving(counting) as port:
        volley = await barrage.fire("127.0.0.1", port, bench.PATH, 0.3, connections=8)
    assert (volley.wrong, len(peers)) == (0, 8)
    assert volley.answers == len(keys) == len(set(keys)) > 8
    assert volley.per_second == pytest.approx(volley.answers / volley.seconds)


async def test_an_answer_that_is_no_number_is_not_counted_as_one() -> None:
    """Twin: a server that refuses makes no figure, and the first refusal is shown."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"away"})

    with serving(refusing) as port:
        volley = await barrage.fire("127.0.0.1", port, bench.PATH, 0.1, connections=2)
        assert volley.answers == 0
        assert volley.wrong > 0
        assert volley.first_wrong.startswith(b"HTTP/1.1 503")
        with pytest.raises(OSError, match=r"refused|Connect"):
            await barrage.fire("127.0.0.1", 1, bench.PATH, 0.1, connections=2)


def test_the_figures_are_written_with_their_machine(tmp_path: Path) -> None:
    """As JSON, and into their place in the page, as often as it is run; the words around them stay."""
    page = tmp_path / "benchmarks.md"
    page.write_text("Before.\n<!-- bench -->\nold\n<!-- /bench -->\nAfter.\n", encoding="utf-8")
    for _ in range(2):
        bench.write(FOUND, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- bench -->") and text.endswith("<!-- /bench -->\nAfter.\n")
    assert "| ratio | 0.25 |" in text and "A processor, 2 cores" in text and "old" not in text
    assert msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes(), type=Figures) == FOUND


def test_a_page_without_a_place_for_figures_is_said(tmp_path: Path) -> None:
    """Nothing is lost by writing into the wrong page."""
    (tmp_path / "benchmarks.md").write_text("Nothing here.\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no place"):
        bench.write(FOUND, tmp_path)
    assert (tmp_path / "benchmarks.md").read_text(encoding="utf-8") == "Nothing here.\n"
