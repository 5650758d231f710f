"""`/dossiers/{number}/modifications`: what was added to a file, and the forms by which more is added (PM-01, PM-03).

A form is filled in, read again, and sent; what was typed comes back whatever was refused, also where the session has
ended meanwhile (P12). Nothing of it is stored before it is sent.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.sessions import Session
from accounts.states import SessionRole
from casework.amendments import amending, asked, reading
from casework.amendments.amending import SentAmendment, open_for, rules_of, supplement_of, typed_in
from casework.amendments.asked import ON_DAY, AskedForm, TypedAmendment, asked_form
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.services import AmendmentServices
from casework.amendments.states import DAYS, GROUNDS, SLUGS, TITLES
from casework.files.numbers import typed_submission
from foundation.audit import Actor
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, RefusalCause, Unavailable
from server.rendering.forms import WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import received, refuse_other_encodings
from submission.fees import PERSONS
from submission.forms.field_markup import FieldMarkup
from submission.forms.fields import PARTS, PostedLists, posted_lists
from submission.forms.files import narrowed
from submission.forms.model import AmendmentKind
from submission.forms.shown import ShownSection

HERE: Final = "/dossiers/{number}/modifications"

ONE: Final = HERE + "/{kind}"

SIGNED_OUT: Final = {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}

KINDS: Final = {slug: kind for kind, slug in SLUGS.items()}


class AmendmentPages:
    """The handlers."""

    def __init__(self, services: AmendmentServices, sign_in: SignInPages, render: Render) -> None:
        self.services, self.sign_in, self.render, self.tell = services, sign_in, render, sign_in.tell
        self.db, self.accounts = sign_in.services.db, sign_in.services
        self.markup = FieldMarkup(render)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(ONE, self.form, methods=["GET"]),
            Route(ONE, self.send, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What was added, and what can be; for anybody but its account 404, whether there is such a file or not."""
        session = await sessions.current(self.accounts, request)
        if session is None:
            return self._for_its_account(request)
        try:
            file = await self._file(session, request)
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._for_its_account(request, session)
        kinds = [
            {
                "title": TITLES[kind], "slug": SLUGS[kind], "opens_at": file.opens_at(kind),
                "ground": None if (ground := file.ground(kind)) is None else GROUNDS[ground],
            }
            for kind in AmendmentKind if file.asked(kind) is not None
        ]  # fmt: skip
        return self.render(
            request, "amendments.html", session=session, file=file, kinds=kinds, day=day_words, days=DAYS,
            sent=request.query_params.get("envoyee") == "1",
            given_up=request.query_params.get("abandonnee") == "1",
        )  # fmt: skip

    async def form(self, request: Request) -> Response:
        """The questions of one kind."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        kind, file = kind_of(request), await self._file(session, request)
        try:
            of = open_for(file, kind)
        except Refusal as refusal:
            return self._closed(request, session, file, refusal)
        key = secrets.token_hex(8)
        typed = asked.blank(of, file.form, file.now_is, key, file.today)
        return self._form(request, session, file, kind, key, typed, {})

    async def send(self, request: Request) -> Response:
        """Read again (`then=preview`), sent (`then=send`) or corrected (anything else)."""
        came = await received(request)
        refuse_other_encodings(came)
        posted, kind = posted_lists(came.body), kind_of(request)
        sent = SentAmendment(kind=kind, version=_version(posted), key=_last(posted, "key"), posted=posted)
        try:
            session = await sessions.required(self.accounts, request)
            return await self._sent(request, session, sent)
        except Refusal as refusal:
            is_store = isinstance(refusal, Unavailable)
            if not is_store and refusal.code not in SIGNED_OUT | {Code.NOT_FOUND}:
                raise
            if (
                refusal.code == Code.NOT_FOUND
            ):  # of another account, or of none: who signs in as its own goes on
                refusal = Refusal(
                    Code.NOT_SIGNED_IN, cause=RefusalCause.SESSION_OF_ANOTHER, signed_in_as=session.username
                )
            return self._blindly(request, sent, refusal)

    async def _sent(self, request: Request, session: Session, sent: SentAmendment) -> Response:
        then = _last(sent.posted, "then")
        file = await self._file(session, request)
        if (there := amending.added_by(file, sent)) is not None:
            if amending.is_same(file, there, sent):
                return self._done(file)
            sent = with_new_key(sent)  # of a page that was gone back to
        try:
            of = open_for(file, sent.kind)
            amending.refuse_older(file, of, sent)
            typed = typed_in(file, of, sent)
            if typed.errors or then not in {"preview", "send"}:
                return self._form(
                    request, session, file, sent.kind, sent.key, typed, typed.errors if then else {}
                )
            if then == "preview":
                return self._preview(request, session, file, of, sent, typed)
            await self._write(session, request, sent)
        except Unavailable:
            raise
        except Refusal as refusal:
            return await self._refused(request, session, sent, refusal)
        return self._done(file)

    async def _write(self, session: Session, request: Request, sent: SentAmendment) -> None:
        by, number = Actor(session.username, SessionRole.CANDIDATE), self._number(request)

        async def write(conn: AsyncConnection) -> FileAmendment:
            return await amending.amend(conn, self.services, session.owner, by, number, sent, now_ms())

        await self.db.write(write)

    async def _refused(
        self, request: Request, session: Session, sent: SentAmendment, refusal: Refusal
    ) -> Response:
        """The form with what was typed; where another amendment came between, both texts, upon the newer version."""
        file = await self._file(session, request)
        if refusal.code not in {Code.DRAFT_CHANGED, Code.INVALID}:
            return self._closed(request, session, file, refusal, sent)
        of = open_for(file, sent.kind)
        typed = typed_in(file, of, sent)
        both = typed.lines if refusal.code == Code.DRAFT_CHANGED else []
        return self._form(
            request, session, file, sent.kind, sent.key, typed, typed.errors, refusal=refusal, both=both
        )

    # -- The pages ---------------------------------------------------------------------------------------------------

    def _form(
        self,
        request: Request,
        session: Session,
        file: AmendableFile,
        kind: AmendmentKind,
        key: str,
        typed: TypedAmendment,
        errors: Mapping[str, str],
        *,
        refusal: Refusal | None = None,
        both: Sequence[object] = (),
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        status = 422 if errors else 200
        return self.render(
            request, "amendment_form.html", status=status if words is None else words.status, session=session,
            errors=errors, labels=typed.labels, both=both, sign_in="",
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
            **self._about(request, kind, key, file.version, file.sheet.programme, file.form.version),
            **self._fields(typed.sections, typed.on_day, errors),
        )  # fmt: skip

    def _preview(
        self,
        request: Request,
        session: Session,
        file: AmendableFile,
        of: AskedForm,
        sent: SentAmendment,
        typed: TypedAmendment,
    ) -> Response:
        return self.render(
            request, "amendment_preview.html", session=session, typed=typed, on_day=day_words(typed.day),
            fee=supplement_of(file, typed, self.services.programmes), persons=PERSONS,
            pay_days=rules_of(file, self.services.programmes).due_days,
            carried=carried(of, sent.posted),
            **self._about(request, sent.kind, sent.key, file.version, file.sheet.programme, file.form.version),
        )  # fmt: skip

    def _blindly(self, request: Request, sent: SentAmendment, refusal: Refusal) -> Response:
        """The form as it was sent, where nothing of the file can be read: nobody is signed in, or a store is away."""
        programme, version = _last(sent.posted, "programme"), _last(sent.posted, "form_version")
        of = self._asked_of(programme, version, sent.kind)
        if of is None:
            raise refusal
        today = day_of(now_ms())
        day, _ = asked.read_day(sent.posted, today)
        words = self.tell(refusal)
        to = self.sign_in.destinations.safe(request.url.path)
        return self.render(
            request, "amendment_form.html", status=words.status, session=None, errors={}, labels={}, both=[],
            sign_in=f"/connexion?suite={to}&compte=autre" if refusal.code in SIGNED_OUT else "",
            refusal=shown(refusal, words, WayOn()),
            **self._about(request, sent.kind, sent.key, sent.version, programme, version),
            **self._fields(asked.as_sent(of, sent.key, sent.posted, today), day, {}),
        )  # fmt: skip

    def _asked_of(self, programme: str, version: str, kind: AmendmentKind) -> AskedForm | None:
        """The questions of the form that a page names; None where it names none that we know."""
        known = self.services.programmes.get(programme)
        try:
            form = None if known is None else self.services.forms.get(programme, version)
        except LookupError:
            return None
        return (
            None if form is None or known is None else asked_form(narrowed(form, known.draft.sections), kind)
        )

    def _closed(
        self,
        request: Request,
        session: Session,
        file: AmendableFile,
        refusal: Refusal,
        sent: SentAmendment | None = None,
    ) -> Response:
        """Why it cannot be made now; what was typed stands there, to be copied."""
        words, kind = self.tell(refusal), kind_of(request)
        ground = refusal.fields.get("ground")
        typed = (
            []
            if sent is None
            else [(name, text) for name, text in carried(file.asked(kind), sent.posted) if text]
        )
        return self.render(
            request, "amendment_closed.html", status=words.status, session=session, file=file, title=TITLES[kind],
            refusal=shown(refusal, words, WayOn()), ground=GROUNDS.get(ground, "") if ground else "",
            opens_at=file.opens_at(kind), here=_here(request), typed=typed,
        )  # fmt: skip

    def _about(
        self, request: Request, kind: AmendmentKind, key: str, version: int, programme: str, form_version: str
    ) -> dict[str, Any]:
        here = _here(request)
        return {
            "number": request.path_params["number"], "title": TITLES[kind], "here": here,
            "address": f"{here}/{SLUGS[kind]}", "key": key, "version": version, "programme": programme,
            "form_version": form_version, "days": DAYS,
        }  # fmt: skip

    def _fields(
        self, sections: Sequence[ShownSection], on_day: str, errors: Mapping[str, str]
    ) -> dict[str, Any]:
        day = asked.day_question(on_day, errors.get(ON_DAY.id, ""))
        return {
            "day_field": self.markup.fields(day),
            "sections": [(section, self.markup.fields(section)) for section in sections],
        }

    async def _file(self, session: Session, request: Request) -> AmendableFile:
        number, now = self._number(request), now_ms()
        return await self.db.read(
            lambda conn: reading.look(conn, self.services, number, now, owner=session.owner)
        )

    def _number(self, request: Request) -> int:
        number = typed_submission(request.path_params["number"])
        if number is None:
            raise Refusal(Code.NOT_FOUND)
        return number

    def _done(self, file: AmendableFile) -> Response:
        return RedirectResponse(f"/dossiers/{file.sheet.number}/modifications?envoyee=1", 303)

    def _for_its_account(self, request: Request, session: Session | None = None) -> Response:
        then = self.sign_in.destinations.safe(_here(request))
        as_whom = "" if session is None else session.username
        return self.sign_in.page(request, then, status=404, note="dossier", signed_in_as=as_whom)


def with_new_key(sent: SentAmendment) -> SentAmendment:
    """The same form under a new key, its new member's too: with everything that was typed. Pure but for chance."""
    key = secrets.token_hex(8)
    named = {name.replace(f".{sent.key}.", f".{key}."): texts for name, texts in sent.posted.items()}
    return msgspec.structs.replace(sent, key=key, posted=PostedLists(named | {"key": [key]}))


def kind_of(request: Request) -> AmendmentKind:
    """The kind that an address names. Refusal not_found."""
    kind = KINDS.get(request.path_params["kind"])
    if kind is None:
        raise Refusal(Code.NOT_FOUND)
    return kind


def carried(of: AskedForm | None, posted: PostedLists) -> list[tuple[str, str]]:
    """What was typed, as the page that is read again carries it: the day, and the fields of these questions."""
    ids = [] if of is None else [section.id for section in of.form.sections]
    days = {ON_DAY.id, *(ON_DAY.id + part for part in PARTS)}
    return [
        (name, text)
        for name, texts in posted.items()
        if name in days or name.partition(".")[0] in ids
        for text in texts
    ]


def _here(request: Request) -> str:
    return f"/dossiers/{request.path_params['number']}/modifications"


def _last(posted: PostedLists, name: str) -> str:
    return (posted.getlist(name) or [""])[-1]


def _version(posted: PostedLists) -> int:
    """The version that was typed upon; -1, which no file has, for a text that is none."""
    text = _last(posted, "version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1
