"""What happened to a file, written for tests as if by the service."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.sql.database import Database


async def happened(
    db: Database, submission: int, *kinds: FileEventKind, now: int | None = None, **detail: Any
) -> None:
    """These events, one after another, each with this detail."""

    async def write(conn: AsyncConnection) -> None:
        for kind in kinds:
            of = await events.history(conn, submission, lock=True)
            await events.record(conn, of, kind, SERVICE, now_ms() if now is None else now, **detail)

    await db.write(write)
