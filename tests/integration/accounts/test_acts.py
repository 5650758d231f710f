"""What staff leave in the audit: wrong tries at signing in, under a known name or none."""

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.operators.sign_in import sign_in_operator
from accounts.staff import add_operator
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.desks import make_desk, visit

SECRET = "le mot de passe du pupitre"


async def lines(db: Database, *columns: sa.ColumnElement[Any]) -> Sequence[Any]:
    found = await db.read(lambda conn: conn.execute(sa.select(*columns).order_by(audit.audit.c.id)))
    return [tuple(row) for row in found]


@pytest.mark.parametrize(
    ("typed", "actor"), [("agnes", "agnes"), (" AGNES ", "agnes"), ("mot de passe 123", "unknown")]
)
async def test_a_wrong_try_at_staff_is_on_the_record(database: Database, typed: str, actor: str) -> None:
    """Under the name that was typed if it is one of ours; any other name, and every password, stays out of it."""
    desk = make_desk(database)
    await database.write(lambda conn: add_operator(conn, "agnes", SECRET, now_ms()))
    with pytest.raises(Refusal, match="bad_credentials"):
        await sign_in_operator(desk.accounts, visit().came, typed, "un autre mot de passe")
    a = audit.audit.c
    last = (await lines(database, a.actor, a.role, a.act, a.subject_id, a.detail))[-1]
    assert last == (actor, None, "sign_in_failed", None, '{"code":"bad_credentials"}')
    desk.accounts.hasher.close()
