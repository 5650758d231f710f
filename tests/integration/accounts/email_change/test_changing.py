"""A change of address waits, the old address can refuse it, the new one confirms it, and it comes true once."""

import pytest
import sqlalchemy as sa

from accounts import sessions, store
from accounts.email_change import changing
from accounts.email_change.services import EmailChangeServices, email_change_services
from accounts.email_change.settling import coming_true
from accounts.email_change.states import EmailChangeState
from accounts.email_change.store import EMAIL_CHANGE, email_change
from accounts.events.events import events_of
from accounts.own_account import profile
from accounts.sessions import SignedIn
from foundation import outbox
from foundation.outbox import task
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of, refusal_of
from tests.support.desks import PASSWORD, Desk, make_desk, sign_in, visit
from tests.support.people.mailboxes import address_of, posted, token_in, with_address
from tests.support.rooms import KEYS
from tests.support.tasks import rows

URL = "http://guichet.test"

NEW = "nouvelle@exemple.invalid"


def services_of(desk: Desk) -> EmailChangeServices:
    return email_change_services(desk.accounts, KEYS, URL)


async def asked(desk: Desk, to: str = NEW) -> tuple[SignedIn, str, str]:
    """A change that waits: the session, the token of the new address, that of the old one."""
    signed_in = await sign_in(desk)
    came = visit(None, signed_in).came
    await changing.ask(services_of(desk), came, signed_in.session, PASSWORD, to)
    new, old = (await posted(desk.db))[-2:]
    return signed_in, token_in(new) if "jeton" in new.text else "", token_in(old)


async def address_now(desk: Desk, account: int) -> str:
    found = await desk.db.read(lambda conn: profile.find(conn, desk.accounts.personal, account))
    return found.email


async def days_pass(db: Database) -> None:
    """The day of every change has come, and its task is done."""
    await db.write(lambda conn: conn.execute(sa.update(email_change).values(due_at=0)))
    await db.write(lambda conn: conn.execute(sa.update(task).values(due_at=0)))
    effects = {EMAIL_CHANGE: coming_true(KEYS, URL)}
    waiting = sa.select(task.c.id, task.c.attempt).where(
        task.c.kind == EMAIL_CHANGE, task.c.state == "staged"
    )
    for row in (await db.read(lambda conn: conn.execute(waiting))).all():
        assert await outbox.perform(db, effects, row.id, row.attempt)


async def test_a_change_waits_then_comes_true(database: Database) -> None:
    """Both addresses are told before and after; the old one stays until the day."""
    desk = make_desk(database)
    account = await with_address(desk)
    signed_in, yes, _ = await asked(desk)
    assert [letter.to for letter in await posted(database)] == [NEW, address_of(1)]
    assert await changing.confirm(services_of(desk), yes) is EmailChangeState.WAITING
    assert await address_now(desk, account) == address_of(1)
    waits = await changing.waiting(services_of(desk), signed_in.session)
    assert waits is not None
    assert (waits.email, waits.is_confirmed) == (NEW, True)
    await days_pass(database)
    assert await address_now(desk, account) == NEW
    assert [letter.to for letter in (await posted(database))[2:]] == [address_of(1), NEW]
    kinds = [event.kind for event in await database.read(lambda conn: events_of(conn, {account}))]
    assert kinds[-2:] == ["email_change_asked", "email_changed"]
    assert await changing.confirm(services_of(desk), yes) is EmailChangeState.DONE
    assert await rows(database, email_change.c.state, email_change.c.email) == [("done", None)]


async def test_without_a_confirmation_it_never_comes_true(database: Database) -> None:
    """An address that nobody reads is nobody's; confirmed after its day it comes true at once."""
    desk = make_desk(database)
    account = await with_address(desk)
    _, yes, _ = await asked(desk)
    await days_pass(database)
    assert await address_now(desk, account) == address_of(1)
    assert await changing.confirm(services_of(desk), yes) is EmailChangeState.DONE
    assert await address_now(desk, account) == NEW


async def test_the_old_address_refuses(database: Database) -> None:
    """Nothing changes, every session ends, and the other link is past."""
    desk = make_desk(database)
    account = await with_address(desk)
    signed_in, yes, no = await asked(desk)
    await changing.expect_link(services_of(desk), no, cancels=True)
    assert await sessions.current(desk.accounts, visit(None, signed_in)) is not None
    await changing.cancel(services_of(desk), visit().came, no)
    assert await sessions.current(desk.accounts, visit(None, signed_in)) is None
    assert await code_of(changing.confirm(services_of(desk), yes)) == "link_expired"
    assert await code_of(changing.cancel(services_of(desk), visit().came, no)) == "link_expired"
    await days_pass(database)
    assert await address_now(desk, account) == address_of(1)


