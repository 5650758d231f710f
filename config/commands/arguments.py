"""What people type, read as values: an instant, a programme, who does it."""

import os
from collections.abc import Callable

import click

from accounts.identities import known_as
from accounts.normalisation import folded
from accounts.operators import names
from config.failures import Failed
from config.settings import PROGRAMMES, forms_folder, variable
from foundation.audit import COMMAND_LINE, UNKNOWN, Actor
from quota.periods import read_closing, read_instant, read_opening
from quota.programmes import Programme, WindowRules, load_all
from submission.forms.files import Forms, load_forms

actor = click.option(
    "--as", "actor", required=True, metavar="NAME", help="The operator who does it, for the audit log."
)
"""Every command that moves something says who does it: a move has an author, and a dangerous one two (P17)."""

by = click.option(
    "--as", "by", metavar="NAME", help="The operator who does it, for the audit log. [command-line]"
)
"""The other ones may say so; the first operator is made by nobody yet."""


def commanding(name: str | None) -> Actor:
    """The actor of a command, for the audit: the operator who is named, or the reserved name where nobody is.

    Whether there is such an operator is seen in the command's own transaction (`database.py`). A reserved name that is
    typed is nobody's.
    """
    if name is None:
        return Actor(COMMAND_LINE, COMMAND_LINE)
    known = known_as(name)
    return Actor(UNKNOWN if not known or names.is_reserved(known) else known, COMMAND_LINE)


def programmes() -> dict[str, Programme]:
    """The programmes of PROGRAMMES_DIR. Raises ProgrammeError."""
    return load_all(variable("PROGRAMMES_DIR", os.environ) or PROGRAMMES)


def forms() -> Forms:
    """The forms beside them. Raises ProgrammeError, FormFileError."""
    return load_forms(forms_folder(variable("PROGRAMMES_DIR", os.environ) or PROGRAMMES), programmes())


def find_programme(id: str) -> Programme:
    """The programme of this name, from PROGRAMMES_DIR. Raises Failed."""
    id = folded(id)
    known = programmes()
    if id not in known:
        raise Failed(f"There is no programme {id}; there are: {', '.join(sorted(known))}.")
    return known[id]


def instant(text: str) -> int:
    """An instant as it is typed: RFC 3339, or Montréal time. Raises Failed."""
    return _read(text, read_instant)


def opening(text: str, window: WindowRules) -> int:
    """The same for an opening: a date alone is the programme's opening hour. Raises Failed."""
    return _read(text, lambda text: read_opening(text, window))


def closing(text: str, window: WindowRules) -> int:
    """The same for a closing: a date alone is the programme's closing hour. Raises Failed."""
    return _read(text, lambda text: read_closing(text, window))


def _read(text: str, read: Callable[[str], int]) -> int:
    try:
        return read(text)
    except (ValueError, OverflowError) as problem:
        raise Failed(
            f"{text} is not an instant ({problem}); give one such as 2026-06-13T08:30, Montréal time."
        ) from None
