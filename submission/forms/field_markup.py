"""The fields of a section as markup: each shape of a question is rendered once, and filled for each person.

A shape is all of a question that is not one person's: its texts, whether it must be filled in, whether it has an error,
and what is ticked. What was typed goes into marked places (`server/rendering/blanks.py`).
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Final

from markupsafe import Markup

from server.rendering.blanks import Blank, escaped, mark
from server.rendering.templating import Render
from submission.forms.model import FieldType
from submission.forms.shown import ShownMember, ShownQuestion, ShownSection

MOST_SHAPES: Final = 4_000
"""Rendered questions that a process keeps: some forms of seventy questions, each with what can be ticked."""

TICKED: Final = frozenset({FieldType.YES_NO, FieldType.CHOICE, FieldType.CHOICES, FieldType.BOX})

TEMPLATE: Final = "field_parts.html"

TYPED: Final = ("path", "value", "day", "month", "year", "error")


class FieldMarkup:
    """Makes the fields of sections."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._shapes = OrderedDict[Hashable, Blank]()

    def fields(self, section: ShownSection) -> Markup:
        """All questions of a section, and of a repeated one each member's with its key, its name and how it goes."""
        return Markup(self.encoded(section).decode())  # noqa: S704 - what was typed is escaped below

    def encoded(self, section: ShownSection) -> bytes:
        """The same as it goes out."""
        parts = [self._error(section)] if section.error else []
        for member in section.members:
            questions = self._questions(member.questions)
            parts.append(self._member(section, member, questions) if section.repeats else questions)
        return b"\n".join(parts)

    def _questions(self, questions: Sequence[ShownQuestion]) -> bytes:
        return b"\n".join(self._question(question) for question in questions)

    def _question(self, asked: ShownQuestion) -> bytes:
        day, month, year = asked.parts
        typed = escaped([asked.path, asked.value, day, month, year, asked.error])
        texts = dict(zip(_MARKS, typed, strict=True))
        texts[b"countries"] = asked.countries.encode()
        return self._shape(asked).filled(texts)

    def _shape(self, asked: ShownQuestion) -> Blank:
        ticked = asked.chosen if asked.type in TICKED else frozenset[str]()
        key = (asked.type, asked.label, asked.help, asked.required, bool(asked.error), asked.autocomplete, ticked,
               tuple(asked.options))  # fmt: skip
        return self._blank(key, "question", q=_marked(asked))

    def _member(self, section: ShownSection, member: ShownMember, questions: bytes) -> bytes:
        key, name = escaped([member.key, member.name])
        blank = self._blank(("member", section.id), "member", id=section.id, key=mark("key"), name=mark("name"),
                            questions=mark("questions"))  # fmt: skip
        return blank.filled({b"key": key, b"name": name, b"questions": questions})

    def _error(self, section: ShownSection) -> bytes:
        blank = self._blank(("error", section.id), "error", id=section.id, error=mark("error"))
        return blank.filled({b"error": escaped([section.error])[0]})

    def _blank(self, shape: Hashable, part: str, **context: object) -> Blank:
        found = self._shapes.get(shape)
        if found is None:
            found = self._shapes[shape] = Blank(self._render.text(TEMPLATE, part=part, **context).strip())
            if len(self._shapes) > MOST_SHAPES:
                self._shapes.popitem(last=False)
        return found


_MARKS: Final = tuple(name.encode() for name in TYPED)


def _marked(asked: ShownQuestion) -> ShownQuestion:
    """The question with marks in the places of what is one person's."""
    return asked._replace(
        path=mark("path"), value=mark("value"), parts=(mark("day"), mark("month"), mark("year")),
        error=mark("error") if asked.error else "", countries=mark("countries") if asked.countries else "",
    )  # fmt: skip
