"""The command line as a whole."""

from click.testing import CliRunner

from config.cli import main
from config.processes.procfile import parse, procfile


def test_the_command_line_has_every_command_of_the_procfile() -> None:
    """What the Procfile starts is there: each of its commands shows its help."""
    for line in parse(procfile().read_text()):
        assert line.command[0] == "guichet"
        shown = CliRunner().invoke(main, [*line.command[1:], "--help"])
        assert shown.exit_code == 0, shown.output
