"""Mails to one person that wait at the same time go out as one: none is late, none is lost, none goes twice."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from foundation import outbox
from foundation.clock import now_ms
from foundation.mail import folding
from foundation.mail.delivery import bounced, sending
from foundation.mail.messages import Letter
from foundation.mail.outgoing import Mail, PostedMail, post_each
from foundation.mail.smtp import MailTransport
from foundation.mail.states import TRIED_FOR_MS, MailState
from foundation.mail.store import MAIL, mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.mail_servers import TakenMail, mail_server
from tests.support.processes.kills import Killed, killed_at
from tests.support.tasks import change, rows

ABOUT = Subject("account", "7")

HOLD_SECONDS = 20


async def posted(
    db: Database, *keys: str, to: str = "eve@exemple.invalid", word: str | None = "file 7"
) -> None:
    """A mail of each of these keys, whose title and text it is."""
    mails = [PostedMail(Mail(to, "message", key, f"{key}\n"), ABOUT, key, word) for key in keys]
    await db.write(lambda conn: post_each(conn, mails, now_ms()))


async def work(db: Database, transport: MailTransport | None, hold_seconds: float = 0) -> list[bool]:
    """Every task that is rung for, one after the other."""
    outside = {MAIL: sending(transport, 5.0, hold_seconds=hold_seconds)}
    await change(db, rung_at=0)
    rings = await outbox.due(db, now_ms())
    return [await outbox.perform(db, {}, ring.id, ring.attempt, None, outside) for ring in rings]


async def states(db: Database) -> list[tuple[object, ...]]:
    found = await rows(db, mail.c.id, mail.c.key, mail.c.state, mail.c.text, mail.c.recipient)
    return [(key, state, text is None, to is None) for _, key, state, text, to in found]


async def test_those_that_wait_go_out_as_one(database: Database) -> None:
    """And each is settled with it, its text and address erased; what is posted later goes out by itself."""
    await posted(database, "one", "two", "three")
    async with mail_server() as kept:
        assert await work(database, kept.transport()) == [True, True, True]
        assert [one.get_content().split() for one in kept.messages] == [["one", "two", "three"]]
        await posted(database, "four")
        assert await work(database, kept.transport()) == [True]
    assert [one.get_content().split() for one in kept.messages[1:]] == [["four"]]
    assert await states(database) == [(key, "sent", True, True) for key in ("one", "two", "three", "four")]


async def test_only_what_goes_to_the_same_address_about_the_same_is_one(database: Database) -> None:
    """Another address, another word, and none at all, are mails of their own."""
    await posted(database, "one")
    await posted(database, "two", to="luc@exemple.invalid")
    await posted(database, "three", word="file 8")
    await posted(database, "four", "five", word=None)
    async with mail_server() as kept:
        await work(database, kept.transport())
    assert [one.get_content().split() for one in kept.messages] == [
        ["one"], ["two"], ["three"], ["four"], ["five"]
    ]  # fmt: skip


async def test_two_workers_at_once_send_one(database: Database) -> None:
    """Whichever is first takes the other's with it."""
    await posted(database, "one", "two")
    async with mail_server() as kept:
        outside = {MAIL: sending(kept.transport(), 5.0)}
        rings = await outbox.due(database, now_ms())
        done = await asyncio.gather(
            *(outbox.perform(database, {}, ring.id, ring.attempt, None, outside) for ring in rings)
        )
        assert done == [True, True] and len(kept.messages) == 1
    assert [one[1] for one in await states(database)] == ["sent", "sent"]


