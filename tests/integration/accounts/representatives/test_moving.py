"""A move is one transaction: its row, its line of history, its mails, its line of the audit, or none of them."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts.representatives import moving, powers
from accounts.representatives.declaration import declaring
from accounts.representatives.moving import CANDIDATE
from accounts.representatives.states import PowerMove, PowerState
from accounts.representatives.store import representative_event
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import active, declared, mails, received
from tests.support.desks import REPRESENTATIVES


async def test_each_move_is_on_the_record_without_a_name(here: Represented) -> None:
    """Who acted and in what role, from which state to which, about a row's random id; no user name of a candidate."""
    made = await active(here.db, here.account)
    a = audit.a
    lines = list(await here.db.read(lambda conn: conn.execute(sa.select(audit.audit).order_by(a.c.id))))
    assert [(one.actor, one.role, one.act, msgspec.json.decode(one.after)["state"]) for one in lines] == [
        ("candidate", "candidate", "representative_declare", "declared"),
        ("claire", "clerk", "representative_receive", "received"),
        ("service", "service", "representative_activate", "active"),
    ]
    assert {(one.subject_kind, one.subject_id) for one in lines} == {("representative", made.id)}
    whole = " ".join(str(one) for one in lines)
    assert not any(word in whole for word in ("essai-00001", "Tremblay", "luc@", "anne@"))


async def test_what_fails_leaves_nothing(here: Represented) -> None:
    """A transaction that ends badly after the move has written neither state, nor history, nor mail."""
    made = await declared(here.db, here.account)
    before = await mails(here.db)

    async def work(conn: object) -> None:
        of = await powers.live_of(conn, REPRESENTATIVES.details, here.account, lock=True)  # type: ignore[arg-type]
        assert of is not None
        await moving.move(conn, REPRESENTATIVES, of, PowerMove.REVOKE, CANDIDATE, now_ms())  # type: ignore[arg-type]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await here.db.write(work)
    (now_there,) = await here.db.read(
        lambda conn: powers.of_account(conn, REPRESENTATIVES.details, here.account)
    )
    assert now_there == made
    assert await mails(here.db) == before
    events = await here.db.read(lambda conn: conn.execute(sa.select(representative_event.c.id)))
    assert len(list(events)) == 1


async def test_a_move_that_is_not_in_the_table_is_refused(here: Represented) -> None:
    """A procuration comes once; the refusal says from where to where."""
    made = await declared(here.db, here.account)
    await received(here.db, made.reference)
    with pytest.raises(Refusal) as refused:
        await received(here.db, made.reference)
    assert refused.value.code == Code.MOVE_NOT_ALLOWED
    assert refused.value.fields == {"from": PowerState.RECEIVED, "to": PowerMove.RECEIVE}
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    with pytest.raises(Refusal):
        await received(here.db, made.reference)
