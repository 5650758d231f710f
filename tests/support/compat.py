"""What was run with what: a test marked `compat` says so with `seen`, and `make compat` writes the table of it.

The table stands between two comments of `docs/compatibility.md`. A row says what it was run with, in which version,
what was seen, the day, and the test that shows it; a row whose test did not run here stays as it was.
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

BEGIN, END = "<!-- ran with -->", "<!-- /ran with -->"

HEAD = "| kind | with | version | seen | on | shown by |\n|---|---|---|---|---|---|"

ROWS = pytest.StashKey[dict[tuple[str, str], str]]()

Seen = Callable[[str, str, str, str], None]
"""kind, name, version, what was seen."""


def row(kind: str, name: str, version: str, what: str, day: str, shown_by: str) -> str:
    """A line of the table."""
    return f"| {kind} | {name} | {version} | {what} | {day} | `{shown_by}` |"


def with_rows(text: str, rows: dict[tuple[str, str], str]) -> str:
    """The document with these rows in place of those of the same kind and name, in the order of both."""
    before, _, rest = text.partition(BEGIN)
    table, _, after = rest.partition(END)
    kept = {
        (found[1], found[2]): line
        for line in table.splitlines()
        if (found := re.match(r"\| ([^|]+) \| ([^|]+) \| ", line)) and found[1] != "kind"
    }
    lines = [line for _, line in sorted((kept | rows).items())]
    return f"{before}{BEGIN}\n{HEAD}\n" + "\n".join(lines) + f"\n{END}{after}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--compat-into FILE`: the document whose table is written."""
    parser.addoption(
        "--compat-into", metavar="FILE", type=Path, help="write what was run with what into this document"
    )


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Seen:
    """Says what this test ran with. Call it last: only what passed is a row."""

    def say(kind: str, name: str, version: str, what: str) -> None:
        rows = request.config.stash.setdefault(ROWS, {})
        shown_by = request.node.nodeid.partition("::")[0]
        rows[kind, name] = row(kind, name, version, what, f"{dt.datetime.now(dt.UTC):%Y-%m-%d}", shown_by)

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the rows, and writes them where a document was named."""
    rows = config.stash.get(ROWS, {})
    if not rows:
        return
    terminalreporter.section("run with")
    for _, line in sorted(rows.items()):
        terminalreporter.write_line(line)
    into: Path | None = config.getoption("--compat-into")
    if into is not None:
        into.write_text(with_rows(into.read_text("utf-8"), rows), "utf-8")
