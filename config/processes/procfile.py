"""The Procfile: which processes there are, and how each is started."""

import shlex
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

import msgspec


class ProcessKind(StrEnum):
    """The processes that the supervisor treats in ways of their own; a Procfile may name others."""

    RELEASE = "release"
    """Applies migrations, once, before anything else."""
    WEB = "web"
    """Serves; it says when, and sends its people away before it ends."""
    TICKER = "ticker"
    """Calls people."""
    WORKER = "worker"
    """Does the jobs."""
    REDIS = "redis"
    """The embedded Valkey: the last to be stopped."""
    BANK = "bank"
    """The demo's card provider."""
    CROWD = "crowd"
    """The demo's simulated people; ends by itself."""


KINDS = (ProcessKind.WEB, ProcessKind.TICKER, ProcessKind.WORKER, ProcessKind.REDIS)
"""What `pids.json` lists."""


class ProcfileLine(msgspec.Struct, frozen=True):
    """One process of the Procfile: its name, its command, and the sentence above it."""

    name: str
    command: tuple[str, ...]
    sentence: str


def procfile() -> Path:
    """The Procfile: at the top of the source tree, inside the package when installed from a wheel."""
    inside = Path(str(files("config"))) / "Procfile"
    return inside if inside.exists() else inside.parent.parent / "Procfile"


def parse(text: str) -> list[ProcfileLine]:
    """The lines of a Procfile. ValueError names the first that is not `name: command`."""
    lines, sentence = [], ""
    for position, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("#"):
            sentence = f"{sentence} {line.lstrip('# ')}".strip()
            continue
        if line:
            name, colon, command = line.partition(":")
            if not colon or not name.strip().isidentifier() or not command.strip():
                raise ValueError(f"line {position} of the Procfile is not `name: command`: {line}")
            lines.append(ProcfileLine(name.strip(), tuple(shlex.split(command)), sentence))
        sentence = ""
    return lines


def runnable(command: Sequence[str]) -> tuple[str, ...]:
    """The command as it is started: `guichet` is this very program, not the one that PATH finds.

    `-P` keeps a folder named `config` in the current directory from being taken for ours.
    """
    if command[0] == "guichet":
        return (sys.executable, "-P", "-m", "config", *command[1:])
    return tuple(command)
