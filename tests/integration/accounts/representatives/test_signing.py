"""A signature that a representative gave: in the history, on the record, and told to the candidate, once."""

import sqlalchemy as sa

from accounts.representatives import powers, signing
from accounts.representatives.declaration import declaring
from accounts.representatives.signing import RepresentativeSignature, SigningTask
from accounts.representatives.states import PowerMove, PowerState
from foundation import outbox
from foundation.clock import now_ms
from submission.states import Capacity
from submission.store import signature
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import declared, done, mails, received, released, signed
from tests.support.desks import REPRESENTATIVES, call, sign_in
from tests.support.desks import signed as signed_block
from tests.support.rooms import make_period


async def test_it_is_told_once_a_receipt(here: Represented) -> None:
    """However often it is staged; it changes no state."""
    made = await declared(here.db, here.account)
    given = [RepresentativeSignature(made.id, "MPQ-1"), RepresentativeSignature(made.id, "MPQ-2")]
    for _ in range(2):
        await here.db.write(lambda conn: signing.stage(conn, given, now_ms()))
    assert await done(here.db, SigningTask.TELL) == 2
    events = await here.db.read(lambda conn: powers.history(conn, [made.id]))
    assert [(event.move, event.after) for event in events[1:]] == [(PowerMove.SIGN, PowerState.DECLARED)] * 2
    assert [kind for kind, _, _ in await mails(here.db)].count("representative_sign") == 2


async def test_what_was_signed_stays_signed(here: Represented) -> None:
    """Also where the candidate has revoked before the task was done."""
    made = await declared(here.db, here.account)
    await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))
    await signed(here.db, made.id)
    events = await here.db.read(lambda conn: powers.history(conn, [made.id]))
    assert (events[-1].move, events[-1].after) == (PowerMove.SIGN, PowerState.REVOKED)


async def test_the_lawyer_on_file_submits_and_the_candidate_is_told(here: Represented) -> None:
    """From the submission to the mail; what the candidate signs stages nothing (RP-01)."""
    made = await declared(here.db, here.account)
    period = await make_period(here.db, cap=10)
    called = await call(here.desk, period, 1)
    visit = called.visit(await sign_in(here.desk, called, 1))
    await here.desk.submit(visit, "essai", signed_block(called, capacity=Capacity.LAWYER))
    rows = await here.db.read(lambda conn: conn.execute(sa.select(signature.c.representative)))
    assert list(rows.scalars()) == [made.id]
    assert await done(here.db, SigningTask.TELL) == 1
    assert (await mails(here.db))[-1][:2] == ("representative_sign", "anne@exemple.ca")


async def due_at_once(here: Represented) -> None:
    """Two weeks have passed."""
    reminders = outbox.task.c.kind == SigningTask.REMIND
    await here.db.write(lambda conn: conn.execute(sa.update(outbox.task).where(reminders).values(due_at=1)))


async def test_a_paper_that_does_not_come_after_a_signature_is_asked_for_once(here: Represented) -> None:
    """Two weeks later, and once however many were signed (RP-02)."""
    made = await declared(here.db, here.account)
    await signed(here.db, made.id, "MPQ-1")
    await signed(here.db, made.id, "MPQ-2")
    assert await done(here.db, SigningTask.REMIND) == 0
    await due_at_once(here)
    assert await done(here.db, SigningTask.REMIND) == 1
    kind, to, text = (await mails(here.db))[-1]
    assert (kind, to) == ("representative_reminder", "anne@exemple.ca")
    assert "Tremblay" not in text and "ne nous est pas encore parvenue" in text


async def test_nobody_is_reminded_of_a_paper_that_came(here: Represented) -> None:
    """Nor where the power has ended meanwhile, or was in force when it was signed."""
    made = await declared(here.db, here.account)
    await signed(here.db, made.id)
    await received(here.db, made.reference)
    await due_at_once(here)
    assert await done(here.db, SigningTask.REMIND) == 1
    assert "representative_reminder" not in [kind for kind, _, _ in await mails(here.db)]
    assert await released(here.db, here.account)
    await signed(here.db, made.id, "MPQ-3")
    assert await done(here.db, SigningTask.REMIND) == 0
