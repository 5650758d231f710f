"""The form of a section as its owner finds it: rendered once for all who would see the same, and filled for each.

What was sent and is shown again, with what was typed and why it was refused, is rendered for the one who sent it
(`pages.py`).
"""

import secrets
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from quota.programmes import Programme
from server.rendering.blanks import Blank, mark
from server.rendering.page_answers import page_answer
from server.rendering.templating import Render, instant
from server.requests import Answer, Incoming
from submission.drafts.look import DraftView
from submission.drafts.states import DraftState
from submission.forms.answers import KEY, MEMBERS, SectionAnswers, members_of
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.model import FormSection
from submission.forms.shown import SectionHead
from submission.review import marked, running_texts
from submission.turns.window import TurnWindow

MOST_BLANKS: Final = 400
"""Pages that stand ready to be filled: the sections of some forms, in a few states each."""

TEMPLATE: Final = "draft_section.html"

_MARKED: Final = {name: mark(name) for name in ("whose", "version", "kept_until")}


class FilledForm(NamedTuple):
    """The questions of a section with what stands in them, as markup. It is remembered with its draft, so it keeps no
    question by itself."""

    head: SectionHead
    fields: bytes


class SectionPage(NamedTuple):
    """What else stands on the page of a section: first what many people have in common, then what is one person's."""

    programme: Programme
    sections: Sequence[FormSection]
    form_version: str
    just_saved: bool
    has_more: bool
    whose: str
    version: int
    saved_at: int
    kept_until: int


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
        self, came: Incoming, form: FilledForm, window: TurnWindow | None, page: SectionPage
    ) -> Answer:
        """The page of one person, whose draft is live."""
        theirs = {
            b"fields": form.fields,
            b"whose": page.whose.encode(),  # digits of a hash: nothing to be escaped
            b"version": b"%d" % page.version,
            b"kept_until": instant(page.kept_until).encode(),
        }
        if page.saved_at:
            theirs[b"saved_at"] = instant(page.saved_at).encode()
        seen: tuple[Any, ...] = ()
        if window is not None:
            theirs |= running_texts(window.clock)
            seen = window.period, window.notice, marked(window.clock)
        key = (
            form.head, seen, page.programme.id, page.form_version, bool(page.saved_at), page.just_saved, page.has_more,
        )  # fmt: skip
        blank = self._blanks.get(key)
        if blank is None:
            if len(self._blanks) >= MOST_BLANKS:
                self._blanks.clear()
            blank = self._blanks[key] = self._blank(form.head, window, page)
        return page_answer(came.headers.get(b"accept-encoding"), blank.filled(theirs))

    def _blank(self, head: SectionHead, window: TurnWindow | None, page: SectionPage) -> Blank:
        text = self._render.text(
            TEMPLATE, refusal=None, errors={}, differences=[], read_again=None, sign_in="", prefilled=[],
            section=head, fields=mark("fields"), state=DraftState.LIVE,
            window=None if window is None else window._replace(clock=marked(window.clock)),  # type: ignore[arg-type]
            **page._asdict() | _MARKED | {"saved_at": mark("saved_at") if page.saved_at else ""},
        )  # fmt: skip
        return Blank(text)


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
