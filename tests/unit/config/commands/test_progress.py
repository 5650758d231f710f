"""How far a command is: a bar for who watches, lines for a log."""

import io

import pytest
from rich.console import Console

from config.commands.progress import progress


def test_a_terminal_shows_a_bar_that_ends_full() -> None:
    """With how many of how many; the last state stays on the screen."""
    screen = io.StringIO()
    with progress("Comptes", 3, Console(file=screen, force_terminal=True, width=80)) as advance:
        advance(1)
        advance(2)
    assert "Comptes" in screen.getvalue()
    assert "3/3" in screen.getvalue()


def test_a_log_has_a_line_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, without anything that draws."""
    with progress("Accounts", 3) as advance:
        advance(1)
        advance(2)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Accounts: 1 of 3\nAccounts: 3 of 3\n")
