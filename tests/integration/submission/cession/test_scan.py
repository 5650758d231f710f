"""What an account went through is scored, and a person decides."""

from datetime import date, datetime, time

import pytest
import sqlalchemy as sa

from accounts.cession.signals import CessionSignal
from accounts.cession.staging import LATER_MS, CessionTask
from accounts.events.events import Origin, events_of, note
from accounts.events.states import AccountEventKind as Kind
from accounts.reviews import cases, links
from accounts.reviews.cases import ReviewCase
from accounts.reviews.states import ReviewAct, ReviewKind, ReviewState
from accounts.store import ACCOUNT
from accounts.store import account as accounts
from foundation.clock import montreal_instant, now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.programmes import RegistrationWindow
from submission.cession.scan import closed_at, history_of
from tests.support.candidates.alike import account_of, ciphers_of, done, scanned, submit
from tests.support.desks import PERSONAL, Desk, make_desk, sign_in
from tests.support.rooms import make_period
from tests.support.tasks import EFFECTS


async def look(desk: Desk, account: int) -> list[ReviewCase]:
    """Do the task; the cases about the account."""
    effect, subject = EFFECTS[CessionTask.SCAN], Subject.row(ACCOUNT, account)
    await desk.db.write(lambda conn: effect(conn, subject, now_ms()))
    return await desk.db.read(lambda conn: cases.of_account(conn, PERSONAL.reviews, account))


async def happened(desk: Desk, account: int, kind: Kind, at: int, network: str = "far") -> None:
    origin = Origin(network, f"browser of {network}")
    await desk.db.write(lambda conn: note(conn, account, kind, at, origin))


async def handed_over(desk: Desk) -> int:
    """An account whose secrets and address changed from elsewhere, where it is used since."""
    account = await account_of(desk, 1)
    now = now_ms()
    await happened(desk, account, Kind.SIGN_IN, now - 40 * LATER_MS, "home")
    for days, kind in ((3, Kind.PASSWORD_RENEWED), (3, Kind.ANSWERS_RENEWED), (2, Kind.EMAIL_CHANGED)):
        await happened(desk, account, kind, now - days * LATER_MS)
    await happened(desk, account, Kind.SIGN_IN, now - LATER_MS)
    return account


async def test_a_handover_is_a_case_and_costs_nobody_their_turn(database: Database) -> None:
    """Until a person decides the account submits as any other."""
    desk = make_desk(database)
    period = await make_period(database)
    account = await handed_over(desk)
    (review,) = await look(desk, account)
    assert (review.kind, review.state) == (ReviewKind.CESSION, ReviewState.OPEN)
    assert set(review.signals) == {
        CessionSignal.RESET_BURST, CessionSignal.HANDOVER, CessionSignal.STRANGE_ORIGIN,
    }  # fmt: skip
    assert await database.read(lambda conn: links.barred(conn, account)) is None
    assert (await submit(desk, period, 1)).rank == 1


async def test_a_dismissed_suspicion_stays_dismissed_until_more_is_found(database: Database) -> None:
    """The same signs again are no new case; more of them open it again."""
    desk = make_desk(database)
    account = await handed_over(desk)
    (review,) = await look(desk, account)
    await done(desk, review, ReviewAct.DISMISSED)
    (again,) = await look(desk, account)
    assert again.state is ReviewState.DECIDED
    for number in range(4):
        await happened(desk, account, Kind.SIGN_IN, now_ms() - 1_000 * number, f"n{number}")
    (again,) = await look(desk, account)
    assert again.state is ReviewState.OPEN


async def test_a_contact_of_many_is_a_sign(database: Database) -> None:
    """And by itself no case."""
    desk = make_desk(database)
    sealed = {}
    for number in range(1, 8):
        account = await account_of(desk, number, family_name=f"Nom{number}x", passport=f"P{number}00000")
        sealed[account] = PERSONAL.seal(f"essai-{number:05d}", "email", "etude@exemple.invalid")
    for account, text in sealed.items():
        change = sa.update(accounts).where(accounts.c.id == account).values(email=text)
        await database.write(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]
        await scanned(desk, account)
    assert all(review.kind != ReviewKind.CESSION for review in await look(desk, next(iter(sealed))))
    found = await database.write(
        lambda conn: history_of(conn, ciphers_of(desk), desk.programmes, next(iter(sealed)), now_ms())
    )
    assert found.sharers == 6


async def test_a_sign_in_is_an_event_of_its_network(database: Database) -> None:
    """As a keyed hash: the address itself stands nowhere."""
    desk = make_desk(database)
    account = await account_of(desk, 1)
    await sign_in(desk, None, 1)
    (event,) = await database.read(lambda conn: events_of(conn, [account]))
    assert event.kind == Kind.SIGN_IN
    assert event.network is not None
    assert "192.0.2" not in event.network


def day(text: str) -> datetime:
    """A day as a programme's file has it: Montréal time, without a zone."""
    year, month, number = (int(part) for part in text.split(", "))
    return datetime.combine(date(year, month, number), time())


NOW = montreal_instant(day("2026, 6, 13"))

WINDOWS = {
    "never": ([], None),
    "closed": ([RegistrationWindow(opens=day("2026, 1, 5"), closes=day("2026, 1, 25"))], True),
    "open again": (
        [RegistrationWindow(opens=day("2026, 1, 5"), closes=day("2026, 1, 25")),
         RegistrationWindow(opens=day("2026, 6, 1"), closes=day("2026, 7, 1"))], None,
    ),
    "open until further notice": ([RegistrationWindow(opens=day("2026, 1, 5"))], None),
}  # fmt: skip


@pytest.mark.parametrize("case", WINDOWS)
def test_when_registration_closed(case: str) -> None:
    """The last end that is past, unless it is open now."""
    windows, is_closed = WINDOWS[case]
    found = closed_at(windows, NOW)
    assert (found is not None) is bool(is_closed)
