"""What a page of a file is made of: its head, and sections that features add (`config/wiring/file_page.py`)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.events import FileHistory
from casework.files.sheet import FileSheet
from casework.files.states import FileStatus


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file as its page is made of it: read once, in one transaction (P14). `now` is the instant of the look."""

    sheet: FileSheet
    history: FileHistory
    now: int

    @property
    def number(self) -> str:
        return self.sheet.number

    @property
    def status(self) -> FileStatus:
        return self.history.status


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the person has to do now: a sentence, and the page or place of the page where it is done."""

    text: str
    href: str


class FileSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the page: `id` is its anchor, `template` is included with the section as `section`, whose `values`
    are the template's own. `next_steps` stand on top of the page, the most urgent first."""

    id: str
    title: str
    template: str
    values: Mapping[str, Any] = {}
    next_steps: Sequence[NextStep] = ()


Section = Callable[[AsyncConnection, FileView], Awaitable[FileSection | None]]
"""Reads what a feature knows of a file, for its owner; None where it has nothing to say of it."""


async def sections_of(
    conn: AsyncConnection, sections: Sequence[Section], view: FileView
) -> list[FileSection]:
    """The sections of a file's page, in the order of the features."""
    found = [await section(conn, view) for section in sections]
    return [section for section in found if section is not None]
