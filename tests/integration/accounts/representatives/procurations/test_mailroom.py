"""Procurations by mail: held until paid, returned with a reason, undone by a new line; thawed by a person."""

from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import powers
from accounts.representatives.declaration import declaring
from accounts.representatives.moving import MailedPaper
from accounts.representatives.powers import Representation
from accounts.representatives.procurations import mailroom
from accounts.representatives.register import daily
from accounts.representatives.register.standing import ConsultantStatus
from accounts.representatives.states import PowerMove, PowerState, ReturnReason
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import (
    CLERK,
    CONSULTANT,
    active,
    declared,
    paper,
    received,
    register,
    released,
    set_register,
)
from tests.support.desks import REPRESENTATIVES, today

TODAY = date(2026, 6, 13)


async def code_of(work: object) -> Code:
    with pytest.raises(Refusal) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def moves(here: Represented, of: Representation) -> list[PowerMove]:
    return [event.move for event in await here.db.read(lambda conn: powers.history(conn, [of.id]))]


async def find(here: Represented, of: Representation) -> Representation:
    return await here.db.read(lambda conn: mailroom.find(conn, REPRESENTATIVES, of.reference))


async def undo(here: Represented, of: Representation, reason: str = "mauvais dossier") -> Representation:
    return await here.db.write(
        lambda conn: mailroom.undo(conn, REPRESENTATIVES, of.reference, reason, CLERK, now_ms())
    )


async def thaw(here: Represented, of: Representation, reason: str = "rétablie") -> Representation:
    return await here.db.write(
        lambda conn: mailroom.thaw(conn, REPRESENTATIVES, of.reference, reason, CLERK, now_ms())
    )


async def freeze(here: Represented) -> int:
    return await here.db.write(lambda conn: daily.freeze(conn, REPRESENTATIVES, now_ms()))


async def test_the_procuration_of_an_unpaid_file_is_held_until_it_is_paid(here: Represented) -> None:
    """RP-04: held, never returned; the payment lets it go, once, however often its news comes."""
    made = await declared(here.db, here.account)
    assert not await released(here.db, here.account)
    held = await received(here.db, made.reference.lower().replace("-", " "))
    assert (held.state, held.received_on) == (PowerState.RECEIVED, today())
    assert await released(here.db, here.account)
    assert not await released(here.db, here.account)
    assert (await find(here, made)).state is PowerState.ACTIVE
    assert await moves(here, made) == [PowerMove.DECLARE, PowerMove.RECEIVE, PowerMove.ACTIVATE]


async def test_the_procuration_of_a_paid_file_is_in_force_at_once(here: Represented) -> None:
    """Where somebody knows that the fee is paid."""

    async def paid(conn: AsyncConnection, account: int) -> bool:
        return account == here.account

    services = msgspec.structs.replace(REPRESENTATIVES, has_paid=paid)
    made = await declared(here.db, here.account)
    done = await here.db.write(
        lambda conn: mailroom.receive(conn, services, made.reference, paper(), CLERK, now_ms())
    )
    assert done.state is PowerState.ACTIVE
    assert await moves(here, made) == [PowerMove.DECLARE, PowerMove.ACTIVATE]


async def test_a_payment_of_somebody_else_releases_nothing(here: Represented) -> None:
    """Nor one of an account without a representative."""
    made = await declared(here.db, here.account)
    await received(here.db, made.reference)
    assert not await released(here.db, here.account + 1)
    assert (await find(here, made)).state is PowerState.RECEIVED


@pytest.mark.parametrize("reason", ReturnReason)
async def test_one_that_goes_back_says_why(here: Represented, reason: ReturnReason) -> None:
    """The declaration waits for another one, which then counts."""
    made = await declared(here.db, here.account)
    back = await here.db.write(
        lambda conn: mailroom.give_back(
            conn, REPRESENTATIVES, made.reference, paper(), reason, CLERK, now_ms()
        )
    )
    assert (back.state, back.received_on) == (PowerState.DECLARED, None)
    events = await here.db.read(lambda conn: powers.history(conn, [made.id]))
    assert (events[-1].reason, events[-1].received_on) == (reason, today())
    assert (await received(here.db, made.reference)).state is PowerState.RECEIVED


