"""The sections of a file's page are put together in one place."""

from typing import Any

from config.wiring import file_page
from tests.support.casework.lists import DECISIONS


def test_every_section_is_a_reader_of_a_file() -> None:
    """Each can be called, and none stands there twice."""
    parts: Any = _Anything()
    found = file_page.sections(parts, DECISIONS, parts)
    assert all(callable(section) for section in found)
    assert len(set(found)) == len(found)


class _Anything:
    """Stands for the parts of a process: sections are made of them, and ask nothing before they are called."""

    def __getattr__(self, name: str) -> Any:
        return self
