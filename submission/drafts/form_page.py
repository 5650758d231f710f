"""The form of a section as its owner finds it: rendered once for all who would see the same, and filled for each.

What was sent and is shown again, with what was typed and why it was refused, is rendered for the one who sent it
(`pages.py`).
"""

import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from server.rendering.blanks import Blank, escaped, mark
from server.rendering.page_answers import page_answer
from server.rendering.templating import Render, instant
from server.requests import Answer, Incoming
from submission.drafts.look import DraftView
from submission.forms.answers import KEY, MEMBERS, SectionAnswers, members_of
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.model import FormSection
from submission.forms.shown import ShownSection
from submission.review import marked, running_texts
from submission.turns.window import TurnWindow

MOST_BLANKS: Final = 400
"""Pages that stand ready to be filled: the sections of some forms, in a few states each."""

TEMPLATE: Final = "draft_section.html"

SHARED: Final = ("form_version", "state", "just_saved", "has_more")
"""What of the context many people have in common, and what tells one page from another."""


class FilledForm(NamedTuple):
    """The questions of a section with what stands in them, and their markup."""

    section: ShownSection
    fields: Markup


def shown_texts(context: Mapping[str, Any]) -> dict[str, Any]:
    """What the template needs, its instants in words."""
    texts = {name: instant(context[name]) if context[name] else "" for name in ("saved_at", "kept_until")}
    return dict(context) | texts


class FormPages:
    """Makes the answers."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._blanks: dict[Hashable, Blank] = {}

    def answer(
        self,
        came: Incoming,
        form: FilledForm,
        window: TurnWindow | None,
        context: Mapping[str, Any],
    ) -> Answer:
        """The page of one person."""
        section = form.section
        marks: Any = None if window is None else marked(window.clock)
        seen = None if window is None else window._replace(clock=marks)
        saved_at = context["saved_at"]
        key = (
            section.id, section.title, section.help, section.add, section.repeats, bool(section.members), seen,
            bool(saved_at), context["programme"].id, *(context[name] for name in SHARED),
        )  # fmt: skip
        whose, version = escaped([context["whose"], str(context["version"])])
        theirs = {
            b"fields": form.fields.encode(), b"whose": whose, b"version": version,
            b"saved_at": instant(saved_at).encode() if saved_at else b"",
            b"kept_until": instant(context["kept_until"]).encode(),
        }  # fmt: skip
        if window is not None:
            theirs |= running_texts(window.clock)

        def render() -> str:
            shared = {name: context[name] for name in (*SHARED, "sections", "programme")}
            return self._render.text(
                TEMPLATE, refusal=None, errors={}, differences=[], read_again=None, sign_in="", prefilled=[],
                section=section,
                fields=mark("fields"), whose=mark("whose"), version=mark("version"), window=seen,
                saved_at=mark("saved_at") if saved_at else "", kept_until=mark("kept_until"), **shared,
            )  # fmt: skip

        blank = self._blank(key, render)
        return page_answer(came.headers.get(b"accept-encoding"), blank.filled(theirs))

    def _blank(self, key: Hashable, render: Callable[[], str]) -> Blank:
        found = self._blanks.get(key)
        if found is None:
            if len(self._blanks) >= MOST_BLANKS:
                self._blanks.clear()
            found = self._blanks[key] = Blank(render())
        return found


def with_blank_member(
    view: DraftView, section: FormSection, answers: SectionAnswers
) -> tuple[Evaluation, SectionAnswers]:
    """One member more that nobody has filled in, with a key of its own; where there may be one."""
    members, repeats = members_of(answers), section.repeats
    assert repeats is not None
    if len(members) >= repeats.most:
        return view.evaluated(), answers
    more: SectionAnswers = {MEMBERS: [*members, {KEY: secrets.token_hex(6)}]}
    others = {} if view.draft is None else view.draft.answers
    return evaluate(view.asked, others | {section.id: more}, view.today), more


def errors_of(section: FormSection, found: Evaluation) -> dict[str, str]:
    """What is wrong with the answers of a section, by path."""
    return {path: text for path, text in found.errors.items() if path.startswith(f"{section.id}.")}
