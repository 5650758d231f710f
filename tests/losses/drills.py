"""Stores are copied while the service runs, and put back: the drills of `docs/backup.md`, with the whole service.

    python -m tests.losses.drills [NAME ...] [--people 60] [--into docs]

People join, are called and submit, before, between and after two copies of both stores. All is stopped, copies are put
back, all is started, and newcomers ask before anybody shows a ticket. `tests/races/test_restored_stores.py` plays the
same pairs on parts of a process, on both kinds of SQL, with a twin for each protection.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.processes.embedded import Valkey
from foundation.sql.database import Database
from quota import ledger, store
from tests.losses.recount import run
from tests.support.copies import copy_redis, copy_sql, restore_redis, restore_sql
from tests.support.processes.postgres import START_SECONDS
from tests.support.processes.services import Browser, RunningService, running, until
from waitingroom.line import restorations

CopyName = Literal["lives", "first", "second", "empty"]

BEGIN, END = "<!-- drills -->\n", "<!-- /drills -->"

HOLD_SECONDS = 3.0

CALLS_PER_MINUTE = 240


class StoreDrill(NamedTuple):
    """Which copy each store comes back from, and how the table says it."""

    name: str
    sql: CopyName
    redis: CopyName
    words: str


DRILLS = (
    StoreDrill("sql-back", "first", "lives", "SQL, the older copy; Redis lives"),
    StoreDrill("redis-back", "lives", "first", "Redis, the older copy; SQL lives"),
    StoreDrill("redis-empty", "lives", "empty", "Redis, emptied; SQL lives"),
    StoreDrill("both-back", "first", "first", "both, of one moment"),
    StoreDrill("sql-older", "first", "second", "both, SQL from before Redis"),
    StoreDrill("redis-older", "second", "first", "both, Redis from before SQL"),
    StoreDrill("sql-back-redis-empty", "first", "empty", "SQL, the older copy; Redis emptied"),
)


class DrillProof(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one drill: findings (none when all is well), and what was lost."""

    drill: str
    people: int
    findings: list[str]
    calls_lost: int
    submissions_lost: int
    is_told: bool
    skipped: int
    first_call_seconds: float
    seconds: float


class Somebody(NamedTuple):
    """A person with a ticket, and the receipt they hold."""

    number: int
    ticket: str
    receipt: str = ""


async def come(service: RunningService, count: int) -> list[Somebody]:
    """So many new browsers join at once."""

    async def one() -> Somebody:
        browser = Browser(service.url)
        try:
            me = await browser.join()
            return Somebody(me["number"], me["ticket"])
        finally:
            await browser.close()

    return await asyncio.gather(*(one() for _ in range(count)))


async def told(service: RunningService, person: Somebody) -> dict[str, Any]:
    """`me` of whoever shows this ticket; nothing but the ticket is left of their browser."""
    browser = Browser(service.url)
    try:
        headers = {"Authorization": f"Bearer {person.ticket}"}
        status, me = await browser.call("GET", "/api/v1/periods/demo/tickets/me", **headers)
        assert status == 200, me
        return dict(me)
    finally:
        await browser.close()


async def submit(service: RunningService, person: Somebody, account: int) -> Somebody:
    """Whoever is called signs in and submits."""
    browser, headers = Browser(service.url), {"Authorization": f"Bearer {person.ticket}"}
    try:
        token = (await told(service, person))["token"]
        status, answer = await browser.call(
            "POST", "/api/v1/session", service.credentials(account) | {"token": token}, **headers
        )
        assert status == 200, answer
        body = {"token": token, "declaration": True, "signature": {"capacity": "candidate"}}
        status, answer = await browser.call("POST", "/api/v1/periods/demo/submissions", body, **headers)
        assert status == 201, answer
        return person._replace(receipt=answer["receipt"])
    finally:
        await browser.close()


async def called(database: Database) -> list[int]:
    """Every number that was called, in that order."""
    t = store.token.c
    rows = await database.read(
        lambda conn: conn.execute(sa.select(t.number).where(t.call.is_not(None)).order_by(t.id))
    )
    return list(rows.scalars())


async def some_called(service: RunningService, count: int) -> list[int]:
    """The numbers that are called, once so many are."""
    database = Database(service.database_url)

    async def enough() -> list[int]:
        found = await called(database)
        return found if len(found) >= count else []

    try:
        found: list[int] = await until(enough, 60, f"{count} are called", every=0.2)
        return found
    finally:
        await database.close()


