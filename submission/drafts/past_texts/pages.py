"""`/compte/textes`: the texts of a draft that were set aside at a conflict, for its owner to read and copy (P12)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from foundation.clock import now_ms
from server.rendering.templating import Render
from submission.drafts import repository, store
from submission.drafts.encryption import SealedSection, past_place
from submission.drafts.evaluated import form_of
from submission.drafts.repository import Draft
from submission.drafts.retention import destroyed_after
from submission.forms.answers import KEY, SectionAnswers, members_of
from submission.forms.model import Form, FormSection
from submission.forms.wording import asked_in
from submission.services import SubmissionServices

HERE = "/compte/textes"

_past = store.draft_past


class PastText(NamedTuple):
    """A text that was set aside: of which section, when (instant), and its answers in words, by label."""

    programme: str
    section: str
    address: str
    at: int
    lines: list[tuple[str, str]]


class PastTextPages:
    """The handler: for the account that is signed in alone."""

    def __init__(self, services: SubmissionServices, sign_in: SignInPages, render: Render) -> None:
        self.services, self.sign_in, self.render = services, sign_in, render

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route(HERE, self.texts, methods=["GET"])]

    async def texts(self, request: Request) -> Response:
        """Every text that is kept of the account's drafts, the newest first."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        texts = await self.services.db.read(lambda conn: of_account(conn, self.services, session.owner))
        return self.render(request, "past_texts.html", session=session, texts=texts)


async def of_account(conn: AsyncConnection, services: SubmissionServices, account: int) -> list[PastText]:
    """The texts of this account's live drafts. What is to be destroyed is shown to nobody."""
    drafts = await repository.of_accounts(conn, services.drafts, [account])
    found: list[PastText] = []
    for draft in drafts.values():
        programme = services.programmes.get(draft.programme)
        if programme is None:
            continue
        rules = programme.draft
        if now_ms() > destroyed_after(draft.until(rules.days), rules.recover_days):
            continue
        form = form_of(services.forms, draft.programme, rules, draft.form_version)
        found += [
            text._replace(programme=programme.name) for text in await _of_draft(conn, services, form, draft)
        ]
    return sorted(found, key=lambda one: -one.at)


async def _of_draft(
    conn: AsyncConnection, services: SubmissionServices, form: Form, draft: Draft
) -> list[PastText]:
    rows = await conn.execute(
        sa.select(_past.c.uid, _past.c.section, _past.c.key, _past.c.answers, _past.c.at)
        .where(_past.c.draft == draft.id)
        .order_by(_past.c.at.desc(), _past.c.uid)
    )
    found = []
    for row in rows:
        section = form.section(row.section)
        if section is None:
            continue
        answers = services.drafts.open(past_place(row.uid, row.section), SealedSection(row.key, row.answers))
        address = f"/demande/{draft.programme}/{section.id}"
        found.append(PastText("", section.title, address, row.at, list(lines_of(form, section, answers))))
    return found


def lines_of(form: Form, section: FormSection, answers: SectionAnswers) -> Iterator[tuple[str, str]]:
    """What was answered, by label and in words; members with their names. Pure."""
    if section.repeats is None:
        texts = {id: text for id, text in answers.items() if isinstance(text, str)}
        yield from _lines(form, section, "", texts)
        return
    for place, member in enumerate(members_of(answers), 1):
        texts = {id: text for id, text in member.items() if id != KEY}
        yield from _lines(form, section, f"{section.repeats.name} {place}, ", texts)


def _lines(
    form: Form, section: FormSection, name: str, texts: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for id, label, words in asked_in(form, section.id):
        if text := texts.get(id, ""):
            yield f"{name}{label}", words(text)
