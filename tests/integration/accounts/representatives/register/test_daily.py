"""The register is asked again each day: once, also after days without anybody, and never thaws."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts.representatives import powers
from accounts.representatives.disclosure import may_see, power_of
from accounts.representatives.register import daily
from accounts.representatives.register.daily import RegisterTask
from accounts.representatives.register.standing import ConsultantStatus
from accounts.representatives.states import PowerMove, PowerState
from foundation import audit, outbox
from foundation.calendar.days import DAY_MS
from foundation.clock import montreal, now_ms
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import (
    CONSULTANT,
    active,
    declared,
    done,
    mails,
    register,
    set_register,
)
from tests.support.desks import REPRESENTATIVES, make_account

t = outbox.task


async def state(here: Represented) -> PowerState:
    power = await here.db.read(lambda conn: power_of(conn, here.account))
    assert power is not None
    return power.state


async def due(here: Represented) -> int:
    """Do every check that is due; how many there were."""
    return await done(here.db, RegisterTask.CHECK)


@pytest.mark.parametrize(
    ("values", "standing"),
    [({"status": ConsultantStatus.SUSPENDED}, "suspended"), ({"status": ConsultantStatus.REVOKED}, "revoked"),
     ({"valid_to": "2021-01-01"}, "expired")],
    ids=["suspended", "revoked", "expired"],
)  # fmt: skip
async def test_who_is_not_recognised_any_more_is_frozen_and_both_are_told(
    here: Represented, values: dict[str, str], standing: str
) -> None:
    """From the next check on nothing is disclosed; it is in the history and on the record, with why."""
    await register(here.db)
    made = await active(here.db, here.account, **CONSULTANT)
    await here.db.write(lambda conn: daily.stage_now(conn, now_ms()))
    assert await due(here) == 1
    assert await state(here) is PowerState.ACTIVE
    await set_register(here.db, **values)
    await here.db.write(lambda conn: daily.stage_now(conn, now_ms() + 1))
    assert await due(here) == 1
    power = await here.db.read(lambda conn: power_of(conn, here.account))
    assert not may_see(power).allowed
    events = await here.db.read(lambda conn: powers.history(conn, [made.id]))
    assert (events[-1].move, events[-1].reason, events[-1].actor) == (PowerMove.FREEZE, standing, "service")
    assert [(kind, to) for kind, to, _ in await mails(here.db)][-2:] == [
        ("representative_freeze", "anne@exemple.ca"), ("representative_freeze", "luc@cabinet.example"),
    ]  # fmt: skip
    a = audit.a
    rows = await here.db.read(
        lambda conn: conn.execute(sa.select(audit.audit).order_by(a.c.id.desc()).limit(1))
    )
    (line,) = list(rows)
    assert (line.act, line.reason, msgspec.json.decode(line.before)) == (
        "representative_freeze", standing, {"state": "active"}
    )  # fmt: skip


async def test_the_check_of_a_day_is_staged_once(here: Represented) -> None:
    """However often the ticker comes by, and however many tickers there are."""
    now = now_ms()
    staged = [await here.db.write(lambda conn: daily.stage_daily(conn, now)) for _ in range(3)]
    assert staged == [True, False, False]
    assert await here.db.write(lambda conn: daily.stage_daily(conn, now + 2 * DAY_MS))
    rows = await here.db.read(lambda conn: conn.execute(sa.select(t.c.due_at).order_by(t.c.due_at)))
    assert [f"{montreal(at):%H:%M}" for at in rows.scalars()] == ["03:15", "03:15"]


async def test_days_that_were_missed_are_made_up_for_by_the_next_check(here: Represented) -> None:
    """A task of three days ago that is done today asks for today; a second one finds nothing to do."""
    await register(here.db)
    await declared(here.db, here.account, **CONSULTANT)
    for days in (3, 2):
        await here.db.write(lambda conn, days=days: daily.stage_daily(conn, now_ms() - days * DAY_MS))  # type: ignore[misc]
    await set_register(here.db, status=ConsultantStatus.REVOKED)
    assert await due(here) == 2
    assert await state(here) is PowerState.FROZEN
    assert len([kind for kind, _, _ in await mails(here.db) if kind == "representative_freeze"]) == 2


async def test_others_than_consultants_are_not_asked_for(here: Represented) -> None:
    """A lawyer is in no register of ours; a consultant who is recognised goes on."""
    await register(here.db)
    await active(here.db, here.account)
    other = await make_account(here.desk, 2)
    await declared(here.db, other, **CONSULTANT)
    assert await here.db.write(lambda conn: daily.freeze(conn, REPRESENTATIVES, now_ms())) == 0


async def test_many_are_frozen_a_piece_at_a_time(here: Represented) -> None:
    """What does not fit into one transaction is a task of its own."""
    await register(here.db)
    for number in range(2, 5):
        await declared(here.db, await make_account(here.desk, number), **CONSULTANT)
    await set_register(here.db, status=ConsultantStatus.SUSPENDED)
    pieces = [
        await here.db.write(lambda conn: daily.freeze(conn, REPRESENTATIVES, now_ms(), 2)) for _ in range(3)
    ]
    assert pieces == [2, 1, 0]