async def test_it_is_taken_back_in_the_account_and_replaced_by_another(database: Database) -> None:
    """One change waits at a time; the sessions go on."""
    desk = make_desk(database)
    await with_address(desk)
    _, first, _ = await asked(desk)
    signed_in, second, _ = await asked(desk, "autre@exemple.invalid")
    assert await code_of(changing.confirm(services_of(desk), first)) == "link_expired"
    await changing.take_back(services_of(desk), visit().came, signed_in.session)
    assert await code_of(changing.confirm(services_of(desk), second)) == "link_expired"
    assert await changing.waiting(services_of(desk), signed_in.session) is None
    assert await sessions.current(desk.accounts, visit(None, signed_in)) is not None


async def test_an_address_of_another_account_is_told_to_its_owner_alone(database: Database) -> None:
    """Who asks sees what they would see of any address."""
    desk = make_desk(database)
    account = await with_address(desk)
    await with_address(desk, 2)
    signed_in, yes, _ = await asked(desk, address_of(2))
    assert yes == ""
    assert (await posted(database))[0].kind == "address_taken"
    assert await changing.waiting(services_of(desk), signed_in.session) is not None
    await days_pass(database)
    assert await address_now(desk, account) == address_of(1)


async def test_an_address_that_was_taken_meanwhile_is_not_taken_twice(database: Database) -> None:
    """Two accounts ask for one; the first to confirm has it."""
    desk = make_desk(database)
    account = await with_address(desk)
    _, yes, _ = await asked(desk)
    await changing.confirm(services_of(desk), yes)
    await with_address(desk, 2, NEW)
    await days_pass(database)
    assert await address_now(desk, account) == address_of(1)
    assert await rows(database, email_change.c.state) == [("taken",)]


@pytest.mark.parametrize(
    ("to", "password", "code"),
    [
        pytest.param("rien", PASSWORD, "invalid", id="no-address"),
        pytest.param(NEW, "faux", "bad_credentials", id="wrong-password"),
        pytest.param("ESSAI-00001@exemple.invalid", PASSWORD, "invalid", id="the-same"),
    ],
)
async def test_what_is_wrong_is_said(on_sqlite: Database, to: str, password: str, code: str) -> None:
    """Before anybody is written to."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    signed_in = await sign_in(desk)
    came = visit(None, signed_in).came
    asking = changing.ask(services_of(desk), came, signed_in.session, password, to)
    assert await code_of(asking) == code
    assert await posted(on_sqlite) == []


async def test_without_an_old_address_nothing_waits(database: Database) -> None:
    """An account that was imported without one has it once the new one is confirmed."""
    desk = make_desk(database)
    account = await with_address(desk)
    a = store.account
    none = {"email": None, "email_key": None, "email_alike": None}
    await database.write(lambda conn: conn.execute(sa.update(a).values(none)))
    signed_in = await sign_in(desk)
    await changing.ask(services_of(desk), visit().came, signed_in.session, PASSWORD, NEW)
    (letter,) = await posted(database)
    assert await changing.confirm(services_of(desk), token_in(letter)) is EmailChangeState.DONE
    assert await address_now(desk, account) == NEW


@pytest.mark.parametrize("bounded", [True, False])
async def test_nobody_fills_a_mailbox_with_changes(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch, *, bounded: bool
) -> None:
    """Ten a day, also with the right password; the next day there are more. Twin: without the bound all are mailed."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    if not bounded:
        monkeypatch.setattr(changing, "MOST_A_DAY", 1_000)
    signed_in = await sign_in(desk)
    came = visit(None, signed_in).came

    async def ask(n: int) -> None:
        to = f"personne.{n}@exemple.invalid"
        await changing.ask(services_of(desk), came, signed_in.session, PASSWORD, to)

    for n in range(10):
        await ask(n)
    if not bounded:
        await ask(10)
        assert len(await posted(on_sqlite)) == 22
        return
    refused = await refusal_of(ask(10))
    assert refused.code == "rate_limited" and 86_000 < refused.fields["retry_after"] <= 86_400
    assert len(await posted(on_sqlite)) == 20
    await on_sqlite.write(
        lambda conn: conn.execute(
            sa.update(email_change).values(asked_at=email_change.c.asked_at - changing.DAY_MS)
        )
    )
    await ask(11)


@pytest.mark.parametrize("once", [True, False])
async def test_a_button_that_is_pressed_twice_asks_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, once: bool
) -> None:
    """Each address has one mail, and its link is good; another address, or the same later, is another asking. Twin:
    where nothing is the same, the first link is dead before anybody has read it."""
    desk = make_desk(database)
    await with_address(desk)
    if not once:
        monkeypatch.setattr(changing, "REPEATED_MS", 0)
    signed_in = await sign_in(desk)
    came = visit(None, signed_in).came
    for _ in range(2):
        await changing.ask(services_of(desk), came, signed_in.session, PASSWORD, NEW)
    letters = await posted(database)
    assert len(letters) == (2 if once else 4)
    link = changing.expect_link(services_of(desk), token_in(letters[0]), cancels=False)
    if not once:
        assert await code_of(link) == "link_expired"
        return
    await link
    await changing.ask(services_of(desk), came, signed_in.session, PASSWORD, f"autre.{NEW}")
    assert len(await posted(database)) == 4
