"""A worker killed between any two statements of a task has done all of it or nothing: each effect is there once.

Each task is done again and again, killed one statement later each time, until it comes through; what stands then in
every table is what stands where nobody was killed.
"""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casework import store as casework_store
from casework.amendments import amending
from casework.amendments.amending import AmendmentTask, SentAmendment
from casework.amendments.services import amendment_services
from casework.files import store as files_store
from casework.files.tasks import FileTask
from casework.mailbox import store as mailbox_store
from casework.switches.states import SwitchName
from casework.switches.telling import SwitchTask
from foundation import outbox
from foundation.audit import Actor, audit
from foundation.clock import now_ms
from foundation.mail.store import mail
from foundation.outbox import Effect
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.follow_up import FollowUp
from submission.forms.fields import PostedLists
from submission.forms.model import AmendmentKind
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.switching import switched_on
from tests.support.desks import make_desk
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, submitted

t = outbox.task

KINDS = (
    FollowUp.CONFIRMATION, FollowUp.DUPLICATE_SCAN, FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING,
    SwitchTask.TURN_ON, SwitchTask.TELL, AmendmentTask.DOCUMENT,
)  # fmt: skip
"""What is done here; broadcasts and clerks' entries are killed in tests of their own."""

MOST_STATEMENTS = 60
"""Of one task; one that has more is not what these are."""


class KilledWorker(BaseException):
    """As SIGKILL: nothing of ours comes after it."""


class DyingConnection:
    """A connection whose worker is killed before the n-th statement of its effect."""

    def __init__(self, conn: Any, at: int) -> None:
        self._conn, self.left = conn, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise KilledWorker
        return await self._conn.execute(*arguments, **options)


def dying(effect: Effect, at: int) -> Effect:
    """This effect, whose worker is killed before its n-th statement, or behind the last one where it has one less."""

    async def run(conn: Any, subject: Subject, now: int) -> None:
        mortal = DyingConnection(conn, at)
        await effect(mortal, subject, now)  # type: ignore[arg-type]
        if mortal.left == 1:
            raise KilledWorker

    return run


async def staged(db: Database) -> None:
    """A file that is paid and amended, beside a feature whose instant has come."""
    await submitted(db)
    await db.write(lambda conn: move_money(conn, FEE, "card:1"))
    await switched_on(db, SwitchName.ADDRESS_CHANGE)
    desk = make_desk(db)
    services = amendment_services(desk.programmes, desk.forms, KEYS)
    typed = {
        "on_day": "2026-11-02",
        "contact.address": "4, quai Sud",
        "contact.city": "Lyon",
        "contact.country": "FR",
    }
    one = SentAmendment(
        kind=AmendmentKind.ADDRESS, version=0, key="a1b2c3d4e5f6",
        posted=PostedLists({name: [text] for name, text in typed.items()}),
    )  # fmt: skip
    by = Actor("essai-00001", "candidate")
    await db.write(lambda conn: amending.amend(conn, services, 1, by, 1, one, now_ms()))
    desk.accounts.hasher.close()


async def waiting(db: Database) -> list[tuple[int, str, int]]:
    """The tasks of these kinds that are not done, due or not: id, kind, attempt."""
    found = sa.select(t.c.id, t.c.kind, t.c.attempt).where(t.c.kind.in_(KINDS), t.c.state == "staged")
    await db.write(lambda conn: conn.execute(sa.update(t).where(t.c.kind.in_(KINDS)).values(due_at=0)))
    return [tuple(row) for row in await db.read(lambda conn: conn.execute(found.order_by(t.c.id)))]


async def free(db: Database) -> None:
    """The lease of a worker that was killed has run out."""
    await db.write(lambda conn: conn.execute(sa.update(t).values(leased_until=0)))


async def done_with_kills(db: Database, id: int, kind: str, attempt: int) -> int:
    """One task, killed one statement later each time; how often it was."""
    for at in range(1, MOST_STATEMENTS):
        try:
            if await outbox.perform(db, {kind: dying(EFFECTS[kind], at)}, id, attempt + at - 1):
                return at - 1
        except KilledWorker:
            await free(db)
    raise AssertionError(f"{kind} has over {MOST_STATEMENTS} statements")


async def books(db: Database) -> Counter[tuple[str, ...]]:
    """What stands in every table that a task writes, without ids and instants."""
    d, e, m = casework_store.document.c, files_store.file_event.c, mailbox_store.message.c
    shown = {
        "document": (d.account, d.kind, d.serial), "event": (e.submission, e.kind), "message": (m.account, m.title),
        "mail": (mail.c.kind, mail.c.title), "act": (audit.c.act,), "task": (t.c.kind, t.c.state),
    }  # fmt: skip
    found: Counter[tuple[str, ...]] = Counter()
    for name, columns in shown.items():
        for row in await db.read(lambda conn, columns=columns: conn.execute(sa.select(*columns))):  # type: ignore[misc]
            found[(name, *map(str, row))] += 1
    return found


async def played(url: str, *, killing: bool) -> tuple[Counter[tuple[str, ...]], Counter[str]]:
    """Everything done, with or without kills: what stands then, and how often each kind was killed."""
    db, kills = Database(url), Counter[str]()
    await staged(db)
    while found := await waiting(db):
        for id, kind, attempt in found:
            if killing:
                kills[kind] += await done_with_kills(db, id, kind, attempt)
            else:
                assert await outbox.perform(db, EFFECTS, id, attempt)
    stands = await books(db)
    await db.close()
    return stands, kills


async def test_each_effect_is_there_once(sqlite_template: Path, tmp_path: Path) -> None:
    """Of every kind, wherever its worker is killed."""
    urls = []
    for name in ("whole", "killed"):
        shutil.copy(sqlite_template, tmp_path / f"{name}.db")
        urls.append(f"sqlite:///{tmp_path / name}.db")
    whole, _ = await played(urls[0], killing=False)
    stands, kills = await played(urls[1], killing=True)
    assert stands == whole
    assert set(kills) == {str(kind) for kind in KINDS} and all(count >= 2 for count in kills.values()), kills
    assert (
        whole["document", "1", "payment_confirmation", "1"] == whole["document", "1", "amendment", "1"] == 1
    )


@pytest.mark.slow
async def test_each_effect_is_there_once_on_postgresql(
    postgresql_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    """With a transaction a step, where SQLite has a savepoint."""
    shutil.copy(sqlite_template, tmp_path / "whole.db")
    whole, _ = await played(f"sqlite:///{tmp_path / 'whole.db'}", killing=False)
    stands, _ = await played(postgresql_url, killing=True)
    assert stands == whole


async def test_without_the_transaction_an_effect_is_there_twice(sqlite_url: str) -> None:
    """Twin: where what was written before the kill is kept, it is written again by the next worker."""
    db = Database(sqlite_url)
    await staged(db)
    effect, subject = EFFECTS[SwitchTask.TURN_ON], Subject.row("feature_switch", 1)
    for _ in range(2):  # each time killed behind the last statement, with all of it kept
        await db.write(lambda conn: effect(conn, subject, now_ms()))
    acts = await db.read(lambda conn: conn.execute(sa.select(audit.c.act)))
    assert [act for (act,) in acts].count("switch_on") == 2
    await db.close()
