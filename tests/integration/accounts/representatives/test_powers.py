"""Representatives as values: the live one, those before, by reference, with their history."""

import pytest
import sqlalchemy as sa

from accounts.representatives import powers
from accounts.representatives.declaration import declaring
from accounts.representatives.declaration.details import UnreadableDetails
from accounts.representatives.states import PowerMove
from accounts.representatives.store import representative
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import CLERK, active, declared
from tests.support.desks import REPRESENTATIVES, make_account, today


async def test_an_account_reads_its_own(here: Represented) -> None:
    """The live one, then those before; another account's are not among them."""
    first = await declared(here.db, here.account)
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    second = await active(here.db, here.account, family_name="Gagnon")
    other = await make_account(here.desk, 2)
    await declared(here.db, other)
    every = await here.db.read(lambda conn: powers.of_account(conn, REPRESENTATIVES.details, here.account))
    assert {one.id: one.is_live for one in every} == {second.id: True, first.id: False}
    live = await here.db.read(lambda conn: powers.live_of(conn, REPRESENTATIVES.details, here.account))
    assert live == second
    assert (live.received_on, live.details.family_name) == (today(), "Gagnon")


async def test_the_history_says_who_and_when(here: Represented) -> None:
    """Each move in its order; of a paper, its days."""
    made = await active(here.db, here.account)
    events = await here.db.read(lambda conn: powers.history(conn, [made.id]))
    assert [event.move for event in events] == [PowerMove.DECLARE, PowerMove.RECEIVE, PowerMove.ACTIVATE]
    assert [event.actor for event in events] == ["candidate", CLERK.name, "service"]
    assert [event.received_on for event in events] == [None, today(), None]


async def test_a_reference_of_nobody_is_not_found(here: Represented) -> None:
    """The same refusal for all of them."""
    with pytest.raises(Refusal) as refused:
        await here.db.read(lambda conn: powers.by_reference(conn, REPRESENTATIVES.details, "PR-00000-00000"))
    assert refused.value.code == Code.NOT_FOUND


async def test_details_that_were_moved_to_another_row_do_not_open(here: Represented) -> None:
    """Whoever writes into the table cannot make one person's lawyer another's."""
    made = await declared(here.db, here.account)
    other = await make_account(here.desk, 2)
    theirs = await declared(here.db, other, family_name="Gagnon")
    r = representative.c
    stored = (
        await here.db.read(lambda conn: conn.execute(sa.select(r.details).where(r.id == made.id)))
    ).scalar_one()
    moved = sa.update(representative).where(r.id == theirs.id).values(details=stored)
    await here.db.write(lambda conn: conn.execute(moved))
    with pytest.raises(UnreadableDetails):
        await here.db.read(lambda conn: powers.live_of(conn, REPRESENTATIVES.details, other))


async def test_accounts_that_are_taken_away_take_theirs_along(here: Represented) -> None:
    """With the history; another account's stays."""
    await active(here.db, here.account)
    other = await make_account(here.desk, 2)
    theirs = await declared(here.db, other)
    await here.db.write(lambda conn: powers.remove(conn, [here.account]))
    assert (
        await here.db.read(lambda conn: powers.of_account(conn, REPRESENTATIVES.details, here.account)) == []
    )
    assert await here.db.read(lambda conn: powers.live_of(conn, REPRESENTATIVES.details, other)) == theirs
