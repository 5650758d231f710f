"""Lists of documents that are kept rendered while nothing in them changes: people look at the same again and again.

Whether something changed is asked of SQL each time; what is kept is only the page, in this process, for the few who
looked last.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts.sessions import Session
from casework.letters.store import document_file, document_opening
from casework.mailbox import messages
from casework.store import document
from foundation.batching import Batcher
from foundation.sql.database import Database
from foundation.sql.tables import among
from server.rendering import compression
from server.rendering.compression import QUICKEST, Coding, choose
from server.rendering.page_answers import HTML
from server.requests import Answer
from submission.store import submission

MOST = 64
"""Pages kept: one of two hundred documents has some 80 kB."""


class ListStanding(msgspec.Struct, frozen=True):
    """What a list rests on: documents filed, numbered, with a PDF, opened by their owner; and submissions. Documents
    are only ever added, and opened once, so that the counts alone say whether the list is another one."""

    filed: int
    numbered: int
    with_pdf: int
    opened: int
    submitted: int


_d, _f, _o, _s = document.c, document_file.c, document_opening.c, submission.c


def _of(account: sa.Column[Any], *counted: sa.ColumnElement[int]) -> sa.Select[Any]:
    owned = among(account, "accounts")
    return sa.select(account, *counted).where(owned).group_by(account)


_COUNTS = (
    _of(_d.account, sa.func.count()),
    _of(_f.account, sa.func.count(), sa.func.count(_f.size)),
    _of(_o.account, sa.func.count()),
    _of(_s.account, sa.func.count()),
)


async def standings(conn: AsyncConnection, accounts: Collection[int]) -> dict[int, ListStanding]:
    """What the lists of these accounts rest on now."""
    found = []
    for counts in _COUNTS:
        rows = await conn.execute(counts, {"accounts": accounts})
        found.append({row[0]: tuple(row[1:]) for row in rows})
    filed, files, opened, submitted = found
    none, neither = (0,), (0, 0)
    return {
        one: ListStanding(
            *filed.get(one, none), *files.get(one, neither), *opened.get(one, none), *submitted.get(one, none)
        )
        for one in accounts
    }


class ListLook(NamedTuple):
    """Who looks at a list, and what it rests on."""

    session: Session
    standing: ListStanding


class ListReader:
    """Who looks at their list, of all who ask in a process: those who ask together are read together."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._batcher = Batcher[str, ListLook | None](
            self._read, sessions.READ_TOGETHER, "sql", sessions.READ_PATIENCE_SECONDS
        )

    async def look(self, shown: str) -> ListLook | None:
        """The look of the session of this digest; None where there is none. Raises Unavailable when too many ask."""
        return await self._batcher(shown)

    async def _read(self, digests: list[str]) -> list[ListLook | None]:
        async def read(conn: AsyncConnection) -> list[ListLook | None]:
            here = await sessions.running(conn, set(digests))
            owners = {one.owner for one in here.values()}
            unread = await messages.unread_of(conn, owners)
            found = await standings(conn, owners)
            looks = {
                digest: ListLook(
                    msgspec.structs.replace(one, unread=unread.get(one.owner, 0)), found[one.owner]
                )
                for digest, one in here.items()
            }
            return [looks.get(digest) for digest in digests]

        return await self._db.read(read)


class KeptList:
    """A page, and what it is in each coding that was asked for."""

    def __init__(self, text: str) -> None:
        self._text, self._coded = text.encode(), dict[Coding, bytes]()

    def answer(self, accept_encoding: bytes | None) -> Answer:
        """The page in the coding that its reader takes."""
        coding = choose(accept_encoding, QUICKEST)
        if coding not in self._coded:
            self._coded[coding] = compression.each(self._text, coding)
        return Answer(200, self._coded[coding], kind=HTML[coding])


class KeptLists:
    """The pages that were looked at last."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._pages = most, OrderedDict[Hashable, KeptList]()

    def get(self, key: Hashable) -> KeptList | None:
        """The page of this key, which now was looked at last; None where it is not kept."""
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
        return page

    def put(self, key: Hashable, text: str) -> KeptList:
        """Keep a page; the one that nobody looked at for longest goes."""
        page = self._pages[key] = KeptList(text)
        while len(self._pages) > self._most:
            self._pages.popitem(last=False)
        return page
