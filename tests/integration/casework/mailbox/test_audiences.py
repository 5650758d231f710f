"""Who is written to: the filters on a real store."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.registration.states import AccountState
from accounts.store import account
from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.mailbox import audiences
from casework.mailbox.audiences import SHOWN, Audience, AudienceKind, FoundAudience, checked
from foundation import audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk
from tests.support.tasks import submitted

ALL = Audience(kind=AudienceKind.APPLICANTS)


async def found(db: Database, **filters: object) -> list[int]:
    """The accounts of an audience."""
    audience = Audience(**({"kind": AudienceKind.APPLICANTS} | filters))  # type: ignore[arg-type]  # any filters
    return [one.account for one in (await db.read(lambda conn: audiences.found(conn, audience))).people]


async def test_an_audience_is_who_passes_its_filters(database: Database) -> None:
    """By programme, period, status folded from events; an account that is closed is in none."""
    await submitted(database, 3)
    await make_account(make_desk(database), 4)

    async def paid(conn: AsyncConnection) -> None:
        of = await events.history(conn, 2, lock=True)
        await events.record(conn, of, FileEventKind.PAID, audit.SERVICE, 1)

    await database.write(paid)
    assert await found(database) == [1, 2, 3]
    assert await found(database, statuses=(FileStatus.PAID,)) == [2]
    assert await found(database, statuses=(FileStatus.AWAITING_PAYMENT,), programme="demo") == [1, 3]
    assert await found(database, programme="prtq-2016") == await found(database, period="none") == []
    assert await found(database, kind=AudienceKind.ACCOUNT_ONLY) == [4]
    assert await found(database, kind=AudienceKind.EVERYBODY) == [1, 2, 3, 4]
    closed = sa.update(account).where(account.c.id == 3).values(state=AccountState.CLOSED)
    await database.write(lambda conn: conn.execute(closed))
    assert await found(database) == [1, 2]


async def test_the_shown_are_drawn_by_the_audience(database: Database) -> None:
    """The same people draw the same three; one more draws anew, and is another digest."""
    await submitted(database, 6)
    once = await database.read(lambda conn: audiences.found(conn, ALL))
    again = await database.read(lambda conn: audiences.found(conn, ALL))
    assert (once.digest, once.shown, len(once.shown)) == (again.digest, again.shown, SHOWN)
    fewer = FoundAudience(once.people[1:], "other")
    assert set(fewer.shown) <= set(once.people)


def test_filters_that_do_not_go_together_are_refused() -> None:
    for filters in ({"period": "p"}, {"statuses": (FileStatus.PAID,)}):
        with pytest.raises(Refusal, match="invalid"):
            checked(Audience(kind=AudienceKind.EVERYBODY, **filters))