async def test_what_was_entered_by_mistake_is_undone_by_a_new_line(here: Represented) -> None:
    """Also where it was in force: nothing is told from then on. A reason is asked for."""
    made = await active(here.db, here.account)
    for reason in ("", "  ", "x" * 501):
        assert await code_of(undo(here, made, reason)) == Code.INVALID
    undone = await undo(here, made)
    assert (undone.state, undone.received_on, undone.postmarked_on) == (PowerState.DECLARED, None, None)
    assert (await moves(here, made))[-1] is PowerMove.UNDO_RECEIPT
    assert await code_of(undo(here, made)) == Code.MOVE_NOT_ALLOWED


async def test_a_consultant_who_lost_the_recognition_is_frozen_before_the_paper_counts(
    here: Represented,
) -> None:
    """Between two daily checks too; the paper counts underneath, and so does the payment."""
    await register(here.db)
    made = await declared(here.db, here.account, **CONSULTANT)
    await set_register(here.db, status=ConsultantStatus.SUSPENDED)
    frozen = await received(here.db, made.reference)
    assert (frozen.state, frozen.position.frozen_from) == (PowerState.FROZEN, PowerState.RECEIVED)
    assert await released(here.db, here.account)
    assert (await find(here, made)).position.frozen_from is PowerState.ACTIVE
    assert await code_of(thaw(here, made)) == Code.CONSULTANT_NOT_RECOGNISED
    await set_register(here.db, status=ConsultantStatus.RECOGNISED)
    assert (await thaw(here, made)).state is PowerState.ACTIVE


async def test_one_reinstated_thaws_by_a_person_alone(here: Represented) -> None:
    """The check leaves a frozen one as it is, whatever the register says; what was not frozen is not thawed."""
    await register(here.db)
    made = await active(here.db, here.account, **CONSULTANT)
    assert await code_of(thaw(here, made)) == Code.MOVE_NOT_ALLOWED
    await set_register(here.db, status=ConsultantStatus.REVOKED)
    assert await freeze(here) == 1
    await set_register(here.db, status=ConsultantStatus.RECOGNISED)
    assert await freeze(here) == 0
    assert (await find(here, made)).state is PowerState.FROZEN
    assert await code_of(thaw(here, made, "")) == Code.INVALID
    assert (await thaw(here, made)).state is PowerState.ACTIVE


@pytest.mark.parametrize("reference", ["", "PR-00000-00000", "nothing", "PR-7K2QX-9M4TD", "\0"], ids=range(5))
async def test_a_reference_of_nobody_is_not_found(here: Represented, reference: str) -> None:
    """Guessed, misread, empty: the same answer."""
    await declared(here.db, here.account)
    assert await code_of(received(here.db, reference)) == Code.NOT_FOUND


@pytest.mark.parametrize(
    ("came", "posted", "wrong"),
    [(TODAY, TODAY, set()), (TODAY - timedelta(days=366), None, set()),
     (TODAY + timedelta(days=1), None, {"received_on"}),
     (TODAY - timedelta(days=367), None, {"received_on"}), (TODAY, TODAY + timedelta(days=1), {"postmarked_on"})],
    ids=range(5),
)  # fmt: skip
def test_days_that_cannot_be_are_said(came: date, posted: date | None, wrong: set[str]) -> None:
    """To come, long ago, posted after it came."""
    assert set(mailroom.wrong_days(MailedPaper(received_on=came, postmarked_on=posted), TODAY)) == wrong


async def test_a_paper_of_tomorrow_is_not_entered(here: Represented) -> None:
    """The refusal names the field."""
    made = await declared(here.db, here.account)
    tomorrow = MailedPaper(received_on=today() + timedelta(days=1))
    assert (
        await code_of(
            here.db.write(
                lambda conn: mailroom.receive(
                    conn, REPRESENTATIVES, made.reference, tomorrow, CLERK, now_ms()
                )
            )
        )
        == Code.INVALID
    )


async def test_the_procuration_of_a_power_that_is_over_is_refused(here: Represented) -> None:
    """Whoever revoked is not represented by a letter that was under way."""
    made = await declared(here.db, here.account)
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    assert await code_of(received(here.db, made.reference)) == Code.MOVE_NOT_ALLOWED
