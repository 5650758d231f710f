"""`/personnel/courrier`: an item is typed, what it triggers is shown, and it is entered; all of it by keyboard."""

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.files.states import STATUSES
from casework.mailroom.entries import TypedMail
from casework.mailroom.pen import KEPT_DAYS
from casework.mailroom.states import INSTRUMENTS, KINDS, STATES
from casework.withdrawal.letter import WHO as SIGNERS
from console.mailroom import forms
from console.mailroom.desk import SEES, MailroomDesk, ShownPreview
from console.staff.desk import StaffMemberHere
from console.staff.pressed import answered, pressed
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.money import dollars
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body

HERE: Final = "/personnel/courrier"

SHOWN_TODAY: Final = 12
"""Of today's entries beside the form."""


class MailroomPages:
    """The handlers of the entry."""

    def __init__(self, desk: MailroomDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(f"{HERE}/apercu", self.preview, methods=["POST"]),
            Route(f"{HERE}/corriger", self.correct, methods=["POST"]),
            Route(f"{HERE}/inscrire", self.enter, methods=["POST"]),
            Route(f"{HERE}/recherche", self.search_form, methods=["GET"]),
            Route(f"{HERE}/recherche", self.search, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The empty form, with the reception day of the entry before, and what was just entered."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        query, today = request.query_params, day_of(now_ms())
        typed = TypedMail(
            received_on=forms.remembered(query.get("jour", ""), today), number=query.get("dossier", "")[:40],
            kind=query.get("nature", "")[:40],
        )  # fmt: skip
        return await self._form(request, member, typed, done=forms.whole(query.get("piece", "")))

    async def preview(self, request: Request) -> Response:
        """What the entry would trigger; or the form again, with what is wrong."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        typed = forms.typed_mail(fields)
        return await self._previewed(request, member, typed, forms.text_of(fields, "key"))

    async def correct(self, request: Request) -> Response:
        """Back from the preview: the form with what was typed."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._form(request, member, forms.typed_mail(await form_body(request)))

    async def enter(self, request: Request) -> Response:
        """Enter what was shown. What is no longer so is shown again, with what has changed."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        typed, key = forms.typed_mail(fields), forms.text_of(fields, "key")
        return await pressed(
            lambda: self.desk.enter(member, typed, key, forms.text_of(fields, "seen")),
            lambda item: f"{HERE}?jour={item.entry.received_on}&piece={item.id}",
            lambda refusal: self._previewed(
                request, member, typed, key, refusal, fields.get("told", "").split("\n")
            ),
            raised=(),
        )

    async def _previewed(
        self,
        request: Request,
        member: StaffMemberHere,
        typed: TypedMail,
        key: str,
        refusal: Refusal | None = None,
        told: list[str] | None = None,
    ) -> Response:
        """What the entry would trigger now, beside what was shown before where that is refused."""

        async def page(found: ShownPreview) -> Response:
            return self._preview(request, member, typed, found, key or forms.new_key(), refusal, told)

        return await answered(
            lambda: self.desk.preview(member, typed), page,
            lambda wrong: self._form(request, member, typed, wrong), raised=(),
        )  # fmt: skip

    async def search_form(self, request: Request) -> Response:
        """The search by name, for an item that names nobody's number."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._search(request, member, "", "")

    async def search(self, request: Request) -> Response:
        """Who has this name and was born on this day. Names stay out of addresses."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        name, born = forms.text_of(fields, "name"), forms.text_of(fields, "birth_date")
        again = partial(self._search, request, member, name, born)
        return await answered(
            lambda: self.desk.people(member, name, born), lambda found: again(found=found),
            lambda refusal: again(errors=forms.errors_of(refusal)), raised=(),
        )  # fmt: skip

    async def _search(
        self, request: Request, member: StaffMemberHere, name: str, born: str, found: object = None,
        errors: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        return self.render(
            request, "staff_mail_search.html", status=422 if errors else 200, member=member, here=HERE, name=name,
            birth_date=born, found=found, errors=errors or {}, refusal=None,
            statuses=STATUSES,
        )  # fmt: skip

    async def _form(
        self, request: Request, member: StaffMemberHere, typed: TypedMail, refusal: Refusal | None = None,
        done: int | None = None,
    ) -> Response:  # fmt: skip
        errors = {} if refusal is None else forms.errors_of(refusal)
        words = None if refusal is None else self.tell(refusal)
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        entered = await self.desk.entered_today(member, SHOWN_TODAY, done)
        return self.render(
            request, "staff_mailroom.html", status=200 if words is None else words.status, member=member, here=HERE,
            typed=typed, errors=errors, refusal=above, kinds=KINDS,
            instruments=INSTRUMENTS, signers=SIGNERS, dollars=dollars, states=STATES, day=day_words,
            done=entered.done, entered=entered.newest, many=entered.count,
        )  # fmt: skip

    def _preview(
        self, request: Request, member: StaffMemberHere, typed: TypedMail, found: ShownPreview, key: str,
        refusal: Refusal | None = None, told: list[str] | None = None,
    ) -> Response:  # fmt: skip
        errors = {} if refusal is None else forms.errors_of(refusal)
        words = None if refusal is None else self.tell(refusal)
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        judgement = found.preview.judgement
        now_told = [] if judgement is None else list(judgement.told)
        is_stale = refusal is not None and refusal.code == Code.CHANGED_MEANWHILE
        return self.render(
            request, "staff_mail_preview.html", status=200 if words is None else words.status, member=member,
            here=HERE, typed=typed, kept_days=KEPT_DAYS, found=found, preview=found.preview, key=key,
            errors=errors, refusal=above, kinds=KINDS, instruments=INSTRUMENTS, signers=SIGNERS,
            dollars=dollars, states=STATES, day=day_words, told="\n".join(now_told),
            changes=forms.changed([one for one in told or [] if one], now_told) if is_stale else [],
        )  # fmt: skip
