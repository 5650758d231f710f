"""A mail that came back: the address fails, nothing more is sent to it, and its owner is told and can end it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from accounts.bounces import recording
from accounts.bounces.notification import Bounce
from accounts.store import ACCOUNT, account
from foundation.clock import now_ms
from foundation.mail.delivery import Gate, sending
from foundation.mail.messages import Letter
from foundation.mail.outgoing import Mail, post
from foundation.mail.states import ServerWord, Step
from foundation.mail.store import mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.candidates.own_accounts import OwnAccountPlace, own_account
from tests.support.desks import PERSONAL
from tests.support.rooms import KEYS
from tests.support.tasks import rows

EVE = "eve@exemple.invalid"


class Everything:
    """A server that takes whatever it is given."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, letter: Letter) -> ServerWord:
        self.sent.append(letter.to)
        return ServerWord(Step.CONTENT, 250)


@pytest.fixture
async def own(database: Database) -> AsyncIterator[tuple[OwnAccountPlace, httpx.AsyncClient]]:
    async with own_account(database) as made:
        yield made


async def sent_to(db: Database, to: str, gate: Gate, number: int = 1) -> tuple[list[str], str]:
    """What a server got of a mail to this address about account 1, and the mail's id."""
    server, letter = Everything(), Mail(to, "test", "Un message", "Bonjour.")
    about = Subject.row(ACCOUNT, 1)
    await db.write(lambda conn: post(conn, letter, about, now_ms(), key=f"test:{number}"))
    id, message_id = (await rows(db, mail.c.id, mail.c.message_id))[-1]
    outcome = await sending(server, 1.0, None, gate).call(db, Subject.row("mail", id), now_ms())
    await db.write(lambda conn: outcome.record(conn, Subject.row("mail", id), now_ms()))
    return server.sent, message_id


async def came_back(db: Database, bounce: Bounce) -> bool:
    return await db.write(lambda conn: recording.record(conn, PERSONAL, bounce, now_ms()))


async def failing(db: Database) -> Any:
    return (await rows(db, account.c.email_failing_at, account.c.email_failing_status))[0]


async def test_nothing_more_is_sent_to_an_address_that_fails(own: Any) -> None:
    """The mail is refused at once; another address of the same account is written to. Told twice, it is one."""
    db, gate = own[0].db, recording.gate(KEYS)
    sent, id = await sent_to(db, EVE, gate)
    assert sent == [EVE]
    assert await came_back(db, Bounce(id, "Eve@Exemple.invalid", "5.1.1"))
    assert not await came_back(db, Bounce(id, EVE, "5.1.1"))
    assert (await failing(db))[1] == "5.1.1"
    assert (await sent_to(db, EVE, gate, 2))[0] == []
    _, state, status = (await rows(db, mail.c.id, mail.c.state, mail.c.reply_status))[-1]
    assert (state, status) == ("refused", "5.1.1")
    assert (await sent_to(db, "neuve@exemple.invalid", gate, 3))[0] == ["neuve@exemple.invalid"]
    await db.write(lambda conn: recording.works_again(conn, 1))
    assert (await sent_to(db, EVE, gate, 4))[0] == [EVE]


async def test_without_the_gate_it_would_be_written_to(own: Any) -> None:
    """Twin."""

    async def open_gate(_conn: Any, _about: Subject, _to: str) -> str:
        return ""

    _, id = await sent_to(own[0].db, EVE, open_gate)
    await came_back(own[0].db, Bounce(id, EVE, "5.1.1"))
    assert (await sent_to(own[0].db, EVE, open_gate, 2))[0] == [EVE]


async def test_nobody_can_silence_another_address(own: Any) -> None:
    """A made-up id is of no mail; a real one of one's own mail reaches no other address than one's own."""
    db = own[0].db
    _, id = await sent_to(db, EVE, recording.gate(KEYS))
    assert not await came_back(db, Bounce("0" * 32, EVE, "5.1.1"))
    await db.write(lambda conn: conn.execute(sa.update(mail).values(subject_id="2")))
    assert await came_back(db, Bounce(id, EVE, "5.1.1"))
    assert tuple(await failing(db)) == (None, None)


async def test_its_owner_ends_it(own: Any) -> None:
    """By a button of the account; the page without a session leads to the sign-in."""
    place = own[0]
    _, id = await sent_to(place.db, EVE, recording.gate(KEYS))
    await came_back(place.db, Bounce(id, EVE, "5.1.1"))
    assert await place.db.read(lambda conn: recording.failing_since(conn, 1)) is not None
    await place.db.write(lambda conn: recording.works_again(conn, 1))
    assert await place.db.read(lambda conn: recording.failing_since(conn, 1)) is None
