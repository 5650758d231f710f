"""The pages of a draft: its overview and its sections, each whole without scripts.

A refused save answers with the same form filled in, whatever the reason: what was typed stays on the screen (P12). The
script (`static/draft.js`) sends the same form as one goes, and reads the answer as JSON.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, RefusalCause, Unavailable
from server.fast_path import FastRoute
from server.rendering.forms import form_answer
from server.rendering.page_answers import page_answer
from server.requests import (
    Answer,
    Incoming,
    Respond,
    answering,
    form_fields,
    received,
    refuse_other_encodings,
    see_other,
)
from server.responses import response_of
from submission.drafts import look
from submission.drafts.api import saved_shown
from submission.drafts.form_page import (
    FilledForm,
    FormPages,
    SectionPage,
    errors_of,
    shown_texts,
    with_blank_member,
)
from submission.drafts.lifetime import recovery
from submission.drafts.look import DraftView
from submission.drafts.overview import STANDS, as_posted, differences, is_asked, overview, read_again_of
from submission.drafts.prefill.account_reader import AccountReader
from submission.drafts.prefill.filling import AccountTexts, prefilled, takes
from submission.drafts.reading import DraftReader, FoundDraft
from submission.drafts.saving import NEVER_SAVED, DraftSaves, SavedSection, SectionSave, whose_of
from submission.drafts.states import DraftState
from submission.forms.answers import SectionAnswers, members_of
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.field_markup import FieldMarkup
from submission.forms.fields import PostedLists, posted_lists, read_section
from submission.forms.model import Form, FormSection
from submission.forms.shown import appeared, shown_section
from submission.turns import gates
from submission.turns.window import TurnWindow, Windows, window_among

DRAFT: Final = "/demande/{programme}"

SECTION: Final = "/demande/{programme}/{section}"

LONGER_BODIES: Final = {"/demande/": 1024 * 1024}
"""Bytes of a post to a section. What fits its questions is some 20 KiB; a text that is far too long comes back in
the page with its error, instead of being lost with a refusal (P12)."""

SIGNED_OUT: Final = {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}
"""The form comes back with the way to sign in beside it, in a page of its own."""


class DraftPages:
    """The handlers."""

    def __init__(
        self, saves: DraftSaves, reader: DraftReader, sign_in: SignInPages, windows: Windows
    ) -> None:
        self.saves, self.reader, self.sign_in, self.windows = saves, reader, sign_in, windows
        self.services, self.render, self.tell = saves.services, sign_in.render, sign_in.tell
        self.accounts = AccountReader(saves.services)
        self.markup, self.blanks = FieldMarkup(sign_in.render), FormPages(sign_in.render)

    def fast_routes(self) -> list[FastRoute]:
        """What is asked for by everybody who fills something in."""
        return [
            FastRoute("GET", DRAFT, self.overview),
            FastRoute("GET", SECTION, self.section),
            FastRoute("POST", SECTION, self.save),
        ]

    def routes(self) -> list[BaseRoute]:
        """The other routes."""
        return [Route(DRAFT, self.recover, methods=["POST"])]

    # -- The overview ----------------------------------------------------------------------------------------------

    def overview(self, came: Incoming, respond: Respond) -> None:
        """The sections with where they stand, what is missing with links, and how long it is kept."""
        told = partial(self._answer, came, respond, partial(self._overview, came))
        self.reader.ask_with(came, self.windows.shown(came), told)

    def _overview(self, came: Incoming, view: DraftView, window: TurnWindow | None) -> Answer:
        seen = overview(view, view.evaluated())
        text = self.render.text("draft.html", seen=seen, stands=STANDS, window=window, **self._about(view))
        return page_answer(came.headers.get(b"accept-encoding"), text.encode())

    async def recover(self, request: Request) -> Response:
        """Take an expired draft back, with its days begun anew; then its sections, or the review that offered it."""
        came = await received(request)
        try:
            view = await self.reader.view(came)
        except Refusal as refusal:
            if refusal.code not in SIGNED_OUT:
                raise
            return response_of(self._to_sign_in(came, refusal))
        await recovery.recover(self.services, view)
        wanted = form_fields(came).get("suite", "")
        there = wanted if self.sign_in.destinations.may_lead(wanted) else f"/demande/{view.programme}"
        return response_of(see_other(there))

    # -- A section -------------------------------------------------------------------------------------------------

    def section(self, came: Incoming, respond: Respond) -> None:
        """The form of a section, as it was saved last, or with what the account knows."""
        self.reader.ask_with(came, self.windows.shown(came), partial(self._found, came, respond))

    def _found(self, came: Incoming, respond: Respond, found: FoundDraft | BaseException) -> None:
        view = found.view if isinstance(found, FoundDraft) else None
        section = None if view is None else view.asked.section(came.parameters["section"])
        if view is None or section is None or not takes(view, section):
            self._answer(came, respond, partial(self._section, came), found)
        else:
            shown = partial(self._with_account, came, section)
            self.accounts.ask(
                view.session.owner, lambda texts: self._answer(came, respond, partial(shown, texts), found)
            )

    def _with_account(
        self,
        came: Incoming,
        section: FormSection,
        texts: AccountTexts,
        view: DraftView,
        window: TurnWindow | None,
    ) -> Answer:
        """A section that nobody has saved, with what is on file."""
        seen = prefilled(view, section, texts)
        if not seen.labels:
            return self._section(came, view, window)
        context = self._form(view, section, seen.found, seen.answers, NEVER_SAVED.version, {})
        text = self.render.text(
            "draft_section.html", refusal=None, errors={}, differences=[], read_again=None, sign_in="", window=window,
            just_saved=False, has_more=False, prefilled=seen.labels, **shown_texts(context | {"saved_at": 0}),
        )  # fmt: skip
        return page_answer(came.headers.get(b"accept-encoding"), text.encode())

    def _section(self, came: Incoming, view: DraftView, window: TurnWindow | None) -> Answer:
        section = view.asked.section(came.parameters["section"])
        if section is None:
            raise Refusal(Code.NOT_FOUND)
        if view.state is not DraftState.LIVE:
            return see_other(f"/demande/{view.programme}")
        stored = NEVER_SAVED if view.draft is None else view.draft.sections.get(section.id, NEVER_SAVED)
        form = self._filled(came, view, section, stored.answers)
        page = SectionPage(
            programme=self.services.programmes[view.programme], sections=view.asked.sections,
            form_version=view.form.version, just_saved="enregistre" in came.asked, has_more="suite" in came.asked,
            whose=whose_of(view.session.owner, view.programme), version=stored.version,
            saved_at=stored.updated_at, kept_until=view.kept_until,
        )  # fmt: skip
        again = read_again_of(stored.read_again)
        if again is None:
            return self.blanks.answer(came, form, window, page)
        text = self.render.text(
            "draft_section.html", refusal=None, errors={}, differences=[], read_again=again, sign_in="",
            prefilled=[], window=window, state=view.state, section=form.head,
            fields=Markup(form.fields.decode()), **shown_texts(page._asdict()),  # noqa: S704 - markup already
        )  # fmt: skip
        return page_answer(came.headers.get(b"accept-encoding"), text.encode())

    def _filled(
        self, came: Incoming, view: DraftView, section: FormSection, answers: SectionAnswers
    ) -> FilledForm:
        """The questions as they were saved last; with one member more where one is to be added."""
        followed = view.followed()
        if section.repeats is not None and ("ajouter" in came.asked or not members_of(answers)):
            found, answers = with_blank_member(view, section, answers)
            return self._form_of(view.asked, section, found, answers, errors_of(section, found))
        known: FilledForm | None = followed.filled.get(section.id)
        if known is None:
            errors = errors_of(section, followed.found)
            known = self._form_of(view.asked, section, followed.found, answers, errors)
            followed.filled[section.id] = known
        return known

    def save(self, came: Incoming, respond: Respond) -> None:
        """Save what was typed. The script asks for JSON, and gets what the API would say."""
        refuse_other_encodings(came)
        posted = posted_lists(came.body)
        asked = SectionSave(
            session=sessions.shown(came),
            programme=came.parameters["programme"],
            section=came.parameters["section"],
            version=_version(posted),
            posted=lambda _: posted,
            keeping_rest=True,
            whose=_last(posted, "whose"),
            confirms=_last(posted, "reread") == "1",
        )
        self.saves.save_then(asked, partial(self._heard, came, posted, respond))

    def _heard(
        self, came: Incoming, posted: PostedLists, respond: Respond, outcome: SavedSection | BaseException
    ) -> None:
        if isinstance(outcome, SavedSection) and (not outcome.errors or _wants_json(came)):
            answering(respond, partial(self._saved, came, posted, None))(outcome)
        elif isinstance(outcome, SavedSection) or (isinstance(outcome, Refusal) and not _wants_json(came)):
            programme = came.parameters["programme"]
            self.windows.ask(came, programme, partial(self._heard_in, came, posted, respond, outcome))
        else:
            respond(outcome if isinstance(outcome, Exception) else Unavailable("sql"))

    def _heard_in(
        self,
        came: Incoming,
        posted: PostedLists,
        respond: Respond,
        outcome: SavedSection | Refusal,
        window: TurnWindow | None,
    ) -> None:
        """The form comes back: with the time left, and what can be shown of the draft beside what was typed."""
        if isinstance(outcome, SavedSection):
            answering(respond, partial(self._saved, came, posted, window))(outcome)
        else:
            self.reader.ask(came, partial(self._shown_again, came, posted, respond, outcome, window))

    def _saved(
        self, came: Incoming, posted: PostedLists, window: TurnWindow | None, saved: SavedSection
    ) -> Answer:
        if _wants_json(came):
            wrong = [{"name": path, "reason": reason} for path, reason in saved.errors.items()]
            return Answer(200, msgspec.json.encode(saved_shown(saved) | {"errors": wrong}))
        section = saved.view.asked.section(came.parameters["section"])
        assert section is not None
        if not saved.errors:
            return see_other(_way_on(saved.view, section, posted, saved.view.evaluated()))
        draft = saved.view.draft
        answers = ({} if draft is None else draft.answers) | {section.id: saved.typed}
        found = evaluate(saved.view.asked, answers, saved.view.today)
        context = self._form(saved.view, section, found, saved.typed, saved.version, saved.errors)
        return self._again(came, None, saved.errors, saved.saved_at, 422, context | {"window": window})

    def _shown_again(
        self,
        came: Incoming,
        posted: PostedLists,
        respond: Respond,
        refusal: Refusal,
        window: TurnWindow | None,
        found: DraftView | BaseException,
    ) -> None:
        try:
            if isinstance(found, DraftView):
                answer = self._refused(came, posted, refusal, found, window)
            else:
                answer = self._refused_blindly(came, posted, refusal)
        except Exception as problem:
            respond(problem)
        else:
            respond(answer)

    def _refused(
        self,
        came: Incoming,
        posted: PostedLists,
        refusal: Refusal,
        view: DraftView,
        window: TurnWindow | None,
    ) -> Answer:
        """The same form with what was typed, both texts where they differ, and why it was not saved."""
        section = view.asked.section(came.parameters["section"])
        if section is None or refusal.code == Code.NOT_FOUND:
            raise refusal
        typed = read_section(view.form, section, posted, view.today)
        version, found = _version(posted), as_posted(section, posted, typed.answers)
        context = self._form(view, section, found, typed.answers, version, typed.errors)
        context["window"] = window
        if refusal.code == Code.DRAFT_CHANGED:
            current = refusal.fields["current"]
            context["version"] = current["version"]
            context["differences"] = differences(view.form, section, typed.answers, current["answers"])
        if refusal.fields.get("cause") == RefusalCause.SESSION_OF_ANOTHER:
            context["whose"] = _last(posted, "whose")
        return self._again(came, refusal, typed.errors, 0, 0, context)

    def _refused_blindly(self, came: Incoming, posted: PostedLists, refusal: Refusal) -> Answer:
        """The same where nothing of the draft can be read: nobody is signed in any more, or a store is away."""
        programme, now = came.parameters["programme"], now_ms()
        if programme not in self.services.programmes:
            raise refusal
        form = look.form_of(self.services, programme, _last(posted, "form_version") or None, day_of(now))
        section = form.section(came.parameters["section"])
        if section is None:
            raise refusal
        typed = read_section(form, section, posted, day_of(now))
        found = as_posted(section, posted, typed.answers)
        context = {
            "programme": self.services.programmes[programme], "view": None, "state": DraftState.LIVE,
            "kept_until": None, "username": "", "sections": list(form.sections),
            "form_version": form.version, "whose": _last(posted, "whose"), "version": _version(posted),
        }  # fmt: skip
        context |= self._shown(form, section, found, typed.answers, typed.errors)
        return self._again(came, refusal, typed.errors, 0, 0, context)

    def _again(
        self,
        came: Incoming,
        refusal: Refusal | None,
        errors: Mapping[str, str],
        saved_at: int,
        status: int,
        context: dict[str, Any],
    ) -> Answer:
        address = "/".join(["/demande", *came.parameters.values()])
        signed_out = refusal is not None and refusal.code in SIGNED_OUT
        sign_in = f"/connexion?suite={self.sign_in.destinations.safe(address)}&compte=autre"
        more: dict[str, Any] = {
            "differences": [],
            "read_again": None,
            "prefilled": [],
            "just_saved": False,
            "has_more": False,
            "saved_at": saved_at,
            "window": None,
        }
        return form_answer(
            self.render, self.tell, came, "draft_section.html", refusal=refusal, errors=errors, status=status,
            **shown_texts(more | {"sign_in": sign_in if signed_out else ""} | context),
        )  # fmt: skip

    # -- What they share -------------------------------------------------------------------------------------------

    def _answer(
        self,
        came: Incoming,
        respond: Respond,
        answer: Callable[[DraftView, TurnWindow | None], Answer],
        found: FoundDraft | BaseException,
    ) -> None:
        """Answer with a draft and the window it is looked at in, or with the way to the sign-in that leads back."""
        if isinstance(found, Refusal) and found.code in SIGNED_OUT:
            respond(self._to_sign_in(came, found))
        else:
            answering(respond, partial(_in_window, answer))(found)

    def _to_sign_in(self, came: Incoming, refusal: Refusal) -> Answer:
        note = "&note=fin" if refusal.code == Code.SESSION_ENDED else ""
        address = "/".join(["/demande", *came.parameters.values()])
        return see_other(f"/connexion?suite={self.sign_in.destinations.safe(address)}{note}")

    def _about(self, view: DraftView) -> dict[str, Any]:
        programme = self.services.programmes[view.programme]
        return {
            "programme": programme, "view": view, "state": view.state, "kept_until": view.kept_until,
            "destroyed_after": view.destroyed_after, "receipt": view.receipt, "username": view.session.username,
        }  # fmt: skip

    def _form(
        self,
        view: DraftView,
        section: FormSection,
        found: Evaluation,
        answers: SectionAnswers,
        version: int,
        errors: Mapping[str, str],
    ) -> dict[str, Any]:
        """What the page of a section needs, whatever became of a save."""
        return self._about_form(view, version) | self._shown(view.asked, section, found, answers, errors)

    def _about_form(self, view: DraftView, version: int) -> dict[str, Any]:
        return self._about(view) | {
            "version": version, "sections": list(view.asked.sections), "form_version": view.form.version,
            "whose": whose_of(view.session.owner, view.programme),
        }  # fmt: skip

    def _shown(
        self,
        form: Form,
        section: FormSection,
        found: Evaluation,
        answers: SectionAnswers,
        errors: Mapping[str, str],
    ) -> dict[str, Any]:
        """The questions for a page that is rendered for one."""
        shown = shown_section(form, section, found, answers, errors)
        return {"section": shown, "fields": self.markup.fields(shown)}

    def _form_of(
        self,
        form: Form,
        section: FormSection,
        found: Evaluation,
        answers: SectionAnswers,
        errors: Mapping[str, str],
    ) -> FilledForm:
        """The same for one that is filled."""
        shown = shown_section(form, section, found, answers, errors)
        return FilledForm(shown.head, self.markup.encoded(shown))


def _in_window(answer: Callable[[DraftView, TurnWindow | None], Answer], draft: FoundDraft) -> Answer:
    return answer(draft.view, window_among(draft.turns, draft.view.programme))


def _wants_json(came: Incoming) -> bool:
    accept = came.header(b"accept")
    return "json" in accept and "text/html" not in accept


def _last(posted: PostedLists, name: str) -> str:
    return (posted.getlist(name) or [""])[-1]


def _version(posted: PostedLists) -> int:
    """The version that was typed upon; -1, which no section has, for a text that is none."""
    text = _last(posted, "version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1


def _way_on(view: DraftView, section: FormSection, posted: PostedLists, found: Evaluation) -> str:
    """Where a save leads: on, to a section that was chosen, to the overview, or back with one more member; back too
    where what was answered asks for more in this section."""
    home, then = f"/demande/{view.programme}", _last(posted, "then")
    if _last(posted, "add"):
        return f"{home}/{section.id}?ajouter=1#nouveau"
    if then == "here":
        return f"{home}/{section.id}?enregistre=1"
    if then.startswith("review:"):  # whose turn it is goes on to sign; any other browser is led to the room
        return (
            review if gates.is_gated(review := f"/periodes/{then.removeprefix('review:')}/demande") else home
        )
    if then == "goto":
        then = _last(posted, "goto")
    if view.asked.section(then) is not None:
        return f"{home}/{then}"
    if then == "next" and (more := appeared(section, found, posted)):
        return f"{home}/{section.id}?suite=1#{more[0]}"
    return home if then == "overview" else _next(view, section, home)


def _next(view: DraftView, section: FormSection, home: str) -> str:
    """The next section that is asked for; behind the last one the overview."""
    found, behind = view.evaluated(), False
    for one in view.asked.sections:
        if behind and is_asked(one, found):
            return f"{home}/{one.id}"
        behind = behind or one.id == section.id
    return home
