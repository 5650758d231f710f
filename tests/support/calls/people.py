"""A service in this process with files on their way, and each kind of person signed in to it."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import sqlalchemy as sa

from accounts import staff
from accounts.roles import Role
from casework.files.numbers import file_number
from config.app import create_app
from config.settings import Settings
from foundation import outbox
from foundation.clock import now_ms
from foundation.mail.store import MAIL
from foundation.sql.database import Database
from foundation.subjects import Subject
from submission.store import submission
from tests.support import desks
from tests.support.calls.rounds import CallRounds
from tests.support.candidates.paying import FEE, move_money
from tests.support.casework.lists import send
from tests.support.casework.messages import delivered
from tests.support.people.signed_in import CallingPerson, SessionKind
from tests.support.processes.serving import serving
from tests.support.rooms import KEYS
from tests.support.tasks import perform, submitted

STAFF_PASSWORD = "un mot de passe du personnel"

FILES = 3
"""Accounts 1 to 3 have a file; 1 and 2 have paid, 2 has its list of documents. Account 4 has a draft."""

OF_ACCOUNT = {SessionKind.CANDIDATE: FILES + 1, SessionKind.PAID: 1}


class PeopledService(msgspec.Struct, frozen=True):
    """Where it is, and everybody who has a session there."""

    port: int
    people: dict[SessionKind, CallingPerson]


@contextlib.asynccontextmanager
async def peopled(database_url: str, redis_url: str) -> AsyncIterator[PeopledService]:
    """The service while this lasts."""
    db = Database(database_url)
    known = await _files(db)
    for kind in SessionKind:
        if kind.is_staff:
            await _add(db, Role(kind))
    settings = Settings(
        database_url=database_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    with serving(create_app(settings), lifespan=True) as port:
        people = {kind: _signed_in(port, kind, known) for kind in SessionKind}
        yield PeopledService(port, people)
    await db.close()


async def _add(db: Database, role: Role) -> None:
    """A member of staff of this role, who is called like it."""
    await db.write(lambda conn: staff.add_operator(conn, role, STAFF_PASSWORD, now_ms(), granted=(role,)))


async def _files(db: Database) -> dict[str, list[Any]]:
    """Make the files, do what follows of itself, and tell by what names calls reach them."""
    desk = desks.make_desk(db)
    await submitted(db, FILES, ticked_at=now_ms())
    await desks.make_account(desk, FILES + 1)
    desk.accounts.hasher.close()
    for number in (1, 2):
        await _paid(db, number)
    await db.write(lambda conn: send(conn, 2, now_ms()))
    await delivered(db, 1, Subject.row("submission", 1))
    tasks = await db.read(lambda conn: conn.execute(sa.select(outbox.task.c.id, outbox.task.c.kind)))
    for task in [row.id for row in tasks if row.kind != MAIL]:
        with contextlib.suppress(KeyError):
            await perform(db, task, 1)
    rows = await db.read(lambda conn: conn.execute(sa.select(submission.c.id, submission.c.receipt)))
    receipts = {row.id: row.receipt for row in rows}
    numbers = [file_number(id) for id in receipts]
    return {
        "receipt": list(receipts.values()), "number": numbers, "file_number": numbers,
        "reference": [*receipts.values(), *numbers], "programme": ["demo"], "period": ["essai"],
        "id of /api/v1/periods": ["essai"], "id of /api/v1/operator/periods": ["essai"],
    }  # fmt: skip


async def _paid(db: Database, number: int) -> None:
    await db.write(lambda conn: move_money(conn, FEE, f"key-{number}", number=number))


def _signed_in(port: int, kind: SessionKind, known: dict[str, list[Any]]) -> CallingPerson:
    """This person's cookies."""
    caller = CallRounds(port, {"paths": {}, "components": {"schemas": {}}}, {}, kind, {})
    if kind is SessionKind.NOBODY:
        return CallingPerson(kind=kind, known=known)
    if kind in OF_ACCOUNT:
        caller.sign_in("/api/v1/periods/essai/tickets", {})
        typed = desks.credentials(OF_ACCOUNT[kind]).credentials
        secrets = {"username": typed.username, "password": typed.password, "answers": typed.answers}
        caller.sign_in("/api/v1/session", secrets)
    else:
        caller.sign_in("/api/v1/staff/session", {"username": str(kind), "password": STAFF_PASSWORD})
    caller.close()
    return CallingPerson(kind=kind, cookies=dict(caller.cookies), known=known)
