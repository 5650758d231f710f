"""Rows of the register as values, moved by the table alone."""

import pytest

from casework.mailroom import items
from casework.mailroom.states import MailMove
from casework.mailroom.store import mail_item
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.casework.mail import CLAIRE, SERVICES, entered, typed


async def test_what_the_table_does_not_have_is_not_done(on_sqlite: Database) -> None:
    """An item of the pen is not sent back before it was set aside; an unknown one is not found."""
    item = await entered(on_sqlite, typed("?", keep="1"))
    with pytest.raises(Refusal) as refused:
        await on_sqlite.write(lambda conn: items.move(conn, item, MailMove.SEND_BACK, CLAIRE, now_ms()))
    assert (refused.value.code, refused.value.fields["from"]) == (Code.MOVE_NOT_ALLOWED, "received")
    with pytest.raises(Refusal):
        await on_sqlite.read(lambda conn: items.find(conn, SERVICES, 99))
    found = await on_sqlite.read(lambda conn: items.listed(conn, SERVICES, mail_item.c.id == item.id))
    assert found == [item]
