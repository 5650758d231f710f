"""The database of a command: the one that DATABASE_URL names, opened for one transaction."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import staff
from accounts.roles import Role
from accounts.staff import StaffProblem
from config.failures import Failed
from config.settings import WrongSetting, database_url, secret_keys
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Refusal, Unavailable
from foundation.mail import sealing
from foundation.sql.database import LONG_SECONDS, Database
from foundation.sql.group_commit import Work

T = TypeVar("T")


NOBODY = (
    "--as names nobody who may do this: give the name of an operator, or of an administrator where roles are granted. "
    "`guichet operator list` has them, "
    "`guichet operator add NAME` makes one."
)

UNKNOWN_OPERATOR = "unknown_operator"
"""In the audit, where a command was refused because of its `--as`; what was typed stays out of it."""


def on_database(
    work: Callable[[AsyncConnection], Awaitable[T]],
    actor: Actor | None = None,
    may: Collection[Role] = (Role.OPERATOR,),
) -> T:
    """Run `work` in one transaction of the database of DATABASE_URL, if its actor may act: in one of these roles.

    What an actor is refused is on record. Raises Failed for an actor who holds none of them now.
    """
    call = click.get_current_context().command_path

    async def step(conn: AsyncConnection) -> T:
        if actor is not None:
            await admit(conn, actor, may)
        return await work(conn)

    async def opened() -> T:
        database = Database(existing(database_url(os.environ)))
        seal_mail()
        try:
            return await database.write(step, LONG_SECONDS)
        except NotAnOperator:
            await record_refused(database, Actor(audit.UNKNOWN, audit.COMMAND_LINE), call, UNKNOWN_OPERATOR)
            raise
        except Refusal as refusal:
            if actor is not None and not isinstance(refusal, Unavailable):
                await record_refused(database, actor, call, refusal.code)
            raise
        except StaffProblem as problem:
            if actor is not None:
                await record_refused(database, actor, call, problem.cause)
            raise
        finally:
            await database.close()

    return asyncio.run(opened())


def seal_mail() -> None:
    """Let a command post mail, where SECRET_KEYS are given; one that posts without them fails with a sentence."""
    with contextlib.suppress(WrongSetting):
        sealing.seal_with(secret_keys(os.environ))


class NotAnOperator(Failed):
    """The one whom `--as` names may not act."""


async def admit(conn: AsyncConnection, actor: Actor, may: Collection[Role] = (Role.OPERATOR,)) -> None:
    """Let a command act whose actor holds one of these roles now, or that names nobody. Raises NotAnOperator.

    In the command's own transaction: who is removed in this moment does nothing more.
    """
    if actor.name == audit.COMMAND_LINE:
        return
    for role in may:
        if await staff.acting(conn, actor.name, role, now_ms()) is not None:
            return
    raise NotAnOperator(NOBODY)


def noted(actor: Actor, act: str, work: Work[T], **detail: Any) -> Work[T]:
    """The work of a command with its line in the audit, in the same transaction, where what it does leaves none. Work
    that answers False has changed nothing."""

    async def both(conn: AsyncConnection) -> T:
        done = await work(conn)
        if done is not False:
            await audit.record(conn, actor, act, None, now_ms(), **detail)
        return done

    return both


async def record_refused(database: Database, actor: Actor, call: str, code: str) -> None:
    """One line of the audit for a command that was refused."""
    await database.write(
        lambda conn: audit.record(conn, actor, audit.REFUSED, None, now_ms(), call=call, code=code)
    )


def existing(url: str) -> str:
    """The URL; Failed when it is a SQLite file that is not there, which opening it would make."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise Failed(
            f"There is no database at {parsed.database}: set DATABASE_URL, or run `guichet migrate` first."
        )
    return url
