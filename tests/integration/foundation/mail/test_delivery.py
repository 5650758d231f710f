"""A posted mail goes out over SMTP, at least once, and what came of it is written down."""

import asyncio

import sqlalchemy as sa

from foundation import outbox
from foundation.clock import now_ms
from foundation.mail import sealing
from foundation.mail.delivery import bounced, sending
from foundation.mail.outgoing import Mail, post
from foundation.mail.smtp import MailTransport
from foundation.mail.states import TRIED_FOR_MS
from foundation.mail.store import MAIL, mail
from foundation.sql.database import Database
from foundation.subjects import Subject
from tests.support.mail_servers import mail_server
from tests.support.tasks import change, rows

ABOUT = Subject("account", "7")

HELLO = Mail("quelquun@exemple.invalid", "hello", "Bonjour", "Un texte.\n")


async def posted(db: Database, letter: Mail = HELLO, key: str = "one") -> None:
    await db.write(lambda conn: post(conn, letter, ABOUT, now_ms(), key=key))


async def work(db: Database, transport: MailTransport | None) -> list[bool]:
    """Every task that is rung for, done as a worker does it."""
    outside = {MAIL: sending(transport, 5.0)}
    await change(db, rung_at=0)
    rings = await outbox.due(db, now_ms())
    return [await outbox.perform(db, {}, ring.id, ring.attempt, None, outside) for ring in rings]


async def settled(db: Database) -> list[tuple[object, ...]]:
    return await rows(db, mail.c.state, mail.c.text, mail.c.reply_code, mail.c.reply_status)


async def test_a_mail_goes_out_and_its_text_is_erased(database: Database) -> None:
    """With the address; what stays is what kind it was, about what, when, under which Message-ID."""
    await posted(database)
    async with mail_server() as kept:
        assert await work(database, kept.transport()) == [True]
        assert await work(database, kept.transport()) == []
        ((id,),) = await rows(database, mail.c.message_id)
        assert [one["Message-ID"] for one in kept.messages] == [f"<{id}@exemple.invalid>"]
        assert kept.messages[0].get_content() == "Un texte.\r\n"
    assert await settled(database) == [("sent", None, 250, "2.0.0")]
    assert await rows(database, mail.c.recipient) == [(None,)]


async def test_a_worker_killed_after_the_call_sends_it_again(database: Database) -> None:
    """At least once: the second copy has the same Message-ID, and one word is written."""
    await posted(database)
    async with mail_server() as kept:
        calling = sending(kept.transport(), 5.0)
        outside = {MAIL: calling}
        leased = await database.write(lambda conn: outbox._lease(conn, {}, 1, 0, outside))
        assert leased is not None
        await calling.call(database, leased.subject, now_ms())  # and here it is killed
        assert await work(database, kept.transport()) == []  # the lease still holds
        await change(database, leased_until=0)
        assert await work(database, kept.transport()) == [True]
        assert len({one["Message-ID"] for one in kept.messages}) == 1
        assert len(kept.messages) == 2
    assert await settled(database) == [("sent", None, 250, "2.0.0")]


async def test_a_server_that_is_away_is_waited_for(database: Database) -> None:
    """It counts as no failure however often, and the mail goes out once somebody answers."""
    await posted(database)
    async with mail_server() as kept:
        gone = kept.transport()
    for _ in range(outbox.MOST_FAILURES + 2):
        assert await work(database, gone) == [False]
        assert await outbox.due(database, now_ms() + 30_000) == []  # not before a minute
        await change(database, due_at=0)
    t = outbox.task.c
    assert await rows(database, t.state, t.failures, t.postponed) == [("staged", 0, 7)]
    await change(database, attempt=100, postponed=100)
    async with mail_server() as kept:
        assert await work(database, kept.transport()) == [True]
    assert (await settled(database))[0][0] == "sent"


