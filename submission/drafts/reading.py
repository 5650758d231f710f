"""Drafts of all who ask in a process: those who ask together are read together."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from foundation.batching import Batcher
from foundation.errors import Refusal
from server.requests import Incoming
from submission.drafts import look
from submission.drafts.look import DraftView, Looked
from submission.services import SubmissionServices
from submission.turns.turn import CandidateTurn, Shown, of_shown

MOST_TOGETHER: Final = 64

PATIENCE_SECONDS: Final = 5.0
"""Who would wait longer is shed at once (backpressure)."""


class AskedDraft(NamedTuple):
    """What one request shows: the digest of its session, the programme of its address, and the turns that are to be
    read along."""

    session: str | None
    programme: str
    turns: tuple[Shown, ...] = ()


class FoundDraft(NamedTuple):
    """A draft, and the turns that were asked for with it, in their order."""

    view: DraftView
    turns: Sequence[CandidateTurn | Refusal]


class DraftReader:
    """Reads them."""

    def __init__(self, services: SubmissionServices) -> None:
        self.services = services
        self._batcher = Batcher[AskedDraft, FoundDraft | Refusal](
            self._read, MOST_TOGETHER, "sql", PATIENCE_SECONDS
        )

    def ask(self, came: Incoming, then: Callable[[DraftView | BaseException], None]) -> None:
        """`then` hears of the draft of the address. Refusals not_signed_in, session_ended, not_found (no such
        programme, or no form). Raises Unavailable when too many ask already."""
        self.ask_with(came, (), lambda found: then(found.view if isinstance(found, FoundDraft) else found))

    def ask_with(
        self, came: Incoming, turns: tuple[Shown, ...], then: Callable[[FoundDraft | BaseException], None]
    ) -> None:
        """As `ask`, with these turns: one look at SQL for both, whose session is read once."""
        self._batcher.put(AskedDraft(sessions.shown(came), came.parameters["programme"], turns), then)

    async def view(self, came: Incoming) -> DraftView:
        """The same, waited for."""
        found = await self._batcher(AskedDraft(sessions.shown(came), came.parameters["programme"]))
        if isinstance(found, Refusal):
            raise found
        return found.view

    async def _read(self, some: list[AskedDraft]) -> list[FoundDraft | Refusal]:
        services, shown = self.services, [(asked.session, asked.programme) for asked in some]
        turns = [one for asked in some for one in asked.turns]

        async def read(conn: AsyncConnection) -> tuple[Looked, list[CandidateTurn | Refusal]]:
            looked = await look.look(conn, services, shown)
            return looked, await of_shown(conn, turns, looked.sessions) if turns else []

        looked, found = await services.db.read(read)
        told = iter(found)

        def found_of(asked: AskedDraft) -> FoundDraft | Refusal:
            theirs = [next(told) for _ in asked.turns]
            try:
                return FoundDraft(look.view_of(looked, services, asked.session, asked.programme), theirs)
            except Refusal as refusal:
                return refusal

        return [found_of(asked) for asked in some]
