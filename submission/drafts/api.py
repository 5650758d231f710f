"""The calls of drafts: what is in one, and the save of a section. Thin over the functions that the pages call too."""

from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal, Unavailable
from server.fast_path import FastRoute
from server.requests import Answer, Incoming, Respond, answering, received
from server.responses import json_response
from submission.drafts.lifetime import recovery
from submission.drafts.look import DraftView
from submission.drafts.prefill.account_reader import AccountReader
from submission.drafts.prefill.filling import AccountTexts, on_file, takes
from submission.drafts.reading import DraftReader
from submission.drafts.saving import DraftSaves, SavedSection, SectionSave
from submission.forms.answers import SectionAnswers
from submission.forms.fields import PostedLists, posted_of
from submission.forms.model import LONGEST_VALUE, MOST_MEMBERS, FormSection

DRAFT = "/api/v1/drafts/{programme}"

AnswerText = Annotated[str, Meta(max_length=LONGEST_VALUE)]

MostMembers = Annotated[list[dict[str, AnswerText]], Meta(max_length=MOST_MEMBERS)]


class SectionBody(msgspec.Struct, frozen=True):
    """Body of `PUT /api/v1/drafts/{programme}/sections/{section}`. `version` is that of the section as it was read; 0
    of one that was never saved. Answers in canonical form; fields that are left out stay as they are."""

    version: Annotated[int, Meta(ge=0)]
    answers: dict[str, AnswerText | MostMembers]


class DraftApi:
    """The handlers."""

    def __init__(self, saves: DraftSaves, reader: DraftReader) -> None:
        self.saves, self.reader = saves, reader
        self.accounts = AccountReader(saves.services)

    def fast_routes(self) -> list[FastRoute]:
        """Both calls: a page that is filled in saves every few seconds."""
        return [
            FastRoute("GET", DRAFT, self.read),
            FastRoute("PUT", f"{DRAFT}/sections/{{section}}", self.save),
        ]

    def routes(self) -> list[BaseRoute]:
        """What is asked for once."""
        return [Route(f"{DRAFT}/recover", self.recover, methods=["POST"])]

    async def recover(self, request: Request) -> Response:
        """`POST`: an expired draft is taken back, with its days begun anew; a live one stays as it is.

        Refusals not_signed_in, session_ended, not_found, draft_submitted, draft_expired where it was destroyed.
        """
        came = await received(request)
        view = await self.reader.view(came)
        if view.receipt is not None:
            raise Refusal(Code.DRAFT_SUBMITTED, receipt=view.receipt)
        await recovery.recover(self.saves.services, view)
        view = await self.reader.view(came)
        return json_response({"state": view.state, "kept_until": rfc3339(view.kept_until)})

    def read(self, came: Incoming, respond: Respond) -> None:
        """`GET`: the whole draft, with what is missing, and what the account has on file for sections that nobody has
        saved: shown, never stored (DR-01). It fails soft: a draft is whole without it."""

        def told(found: DraftView | BaseException) -> None:
            if isinstance(found, DraftView) and any(takes(found, one) for one in found.asked.sections):
                self.accounts.ask(
                    found.session.owner, lambda texts: answering(respond, partial(_shown, texts))(found)
                )
            else:
                answering(respond, partial(_shown, {}))(found)

        self.reader.ask(came, told)

    def save(self, came: Incoming, respond: Respond) -> None:
        """`PUT`: answered by callback when the transaction it is written in is committed."""
        body = came.json(SectionBody)
        asked = SectionSave(
            session=sessions.shown(came),
            programme=came.parameters["programme"],
            section=came.parameters["section"],
            version=body.version,
            posted=partial(_posted, body.answers),
            sent=body.answers,
        )
        self.saves.save_then(asked, partial(_saved, respond))


def _posted(answers: SectionAnswers, section: FormSection) -> PostedLists:
    return posted_of(section, answers)


def _saved(respond: Respond, outcome: SavedSection | BaseException) -> None:
    if isinstance(outcome, SavedSection):
        respond(Answer(200, msgspec.json.encode(saved_shown(outcome))))
    else:
        respond(outcome if isinstance(outcome, Exception) else Unavailable("sql"))


def saved_shown(saved: SavedSection) -> dict[str, Any]:
    """The answer to a save. What looks odd is a warning: it is saved as it stands."""
    return {
        "version": saved.version,
        "saved_at": rfc3339(saved.saved_at),
        "missing": saved.view.followed().to_mend,
        "warnings": [{"name": path, "reason": reason} for path, reason in saved.warnings.items()],
    }


def _shown(texts: AccountTexts, view: DraftView) -> Answer:
    return Answer(200, msgspec.json.encode(draft_shown(view, texts)))


def draft_shown(view: DraftView, texts: AccountTexts) -> dict[str, Any]:
    """A draft as the API gives it, with these texts of its account; of one that was not begun, what it would be."""
    sections = {} if view.draft is None else view.draft.sections
    return {
        "form_version": view.form.version,
        "sections": {
            id: {"version": one.version, "answers": one.answers, "read_again": one.read_again is not None}
            for id, one in sections.items()
        },
        "missing": view.evaluated().to_mend,
        "kept_until": rfc3339(view.kept_until),
        "state": view.state,
        "from_account": on_file(view, texts),
    }