async def test_after_four_days_a_mail_is_set_aside(database: Database) -> None:
    """With its text, for a person to look at."""
    await posted(database)
    old = now_ms() - TRIED_FOR_MS
    await database.write(lambda conn: conn.execute(sa.update(mail).values(tried_at=old)))
    async with mail_server() as kept:
        gone = kept.transport()
    assert await work(database, gone) == [True]
    ((state, text, code, _),) = await settled(database)
    assert (state, code) == ("set_aside", 0)
    assert text is not None


async def test_a_refusal_for_good_is_recorded_and_ends_it(database: Database) -> None:
    """Of the address by the server, of an accent without SMTPUTF8, of what is no address; the next one goes out."""
    await posted(database)
    await posted(database, Mail("élodie@exemple.invalid", "hello", "Bonjour", "x"), "two")
    await posted(database, Mail("personne", "hello", "Bonjour", "x"), "three")
    async with mail_server(enable_SMTPUTF8=False) as kept:
        kept.says["RCPT"] = "550 5.1.1 unknown"
        assert await work(database, kept.transport()) == [True, True, True]
        kept.says.clear()
        await posted(database, key="four")
        assert await work(database, kept.transport()) == [True]
    found = await rows(database, mail.c.id, mail.c.state, mail.c.reply_status, mail.c.text)
    assert found == [
        (1, "refused", "5.1.1", None),
        (2, "refused", "5.6.7", None),
        (3, "refused", "5.1.3", None),
        (4, "sent", "2.0.0", None),
    ]


async def test_without_a_server_mail_waits(database: Database) -> None:
    """However long; nothing is tried, and nothing is counted against it."""
    await posted(database)
    assert await work(database, None) == [False]
    await change(database, due_at=0)
    assert await rows(database, mail.c.state, mail.c.tries, mail.c.tried_at) == [("staged", 0, None)]
    async with mail_server() as kept:
        assert await work(database, kept.transport()) == [True]


async def test_the_longer_mail_waits_for_a_server_the_rarer_it_is_looked_at(database: Database) -> None:
    """After a minute at first, after an hour in the end: a hundred thousand that wait are not all that workers do."""
    for waited, wait in ((0, 60_000), (600_000, 600_000), (7_200_000, 3_600_000)):
        begun = now_ms()
        await posted(database, key=str(waited))
        await database.write(
            lambda conn, at=begun - waited: conn.execute(sa.update(mail).values(staged_at=at))  # type: ignore[misc]
        )
        await change(database, due_at=0)
        assert not any(await work(database, None))
        due = [at for (at,) in await rows(database, outbox.task.c.due_at)]
        assert all(begun + wait <= at <= now_ms() + wait + (now_ms() - begun) for at in due)


async def test_a_mail_of_keys_that_are_gone_is_refused(database: Database) -> None:
    """It cannot be sent, and must not be rung for for ever."""
    await posted(database)
    before = sealing.cipher()
    sealing.seal_with(("another key, which never encrypted anything",))
    try:
        async with mail_server() as kept:
            assert await work(database, kept.transport()) == [True]
    finally:
        sealing._cipher = before
    assert (await settled(database))[0][0] == "refused"


async def test_a_call_that_does_not_end_is_a_failure(database: Database) -> None:
    """The lease is as long as the call may take, and the worker goes on."""
    await posted(database)

    class Endless:
        async def send(self, letter: object) -> None:
            await asyncio.Event().wait()

    outside = {MAIL: sending(Endless(), 0.01)}  # type: ignore[arg-type]
    assert not await outbox.perform(database, {}, 1, 0, None, outside)
    assert await rows(database, outbox.task.c.failures, outbox.task.c.state) == [(1, "staged")]


async def test_a_bounce_is_recorded(database: Database) -> None:
    """A mail that was taken may come back; one that is not known is said."""
    await posted(database)
    async with mail_server() as kept:
        await work(database, kept.transport())
    ((id,),) = await rows(database, mail.c.message_id)
    assert await database.write(lambda conn: bounced(conn, id, "5.2.1", now_ms()))
    assert not await database.write(lambda conn: bounced(conn, id, "5.2.1", now_ms()))
    assert await settled(database) == [("refused", None, 250, "5.2.1")]
