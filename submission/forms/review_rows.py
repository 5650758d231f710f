"""The rows of the review as markup: each part of a form is rendered once, and filled for each person.

People of one form see different questions, so that hardly two have the same page; but every page is made of the same
parts.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, Final

from markupsafe import Markup

from server.rendering.blanks import Blank, escaped, mark
from server.rendering.templating import Render
from submission.forms.evaluation import Evaluation
from submission.forms.model import Form
from submission.forms.wording import AnswerGap, AnswerGroup, AnswerSection, gaps, read_aloud

MOST_PARTS: Final = 10_000
"""Rendered parts a process keeps: some forty forms of sixty questions, in three states each."""

EMPTY_LINE: Final = "–"

TEMPLATE: Final = "review_rows.html"


def gaps_context(lacking: Sequence[AnswerGap]) -> dict[str, list[AnswerGap]]:
    """What `review_gaps.html` shows."""
    return {
        "missing": [gap for gap in lacking if not gap.error],
        "wrong": [gap for gap in lacking if gap.error],
    }


class ReviewRows:
    """Makes the sections of reviews."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._parts = OrderedDict[Hashable, Blank]()

    def context(self, form: Form, found: Evaluation) -> dict[str, Any]:
        """What a template needs that shows these answers to one person (`review_gaps.html`, and its `sections`)."""
        sections = Markup(self.sections(form, found).decode())  # noqa: S704 - escaped where it is made
        return gaps_context(gaps(form, found)) | {"sections": sections}

    def sections(self, form: Form, found: Evaluation) -> bytes:
        """Every section that is seen of these answers, final markup."""
        missing = frozenset(found.missing)
        return b"\n".join(self._section(one, found, missing) for one in read_aloud(form, found))

    def _section(self, section: AnswerSection, found: Evaluation, missing: frozenset[str]) -> bytes:
        groups = [self._group(section.id, group, found, missing) for group in section.groups]
        blank = self._part("section", id=section.id, title=section.title, groups=mark("groups"))
        return blank.filled({b"groups": b"\n".join(groups) or self._part("nobody").filled({})})

    def _group(self, section: str, group: AnswerGroup, found: Evaluation, missing: frozenset[str]) -> bytes:
        rows: list[bytes] = []
        typed = escaped([line.words or EMPTY_LINE for line in group.lines])
        for line, words in zip(group.lines, typed, strict=True):
            path, label = line.path, line.label
            if path in missing:
                blank = self._part("missing", id=mark("id"), label=label)
            elif path in found.errors:
                error = found.errors[path]
                blank = self._part("wrong", id=mark("id"), label=label, value=mark("value"), error=error)
            else:
                blank = self._part("row", id=mark("id"), label=label, value=mark("value"))
            rows.append(blank.filled({b"id": path.encode(), b"value": words}))
        return self._part("group", name=group.name, rows=mark("rows")).filled({b"rows": b"\n".join(rows)})

    def _part(self, part: str, **context: str) -> Blank:
        """One part with these texts, rendered unless it was."""
        key = (part, *context.values())
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = Blank(self._render.text(TEMPLATE, part=part, **context).strip())
            if len(self._parts) > MOST_PARTS:
                self._parts.popitem(last=False)
        return found
