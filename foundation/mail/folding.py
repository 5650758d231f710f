"""Mails to one address that wait at the same time and go out as one, so that nobody gets two in the same second.

The first of them is taken up when it has waited for a while (`delivery.py`), with those that are there then. They are
joined in one transaction before the call, and nothing joins later: what a server may have taken already is sent again
as it was, under the same Message-ID. What becomes of the one is written of all.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.mail import sealing
from foundation.mail.messages import Letter
from foundation.mail.states import MailState
from foundation.mail.store import mail

MOST_TOGETHER = 10
"""Of one mail; more of them go out in another."""

Together = Callable[[Sequence[Letter]], Letter]
"""Makes one mail of several, in the order in which they were posted: to the address and under the id of the first one
of them that it is given, which is the one that was taken up."""

m = mail


async def take_up(conn: AsyncConnection, id: int) -> list[Letter] | None:
    """The mail that was taken up, and behind it those that go out with it; None for one that goes out with another, or
    waits no more.

    On PostgreSQL the rows are locked, so of two that are taken up at once the second finds itself joined to the first;
    those of others are not touched, as what becomes of them may be written in this moment.
    """
    own = (await conn.execute(sa.select(m.c.together).where(m.c.id == id, _WAITS))).one_or_none()
    if own is None:
        return None
    ours = sa.or_(m.c.folded_into.is_(None), m.c.folded_into == id)
    beside = sa.select(m).where(m.c.together == own.together, ours, _WAITS).order_by(m.c.id).with_for_update()
    rows = {row.id: row for row in await conn.execute(beside)}
    own = rows.pop(id, None)
    if own is None:
        return None
    first = letter_of(own)
    if own.folded_into is None:
        free = [row for row in rows.values() if row.folded_into is None and not row.tries]
        joined = [row for row in free if letter_of(row).to == first.to][: MOST_TOGETHER - 1]
        ids = [id, *(row.id for row in joined)]
        await conn.execute(sa.update(m).where(m.c.id.in_(ids)).values(folded_into=id))
    else:
        joined = [row for row in rows.values() if row.folded_into == id]
    return [first, *map(letter_of, joined)]


_WAITS = m.c.state == sa.literal_column(f"'{MailState.STAGED}'")
"""Written out, so that SQLite sees that its index of staged rows will do."""


def same_fate(id: int) -> sa.ColumnElement[bool]:
    """This mail and those that go out in it."""
    return sa.or_(m.c.id == id, m.c.folded_into == id)


def letter_of(row: sa.Row[*tuple[object, ...]]) -> Letter:
    """A mail to send, of its row. One that none of our keys can read has no address."""
    cipher = sealing.cipher()
    to = cipher.decrypt(row.recipient, sealing.field(row.key, "recipient"))
    text = cipher.decrypt(row.text, sealing.field(row.key, "text"))
    readable = "" if to is None or text is None else to
    return Letter(to=readable, title=row.title, text=text or "", id=row.message_id, at=row.staged_at)


def one_after_another(letters: Sequence[Letter]) -> Letter:
    """The texts under each other: what is done where nobody says how. Pure."""
    first = letters[0]
    text = "\n".join(letter.text for letter in letters)
    return Letter(to=first.to, title=first.title, text=text, id=first.id, at=first.at)
