"""The desk behind the operators' API and page: moves by a period's public name, and the record."""

import pytest

from accounts.roles import Role
from casework.payments import counts
from console.steering import Console
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal, Unavailable
from quota import ledger
from quota.states import Action, PeriodState
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.paying import FEE, move_money
from tests.support.rooms import make_period, read_period
from tests.support.tasks import submitted

AGNES = Actor("agnes", Role.OPERATOR)


@pytest.fixture
def console(place: ConsolePlace) -> Console:
    return place.console


async def test_a_move_is_made_by_name_and_known_at_once(place: ConsolePlace, console: Console) -> None:
    """The answer, the row and the process's own copy agree."""
    period = await make_period(place.db)
    moved = await console.move("essai", Action.SUSPEND, AGNES)
    assert moved.suspended
    assert (await read_period(place.db, period)).suspended
    assert (await console.shown(moved))["suspended"] is True


async def test_a_period_that_there_is_not_is_not_found(console: Console) -> None:
    """Whatever is asked of it."""
    for step in (console.move("rien", Action.PAUSE, AGNES), console.notice("rien", "x", AGNES)):
        with pytest.raises(Refusal) as refused:
            await step
        assert refused.value.code == Code.NOT_FOUND


async def test_a_draft_is_shown_without_beginning_its_epoch(place: ConsolePlace, console: Console) -> None:
    """A look at a line that there is not yet would begin its first epoch before its time."""
    period = await make_period(place.db, state=PeriodState.DRAFT)
    shown = await console.shown(period)
    assert (shown["state"], shown["held"]) == ("draft", 0)
    assert (await read_period(place.db, period)).epoch == period.epoch


async def test_what_is_no_move_is_recorded_too(place: ConsolePlace, console: Console) -> None:
    """With who, what, and the detail."""
    await console.record(AGNES, audit.REFUSED, call="POST /x", code="not_found")
    assert (await place.audit())[-1] == (AGNES.name, "refused", {"call": "POST /x", "code": "not_found"})


async def test_both_counts_are_told(place: ConsolePlace, console: Console) -> None:
    """What was submitted, and of it what is paid in time (QU-05)."""
    await submitted(place.db, 2)
    await place.db.write(lambda conn: move_money(conn, FEE, "k1"))
    shown = await console.shown(await place.db.read(lambda conn: ledger.period_by_id(conn, "essai")))
    assert (shown["accepted"], shown["counted"]) == (2, 1)


async def test_a_count_that_cannot_be_read_is_not_said(
    place: ConsolePlace, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of the answer stands: a period is steered with SQL away too."""
    await submitted(place.db)
    period = await place.db.read(lambda conn: ledger.period_by_id(conn, "essai"))

    async def away(conn: object, uid: str) -> int:
        raise Unavailable("sql")

    monkeypatch.setattr(counts, "counted", away)
    shown = await console.shown(period, looking=False)
    assert (shown["accepted"], shown["counted"]) == (1, None)
