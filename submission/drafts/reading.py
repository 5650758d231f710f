"""Drafts of all who ask in a process: those who ask together are read together."""

from collections.abc import Callable
from typing import Final, NamedTuple

from accounts import sessions
from foundation.batching import Batcher
from foundation.errors import Refusal
from server.requests import Incoming
from submission.drafts import look
from submission.drafts.look import DraftView
from submission.services import SubmissionServices

MOST_TOGETHER: Final = 64

PATIENCE_SECONDS: Final = 5.0
"""Who would wait longer is shed at once (backpressure)."""


class AskedDraft(NamedTuple):
    """What one request shows: the digest of its session, and the programme of its address."""

    session: str | None
    programme: str


class DraftReader:
    """Reads them."""

    def __init__(self, services: SubmissionServices) -> None:
        self.services = services
        self._batcher = Batcher[AskedDraft, DraftView | Refusal](
            self._read, MOST_TOGETHER, "sql", PATIENCE_SECONDS
        )

    def ask(self, came: Incoming, then: Callable[[DraftView | BaseException], None]) -> None:
        """`then` hears of the draft of the address. Refusals not_signed_in, session_ended, not_found (no such
        programme, or no form). Raises Unavailable when too many ask already."""
        self._batcher.put(AskedDraft(sessions.shown(came), came.parameters["programme"]), then)

    async def view(self, came: Incoming) -> DraftView:
        """The same, waited for."""
        found = await self._batcher(AskedDraft(sessions.shown(came), came.parameters["programme"]))
        if isinstance(found, Refusal):
            raise found
        return found

    async def _read(self, some: list[AskedDraft]) -> list[DraftView | Refusal]:
        services, shown = self.services, [asked.session for asked in some]
        looked = await services.db.read(lambda conn: look.look(conn, services, shown))

        def view_of(asked: AskedDraft) -> DraftView | Refusal:
            try:
                return look.view_of(looked, services, asked.session, asked.programme)
            except Refusal as refusal:
                return refusal

        return [view_of(asked) for asked in some]