async def before(service: RunningService, people: int, folder: Path, server: Valkey) -> Any:
    """A third of the people at a time: they come, some are called, one submits; both stores are copied in between."""
    crowd: dict[int, Somebody] = {}
    copies: dict[str, tuple[str, Path]] = {}
    for turn, name in enumerate(("first", "second", "end"), 1):
        crowd |= {one.number: one for one in await come(service, people // 3)}
        numbers = await some_called(service, turn * max(3, people // 12))
        last = numbers[-1]
        crowd[last] = await submit(service, crowd[last], turn)
        await asyncio.sleep(1.2)  # a tick copies the count, and a second of history lies between two copies
        copies[name] = await copy_sql(service.database_url, folder), copy_redis(server, folder / name)
    return crowd, copies


async def after(service: RunningService, drill: StoreDrill, crowd: dict[int, Somebody]) -> DrillProof:
    """Newcomers first, then everybody: who holds which number, and whether all are called in order."""
    started = time.monotonic()
    database = Database(service.database_url)
    try:
        known = await called(database)
        newcomers = await come(service, 5)
        everybody = [*crowd.values(), *newcomers]
        findings = [
            f"number {number} was given {times} times"
            for number, times in Counter(one.number for one in everybody).items()
            if times > 1
        ]
        first = 0.0

        async def all_called() -> bool:
            nonlocal first
            mes = await asyncio.gather(*(told(service, one) for one in everybody))
            findings.extend(
                f"number {one.number} became {me['number']}"
                for one, me in zip(everybody, mes, strict=True)
                if me["number"] != one.number
            )
            again = len(await called(database)) > len(known)
            first = first or (time.monotonic() - started if again else 0.0)
            return all(me["state"] != "waiting" for me in mes)

        await until(all_called, 120, "everybody is called", every=0.5)
        order = (await called(database))[len(known) :]
        if order != sorted(order):
            findings.append(f"somebody was passed over: {order}")
        period = await database.read(lambda conn: ledger.period_by_id(conn, "demo"))

        async def lost(conn: AsyncConnection) -> tuple[int, int]:
            found = await restorations.of_period(conn, period.uid)
            return sum(one.calls for one in found), sum(one.submissions for one in found)

        calls, submissions = await database.read(lost)
        receipts = {one.receipt for one in crowd.values() if one.receipt}
        return DrillProof(
            drill=drill.name, people=len(crowd), findings=findings, calls_lost=calls,
            submissions_lost=submissions if receipts else 0, is_told="copie du" in (period.notice or ""),
            skipped=min(one.number for one in newcomers) - max(crowd) - 1,
            first_call_seconds=round(first, 1), seconds=0.0,
        )  # fmt: skip
    finally:
        await database.close()


async def play(drill: StoreDrill, people: int) -> DrillProof:
    """One drill from the first join to the last call."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gt-drill-") as name:
        folder = Path(name)
        server = Valkey(folder / "valkey")
        server.start(deadline_seconds=START_SECONDS)
        environ = {"REDIS_URL": server.url, "HOLD_SECONDS": f"{HOLD_SECONDS:g}"}
        options = ("--web", "1", "--cap", str(people * 2), "--accounts", "20")
        pace = ("--calls-per-minute", str(CALLS_PER_MINUTE))
        try:
            with running(folder / "data", *options, *pace, environment=environ) as service:
                crowd, copies = await before(service, people, folder, server)
                url = service.database_url
            if drill.sql != "lives":
                await restore_sql(url, copies[drill.sql][0])
            if drill.redis != "lives":
                restore_redis(server, None if drill.redis == "empty" else copies[drill.redis][1])
            with running(folder / "data", *options, *pace, environment=environ) as service:
                proof = await after(service, drill, crowd)
        finally:
            server.stop()
    return msgspec.structs.replace(proof, seconds=round(time.monotonic() - began, 1))


def table(proofs: list[DrillProof]) -> str:
    """A row for each drill."""
    words = {drill.name: drill.words for drill in DRILLS}
    rows = [
        "| what came back | calls, submissions lost (as far as a store knows) | people are told | numbers skipped "
        "| next call after | numbers twice, changed; people passed over |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {words[one.drill]} | {one.calls_lost}, {one.submissions_lost} | {'yes' if one.is_told else 'no'} "
        f"| {one.skipped:,} | {one.first_call_seconds:g} s | {len(one.findings) or 'none'} |"
        for one in proofs
    ]
    return "\n".join(rows)


def main() -> int:
    """Play the drills, or those named, and write the table of `backup.md`."""
    parser = argparse.ArgumentParser(prog="python -m tests.losses.drills", description=main.__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(drill.name for drill in DRILLS)])
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--into", type=Path, help="the folder of backup.md; only where all are played")
    options = parser.parse_args()
    proofs = []
    for drill in DRILLS:
        if not options.names or drill.name in options.names:
            proofs.append(run(lambda drill=drill: play(drill, options.people)))  # type: ignore[misc]
            sys.stdout.write(json.dumps(msgspec.to_builtins(proofs[-1])) + "\n")
            sys.stdout.flush()
    if options.into and not options.names:
        page = options.into / "backup.md"
        head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        page.write_text(f"{head}{BEGIN}{table(proofs)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 1 if any(proof.findings for proof in proofs) else 0


if __name__ == "__main__":
    sys.exit(main())
