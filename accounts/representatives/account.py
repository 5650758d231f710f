"""The representative of an account, as its pages and its calls see and change it."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import powers
from accounts.representatives.declaration import declaring, parties
from accounts.representatives.declaration.typed import DeclaringCandidate, TypedRepresentative, read
from accounts.representatives.powers import PowerEvent, Representation
from accounts.representatives.services import RepresentativeServices
from foundation.clock import now_ms
from foundation.sql.database import Database

NOBODY = TypedRepresentative({}, {})
"""Nothing typed yet."""


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """The representative of an account with the history of the power, those before, and the candidate."""

    current: Representation | None
    history: list[PowerEvent]
    earlier: list[Representation]
    candidate: DeclaringCandidate


class Declared(msgspec.Struct, frozen=True):
    """What came of a declaration: the value where it was taken, what was typed and what is wrong with it otherwise."""

    typed: TypedRepresentative
    representation: Representation | None = None
    is_new: bool = False


class AccountRepresentatives:
    """Made once a process; each method is one transaction."""

    def __init__(self, db: Database, services: RepresentativeServices) -> None:
        self.db, self.services = db, services

    async def view(self, account: int) -> AccountView:
        """Everything that the account's page shows."""

        async def look(conn: AsyncConnection) -> AccountView:
            every = await powers.of_account(conn, self.services.details, account)
            current = next((one for one in every if one.is_live), None)
            return AccountView(
                current=current,
                history=[] if current is None else await powers.history(conn, [current.id]),
                earlier=[one for one in every if not one.is_live],
                candidate=await parties.candidate_of(conn, self.services, account),
            )

        return await self.db.read(look)

    async def declare(self, account: int, posted: dict[str, str]) -> Declared:
        """Name a representative, or correct the one who waits. Refusals consultant_not_recognised,
        representative_exists."""

        async def work(conn: AsyncConnection) -> Declared:
            typed = read(posted, await parties.candidate_of(conn, self.services, account))
            if typed.errors:
                return Declared(typed)
            there = await powers.live_of(conn, self.services.details, account)
            made = await declaring.declare(conn, self.services, account, typed, now_ms())
            return Declared(typed, made, there is None)

        return await self.db.write(work)

    async def revoke(self, account: int) -> bool:
        """End the power; False where there is none."""
        return await self.db.write(lambda conn: declaring.revoke(conn, self.services, account, now_ms()))
