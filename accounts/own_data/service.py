"""What a person may do with what is held about them: have it, and have it erased."""

from collections.abc import Sequence
from typing import Any

import msgspec

from accounts import sessions
from accounts.own_data import deletion
from accounts.own_data.deletion import DeletionRules
from accounts.own_data.held import HeldRecords, read_all
from accounts.own_data.password_again import with_password
from accounts.services import AccountServices
from accounts.sessions import Session
from foundation.clock import now_ms, rfc3339
from server.requests import Incoming

FORMAT = "guichet-export-1"
"""Names the shape of the export; it goes up when a reader would have to change."""


class OwnData(msgspec.Struct, frozen=True):
    """The service; pages and API call the same functions."""

    accounts: AccountServices
    rules: DeletionRules

    @property
    def held(self) -> Sequence[HeldRecords]:
        return self.rules.held

    async def export(self, session: Session) -> dict[str, Any]:
        """Everything that the service holds about this account, read in one transaction."""
        held = await self.accounts.db.read(lambda conn: read_all(conn, self.held, session.owner))
        return {"format": FORMAT, "made_at": rfc3339(now_ms()), "username": session.username, **held}

    async def has_submission(self, session: Session) -> bool:
        """Whether the account has a submission, and so cannot be erased."""
        return await self.accounts.db.read(lambda conn: self.rules.has_submission(conn, session.owner))

    async def delete(self, came: Incoming, session: Session, password: str) -> None:
        """Erase the account that is signed in here.

        Refusals rate_limited, bad_credentials, account_has_submission, account_has_live_token; Unavailable.
        """
        await with_password(
            self.accounts, came, session, password,
            lambda conn, account: deletion.delete(conn, self.rules, account.id, now_ms()),
        )  # fmt: skip

    async def required(self, came: Incoming) -> Session:
        """Who is signed in. Refusals not_signed_in, session_ended."""
        return await sessions.required(self.accounts, came)
