"""The pages of what became of an application: the account's home and receipts.

Each is whole without scripts (`static/file.js` keeps the time true), and for the account that is signed in alone.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.bounces import recording as bounces
from accounts.pages import Destinations, SignInPages
from accounts.reviews import cases
from accounts.sessions import Session
from casework import documents, receipts
from casework.documents import DocumentKind
from casework.files import events, numbers
from casework.files.states import FileStatus
from casework.files.status import ENDS
from casework.payments.states import file_words, shown_status
from casework.states import DRAFTS, draft_standing
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota import frozen_rules
from quota.programmes import Programme
from server.rendering.templating import Render
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.drafts.evaluated import evaluated
from submission.drafts.repository import Draft
from submission.drafts.retention import is_expired
from submission.forms.files import Forms
from submission.receipt_numbers import PATTERN, typed_receipt
from submission.states import SubmissionStatus
from submission.turns import gates

HOME = "/compte"

DRAFT_PAGES = "demande/[a-z0-9-]{1,40}(/[a-z][a-z0-9_]{0,39})?"

DESTINATIONS = Destinations(
    HOME,
    re.compile(
        r"/((?:mon-)?compte(/[a-z0-9-]+)*"
        r"|volets(/[a-z0-9-]{1,40}/[a-z0-9_-]{1,40}(/demande)?)?|(documents|messages)(/[A-Za-z0-9_-]{16,64}(\.pdf)?)?"
        rf"|recus/{PATTERN}(/demande)?|dossiers/{numbers.PATTERN}(/[a-z0-9-]+){{0,3}}|{DRAFT_PAGES})"
    ),
    gates.is_gated,
)
"""The pages of an account, to which a sign-in may lead."""


VOID = frozenset({SubmissionStatus.ANNULLED, SubmissionStatus.REMOVED})
"""Statuses of submissions beside which another one may be made: the draft is shown again."""


class CasePages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(
        self,
        sign_in: SignInPages,
        render: Render,
        programmes: Mapping[str, Programme],
        drafts: DraftCiphers,
        forms: Forms,
    ) -> None:
        self.sign_in = sign_in
        self.render = render
        self.programmes, self.drafts, self.forms = programmes, drafts, forms
        self.services = sign_in.services
        self.db = sign_in.services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/recus/{receipt}", self.receipt, methods=["GET"]),
            Route(HOME, self.account, methods=["GET"]),
        ]

    async def receipt(self, request: Request) -> Response:
        """The receipt, for its own account. For anybody else 404, whether it exists or not."""
        session, typed = await sessions.current(self.services, request), request.path_params["receipt"]
        receipt = typed_receipt(typed) or typed
        if session is None:
            return self._for_its_account(request, f"/recus/{receipt}", "recu")
        try:
            found, status = await self.db.read(lambda conn: self._standing(conn, receipt, session.owner))
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._for_its_account(request, f"/recus/{receipt}", "recu", session)
        is_over = now_ms() > found.pay_by
        words, text = file_words(status, is_over)
        return self.render(
            request, "receipt.html", found=found, programme=self._name(found), status_words=words, status_text=text,
            is_awaited=status is FileStatus.AWAITING_PAYMENT and not is_over,
            is_annulled=found.status == SubmissionStatus.ANNULLED, is_removed=found.status == SubmissionStatus.REMOVED,
            stream=self._stream(found),
            confirmation=_filed(found, DocumentKind.CONFIRMATION) or _filed(found, DocumentKind.EXEMPT_CONFIRMATION),
            letter=_filed(found, DocumentKind.ANNULMENT),
        )  # fmt: skip

    async def _standing(
        self, conn: AsyncConnection, receipt: str, owner: int
    ) -> tuple[receipts.Submission, FileStatus]:
        """A submission of an account, and where its file stands now. Refusal not_found."""
        found = await receipts.find(conn, self.services.personal, receipt, owner)
        return found, self._shown_status(found, (await events.history(conn, found.id)).status)

    def _shown_status(self, found: receipts.Submission, status: FileStatus) -> FileStatus:
        rules = frozen_rules.payment_of(found.rules, found.programme, self.programmes)
        return shown_status(status, rules.asks_fees)

    def _for_its_account(
        self, request: Request, path: str, note: str, session: Session | None = None
    ) -> Response:
        """The sign-in that leads to a page of one account, with 404: whether there is such a page, nobody else learns.

        Who is signed in as somebody else is told as whom, and may sign in as the one.
        """
        then = self.sign_in.destinations.safe(path)
        as_whom = "" if session is None else session.username
        return self.sign_in.page(request, then, status=404, note=note, signed_in_as=as_whom)

    async def account(self, request: Request) -> Response:
        """The account's home: its applications, and when the session ends (AC-10, WR-17)."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session

        async def read(
            conn: AsyncConnection,
        ) -> tuple[list[tuple[receipts.Submission, FileStatus]], list[Draft], bool, int | None]:
            on_paper = await cases.may_be_on_paper(conn, session.owner)
            submitted = await receipts.of_account(conn, self.services.personal, session.owner)
            drafts = await repository.of_accounts(conn, self.drafts, [session.owner])
            begun = [drafts.get((session.owner, programme)) for programme in self.programmes]
            done = {one.programme for one in submitted if one.status not in VOID}
            unfinished = [draft for draft in begun if draft is not None and draft.programme not in done]
            standing = [
                (one, self._shown_status(one, (await events.history(conn, one.id)).status))
                for one in submitted
            ]
            return standing, unfinished, on_paper, await bounces.failing_since(conn, session.owner)

        submitted, begun, on_paper, failing = await self.db.read(read)
        return self.render(
            request, "account.html", on_paper=on_paper, session=session, submitted=submitted,
            email_failing_at=failing,
            begun=[self._begun(one) for one in begun],
            name=self._name, named=self._named, words=file_words, now=now_ms(), over=ENDS, standings=DRAFTS,
            programmes=self.programmes,
        )  # fmt: skip

    def _begun(self, draft: Draft) -> dict[str, Any]:
        rules = self.programmes[draft.programme].draft
        found = evaluated(self.forms, draft.programme, rules, draft, now_ms()).found
        missing, until = len(found.to_mend), draft.until(rules.days)
        return {
            "draft": draft,
            "missing": missing,
            "standing": draft_standing(missing, is_expired(until, now_ms())),
            "kept_until": until,
        }

    def _stream(self, found: receipts.Submission) -> str:
        programme = self.programmes.get(found.programme)
        stream = None if programme is None else programme.stream(found.stream or "")
        return (found.stream or "") if stream is None else stream.name

    def _named(self, programme: str) -> str:
        found = self.programmes.get(programme)
        return found.name if found else programme

    def _name(self, one: receipts.Submission) -> str:
        return self._named(one.programme) if one.rules is None else frozen_rules.read(one.rules).name


def _filed(found: receipts.Submission, kind: DocumentKind) -> documents.Document | None:
    """The document of this kind about a submission, if it is there yet."""
    return next((one for one in found.documents if one.kind == kind), None)
