"""Sections of a file's page: in the order of the features, and none where there is nothing to say."""

from typing import Any

from casework.file_page.sections import FileSection, sections_of


async def test_a_feature_with_nothing_to_say_has_no_section() -> None:
    def said(id: str | None) -> Any:
        async def section(conn: Any, view: Any) -> FileSection | None:
            return None if id is None else FileSection(id=id, title=id, template="x.html")

        return section

    nothing: Any = None
    found = await sections_of(nothing, [said("b"), said(None), said("a")], nothing)
    assert [section.id for section in found] == ["b", "a"]
