"""The rows of the review as markup: each part of a form is rendered once, and put together for each person.

People of one form see different questions, so that hardly two have the same page; but every page is made of the same
parts.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from markupsafe import Markup, escape

from server.rendering.blanks import escaped, mark
from server.rendering.templating import Render
from submission.forms.evaluation import Evaluation
from submission.forms.model import Form, FormField, FormSection
from submission.forms.wording import AnswerGap, Words, as_it_is, gaps, words_of

EMPTY_LINE: Final = "–"

TEMPLATE: Final = "review_rows.html"

Ends = tuple[bytes, bytes]
"""Markup before and behind what is one person's."""


class RowParts(NamedTuple):
    """A question: its id and path, how values are read, and the markup around its anchor and its value."""

    id: str
    path: str
    words: Words | None
    """None where a value is read as it is."""
    anchor: bytes
    before: bytes
    behind: bytes
    missing: bytes
    """Behind the anchor, where nothing stands and something must."""


class SectionParts(NamedTuple):
    """A section: the markup around it, around the rows of a group, and of one that has nobody in it."""

    id: str
    member: str
    """What a member is called; empty where it is not repeated."""
    ends: Ends
    group: Ends
    nobody: bytes
    rows: tuple[RowParts, ...]


class _Page:
    """A page as it grows: markup, and the places of texts that are escaped together at the end."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._places: list[int] = []
        self._texts: list[str] = []

    def text(self, text: str) -> None:
        self._places.append(len(self.pieces))
        self._texts.append(text)
        self.pieces.append(b"")

    def whole(self) -> bytes:
        if self._texts:
            for place, text in zip(self._places, escaped(self._texts), strict=True):
                self.pieces[place] = text
        return b"".join(self.pieces)


class ReviewRows:
    """Makes the sections of reviews."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._forms = WeakKeyDictionary[Form, dict[str, tuple[SectionParts, ...]]]()

    def context(self, form: Form, found: Evaluation, editing: str) -> dict[str, Any]:
        """What a template needs that shows these answers to one person (`review_gaps.html`, and its `sections`).

        `editing` is the address below which each section is filled in.
        """
        sections = Markup(self.sections(form, found, editing).decode())  # noqa: S704 - escaped where it is made
        return gaps_context(gaps(form, found)) | {"sections": sections}

    def sections(self, form: Form, found: Evaluation, editing: str) -> bytes:
        """Every section that is seen of these answers, final markup, each with the way to where it is filled in."""
        page, missing = _Page(), frozenset(found.missing)
        for section in self._parts(form, editing):
            if section.member:
                if section.id in found.members:
                    self._members(page, section, found, missing)
            elif section.rows and any(row.path in found.visible for row in section.rows):
                page.pieces += (section.ends[0], section.group[0])
                _rows(page, section.rows, "", found, missing)
                page.pieces += (section.group[1], section.ends[1])
        return page.whole()

    def _members(
        self, page: _Page, section: SectionParts, found: Evaluation, missing: frozenset[str]
    ) -> None:
        page.pieces.append(section.ends[0])
        keys = found.members[section.id]
        for place, key in enumerate(keys, 1):
            page.pieces.append(f"<h3>{escape(section.member)} {place}</h3>\n".encode())
            page.pieces.append(section.group[0])
            _rows(page, section.rows, f"{section.id}.{key}.", found, missing)
            page.pieces.append(section.group[1])
        page.pieces.append(section.ends[1] if keys else section.nobody + section.ends[1])

    def _parts(self, form: Form, editing: str) -> tuple[SectionParts, ...]:
        """The parts of a form, rendered unless they were."""
        by_place = self._forms.setdefault(form, {})
        found = by_place.get(editing)
        if found is None:
            found = by_place[editing] = tuple(
                self._section(one, f"{editing}/{one.id}") for one in form.sections
            )
        return found

    def _section(self, section: FormSection, page: str) -> SectionParts:
        return SectionParts(
            id=section.id,
            member="" if section.repeats is None else section.repeats.name,
            ends=self._ends("section", "groups", id=section.id, title=section.title, page=page),
            group=self._ends("group", "rows"),
            nobody=self._render.text(TEMPLATE, part="nobody").strip().encode(),
            rows=tuple(self._row(section, field, page) for field in section.fields),
        )

    def _row(self, section: FormSection, field: FormField, page: str) -> RowParts:
        anchor, rest = self._ends("row", "id", label=field.label, value=mark("value"))
        before, behind = rest.split(mark("value").encode())
        place = page if section.repeats else f"{page}#{section.id}.{field.id}"
        missing = self._ends("missing", "id", label=field.label, page=place)[1]
        words = words_of(field)
        return RowParts(
            field.id, f"{section.id}.{field.id}", None if words is as_it_is else words, anchor, before, behind, missing
        )  # fmt: skip

    def _ends(self, part: str, marked: str, **context: str) -> Ends:
        """The markup of a part before and behind a mark."""
        text = self._render.text(TEMPLATE, part=part, **context, **{marked: mark(marked)})
        before, behind = text.strip().split(mark(marked))
        return before.encode(), behind.encode() + b"\n"


def _rows(
    page: _Page, rows: Sequence[RowParts], prefix: str, found: Evaluation, missing: frozenset[str]
) -> None:
    pieces, visible, errors = page.pieces, found.visible, found.errors
    for id, path, words, anchor, before, behind, lacking in rows:
        at = prefix + id if prefix else path
        value = visible.get(at)
        if value is None:
            continue
        pieces += (anchor, at.encode())
        if at in missing:
            pieces.append(lacking)
            continue
        pieces.append(before)
        page.text((words(value) if words and value else value) or EMPTY_LINE)
        if at in errors:
            pieces.append(_wrong(errors[at]))
        pieces.append(behind)


def _wrong(error: str) -> bytes:
    return f'<br><strong class="field-error">À corriger&nbsp;: {escape(error)}</strong>'.encode()


def gaps_context(lacking: Sequence[AnswerGap]) -> dict[str, Any]:
    """What `review_gaps.html` shows."""
    return {
        "missing": [gap for gap in lacking if not gap.error],
        "wrong": [gap for gap in lacking if gap.error],
    }