async def test_without_the_lock_both_would_send_both(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where nobody joins them, two workers say it twice."""
    await posted(database, "one", "two")
    found = await database.read(lambda conn: conn.execute(sa.select(mail)))
    letters = [folding.letter_of(row) for row in found]

    async def nobody_joined(conn: object, id: int) -> Sequence[Letter]:
        return letters

    monkeypatch.setattr(folding, "take_up", nobody_joined)
    async with mail_server() as kept:
        await work(database, kept.transport())
    assert len(kept.messages) == 2


async def test_who_was_killed_sends_the_same_again(database: Database) -> None:
    """A mail that was posted meanwhile does not join it: in a copy that programs hide nobody would see it."""
    await posted(database, "one", "two")
    async with mail_server() as kept:
        calling = sending(kept.transport(), 5.0)
        leased = await database.write(lambda conn: outbox._lease(conn, {}, 1, 0, {MAIL: calling}))
        assert leased is not None
        await calling.call(database, leased.subject, now_ms())  # and here it is killed
        await posted(database, "three")
        await work(database, kept.transport())
        await change(database, leased_until=0)
        await work(database, kept.transport())
        texts = [(one["Message-ID"], one.get_content().split()) for one in kept.messages]
    assert [text for _, text in texts] == [["one", "two"], ["three"], ["one", "two"]]
    assert texts[0] == texts[2]
    assert {one[1] for one in await states(database)} == {"sent"}


async def test_what_becomes_of_one_becomes_of_all(database: Database) -> None:
    """Refused, come back, and set aside: then each is looked at, and goes out anew by itself."""
    await posted(database, "one", "two")
    async with mail_server() as kept:
        kept.says["RCPT"] = "550 5.1.1 unknown"
        await work(database, kept.transport())
        kept.says.clear()
        assert [one[1] for one in await states(database)] == ["refused", "refused"]
        await posted(database, "three", "four", word="file 8")
        await work(database, kept.transport())
        found = await rows(database, mail.c.id, mail.c.key, mail.c.message_id)
        id = next(message_id for _, key, message_id in found if key == "three")
        assert await database.write(lambda conn: bounced(conn, id, "5.1.1", now_ms()))
        assert [one[1] for one in await states(database)] == ["refused"] * 4
    await posted(database, "five", "six", word="file 9")
    old = now_ms() - TRIED_FOR_MS
    await database.write(lambda conn: conn.execute(sa.update(mail).values(tried_at=old)))
    await work(database, kept.transport())
    found = await rows(database, mail.c.id, mail.c.key, mail.c.state, mail.c.folded_into)
    assert [one[1:] for one in found[-2:]] == [
        ("five", MailState.SET_ASIDE, None), ("six", MailState.SET_ASIDE, None)
    ]  # fmt: skip


async def test_without_a_server_they_wait_apart(database: Database) -> None:
    """They are joined when they go out, however many came meanwhile."""
    await posted(database, "one")
    assert await work(database, None) == [False]
    await posted(database, "two")
    await change(database, due_at=0)
    async with mail_server() as kept:
        await work(database, kept.transport())
    assert [one.get_content().split() for one in kept.messages] == [["one", "two"]]


async def test_a_mail_holds_ten(database: Database) -> None:
    """The rest goes out in another."""
    await posted(database, *(f"n{n}" for n in range(12)))
    async with mail_server() as kept:
        await work(database, kept.transport())
    assert [len(one.get_content().split()) for one in kept.messages] == [10, 2]


async def later(db: Database) -> None:
    """The time for which the first one waits is over, and that of every lease."""
    old = mail.c.staged_at - HOLD_SECONDS * 1000
    await db.write(lambda conn: conn.execute(sa.update(mail).values(staged_at=old)))
    await change(db, due_at=0, leased_until=0)


async def burst(db: Database, kept: TakenMail, word: str, hold_seconds: float) -> None:
    """Two notices, one after the other, each with a worker that looks at once."""
    for number in (1, 2):
        await posted(db, f"{word}-{number}", word=word)
        await work(db, kept.transport(), hold_seconds)


async def test_notices_one_after_the_other_are_one_mail(database: Database) -> None:
    """The second comes while the first waits. Twin: where nothing waits, they are two."""
    async with mail_server() as kept:
        await burst(database, kept, "held", HOLD_SECONDS)
        assert kept.messages == []
        await later(database)
        await work(database, kept.transport(), HOLD_SECONDS)
        assert [one.get_content().split() for one in kept.messages] == [["held-1", "held-2"]]
        await burst(database, kept, "bare", 0)
        assert len(kept.messages) == 3


async def test_what_somebody_waits_for_goes_at_once(database: Database) -> None:
    """A mail without a word, such as a code, also while others are held."""
    async with mail_server() as kept:
        await burst(database, kept, "held", HOLD_SECONDS)
        await posted(database, "code", word=None)
        await work(database, kept.transport(), HOLD_SECONDS)
        assert [one.get_content().split() for one in kept.messages] == [["code"]]


async def test_a_worker_killed_at_each_statement_loses_none_of_those_that_wait(database: Database) -> None:
    """While they are held, and while they go out. What is sent a second time is the same mail."""
    async with mail_server() as kept:
        for statement in itertools.count(1):
            word, before, died = f"file{statement}", len(kept.messages), False
            await posted(database, f"{word}-1", word=word)
            try:
                with killed_at(database, statement):
                    await work(database, kept.transport(), HOLD_SECONDS)
                    await posted(database, f"{word}-2", word=word)
                    await later(database)
                    await work(database, kept.transport(), HOLD_SECONDS)
            except Killed:
                died = True
            await posted(database, f"{word}-2", word=word)
            await later(database)
            await work(database, kept.transport(), HOLD_SECONDS)
            sent = {one["Message-ID"]: one.get_content() for one in kept.messages[before:]}
            assert sorted(" ".join(sent.values()).split()) == [f"{word}-1", f"{word}-2"], statement
            assert {state for (state,) in await rows(database, mail.c.state)} == {"sent"}
            if not died:
                break
        assert statement > 10 and len(kept.messages) == before + 1
