"""The Procfile is read as it is written."""

import sys

import pytest

from config.processes.procfile import parse, procfile, runnable


def test_the_procfile_names_each_process_with_a_sentence() -> None:
    """Four processes, each with one sentence above it that ends in a full stop."""
    lines = parse(procfile().read_text())
    assert [line.name for line in lines] == ["release", "web", "ticker", "worker"]
    assert all(line.sentence.endswith(".") for line in lines)


def test_guichet_is_this_very_program() -> None:
    """`guichet` runs with this interpreter; any other command stays as it is."""
    assert runnable(("guichet", "web")) == (sys.executable, "-P", "-m", "config", "web")
    assert runnable(("sleep", "1")) == ("sleep", "1")


@pytest.mark.parametrize("text", ["web", "web:", ": sleep 1", "a b: sleep 1"])
def test_a_wrong_line_is_named(text: str) -> None:
    """A Procfile line that is not `name: command` is refused with its number."""
    with pytest.raises(ValueError, match="line 2 of the Procfile"):
        parse(f"ticker: sleep 1\n{text}\n")
