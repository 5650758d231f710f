"""Record a database of release 0.1.0 that holds a small real intake, for the tests that migrate it.

Run it where release 0.1.0 is installed and nothing newer: `python make_previous.py [FILE]`. By default it writes
`0.1.0.json` beside itself; it says where. It takes some two minutes.

The release's own `guichet demo` runs in a temporary folder (SQLite, the embedded Valkey, a web process, a ticker, no
worker, no crowd) and is spoken to as people do: over HTTP, and by `guichet operator add` and `guichet period create`.
This process plays the worker, with the release's own functions, so that it is certain which jobs are done. No row is
written by hand. All people are the demo's (`demo-00001` and so on): nobody stands behind them.

What is recorded (`check` looks at most of it):

- `demo`, cap 6, `cap_reached`: numbers that were used, lapsed before and after a sign-in, left before and after the
  call, parked, or drained; all its jobs are done, one at the second try. `guichet verify` says that P1 to P7 hold.
- `demo-2`, closed by an operator while two tokens are live, one of them bound. Of its four jobs one is done, one set
  aside after five failures, and two are staged, one of them after a failure: `guichet verify` says that P3 is broken,
  by these three jobs and nothing else. Of the number that left last the line has not heard (`token.unheard`).
- `tirage`, mode draw, drawn and open, paused by an operator with two live tokens. P1 to P7 hold.
- `tirage-2`, mode draw, announced: its seed is only in `draw_seed`. `automne`, of `prtq-2016`, is a draft.
- Lines of `audit` of every kind that the release writes, rows in every table of the release, two operators.

The instants are those of the day it was made. What a schedule could still move opens or closes in 2099.

The file is `{"alembic_version": ..., "tables": {table: [row, ...]}}`, a row a line, the tables in an order in which
their foreign keys let them be filled. Bytes are `{"base64": ...}`. In `heartbeat.process` this host is called `host`.
"""

import asyncio
import base64
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import aiohttp
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from config.demo import PASSWORD, VALUE_IS
from config.settings import VARIABLES
from foundation.sql.tables import metadata
from quota.clock import now_ms, rfc3339
from quota.pulse import Pulse
from quota.store import Database, audit, figure, period, token
from submission import jobs
from submission.store import job, submission
from waitingroom.journal import journal

T = TypeVar("T")

RELEASE, NEWEST_STEP = "0.1.0", "0005"

CAP, TOKEN_SECONDS = 6, 20

OPTIONS = tuple(
    f"--port 0 --accounts 24 --crowd 0 --web 1 --workers 0 --cap {CAP} --token-seconds {TOKEN_SECONDS} "
    "--calls-per-minute 0".split()
)
"""Of `guichet demo`: whoever does not submit lapses soon, and nobody is called before an operator says so."""

LONG_TOKEN_SECONDS = 600

FAR_AWAY, FARTHER = "2099-12-01T12:00:00Z", "2099-12-31T12:00:00Z"
"""When what must not move by itself opens or closes."""

START_SECONDS = 90.0

PARKED_SECONDS = 150.0
"""Whoever is silent is parked after 60 to 75 s."""

POLL_SECONDS = 4.0

MISTYPED = "faux"

STAFF = "greffier"
"""The second operator; `operateur` is the demo's."""

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)

MACOS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15"
)

LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"

AGENTS = (WINDOWS, MACOS, LINUX)

ACTIONS = {
    "create", "announce", "commit", "arm", "open", "pause", "resume", "suspend", "close", "reach_cap", "pace", "notice",
    "clear_notice", "rule", "value", "freeze", "draw", "proof", "grant", "sign_in", "sign_out", "refused", "look",
}  # fmt: skip
"""Every action that an audit line of the release may have."""

Row = dict[str, Any]

Record = dict[str, Any]


class Wrong(Exception):
    """The intake did not go as it must for the record."""


class Client:
    """A browser: cookies of its own, the headers that a browser sends."""

    def __init__(self, url: str, agent: str = WINDOWS) -> None:
        self.session = aiohttp.ClientSession(
            base_url=url,
            headers={"User-Agent": agent, "Origin": url},
            cookie_jar=aiohttp.CookieJar(unsafe=True),
        )

    async def ask(self, method: str, path: str, body: Any = None, *statuses: int) -> Any:
        """The answer's JSON. Raises Wrong for any other status than these, or than success if none are given."""
        async with self.session.request(method, path, json=body) as answer:
            text = await answer.text()
            if answer.status not in (statuses or (200, 201, 204)):
                raise Wrong(f"{method} {path}: {answer.status} {text}")
            return json.loads(text) if text else None


class Person(Client):
    """One candidate in the room of one period, with an account of the demo."""

    def __init__(self, house: "House", period_id: str, account: int) -> None:
        super().__init__(house.url, AGENTS[account % len(AGENTS)])
        self.place = f"/api/v1/periods/{period_id}"
        accounts = house.ready["accounts"]
        self.secrets = {
            "username": accounts["username"] % account,
            "password": accounts["password"],
            "answers": accounts["answers"],
        }
        self.silent = False

    async def join(self) -> None:
        async with self.session.get("/"):  # brings the visitor's cookie
            pass
        await self.ask("POST", f"{self.place}/tickets", {})

    async def me(self) -> Row:
        me: Row = await self.ask("GET", f"{self.place}/tickets/me")
        return me

    async def is_called(self) -> Row | None:
        me = await self.me()
        return me if me["state"] == "called" else None

    async def sign_in(self) -> str:
        """Sign in with the token of the call; the token."""
        me = await until(self.is_called, f"{self.secrets['username']} is called", PARKED_SECONDS)
        await self.ask("POST", "/api/v1/session", self.secrets | {"token": me["token"]})
        return str(me["token"])

    async def submit(self, capacity: str = "candidate") -> None:
        body = {"token": await self.sign_in(), "declaration": True, "signature": {"capacity": capacity}}
        await self.ask("POST", f"{self.place}/submissions", body)

    async def mistype(self, **wrong: Any) -> None:
        await self.ask("POST", "/api/v1/session", self.secrets | wrong, 401, 403, 422)

    async def leave(self) -> None:
        self.silent = True
        await self.ask("DELETE", f"{self.place}/tickets/me")


class Operator(Client):
    """An operator at the desk, over the operators' API."""

    async def sign_in(self, username: str, password: str) -> None:
        await self.ask("POST", "/api/v1/operator/session", {"username": username, "password": password})

    async def create(self, period_id: str, programme: str, **rules: Any) -> None:
        body = {"id": period_id, "programme": programme} | rules
        await self.ask("POST", "/api/v1/operator/periods", body)

    async def move(self, period_id: str, *actions: str) -> None:
        for action in actions:
            await self.ask("POST", f"/api/v1/operator/periods/{period_id}/{action}")

    async def set(self, method: str, period_id: str, what: str, **values: Any) -> None:
        await self.ask(method, f"/api/v1/operator/periods/{period_id}/{what}", values or None)


class House:
    """The running release: its address, its database, and everybody who came."""

    def __init__(self, folder: Path, ready: Row, stack: contextlib.AsyncExitStack) -> None:
        self.folder, self.ready, self.stack = folder, ready, stack
        self.url: str = ready["url"]
        self.db = Database(ready["database_url"])
        stack.push_async_callback(self.db.close)
        self.people: list[Person] = []

    def operator(self) -> Operator:
        made = Operator(self.url)
        self.stack.push_async_callback(made.session.close)
        return made

    async def come(self, period_id: str, accounts: Iterable[int]) -> list[Person]:
        """These people join, one after the other."""
        people = [Person(self, period_id, account) for account in accounts]
        for person in people:
            self.stack.push_async_callback(person.session.close)
            await person.join()
            self.people.append(person)
        return people

    async def stay_present(self) -> None:
        """Ask where they stand, for everybody who is not silent, until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for person in [one for one in self.people if not one.silent]:
                await person.me()

    async def find(self, statement: sa.Select[Any]) -> list[Any]:
        """The first column of what this statement finds."""
        found = await self.db.read(lambda conn: conn.execute(statement))
        return list(found.scalars())

    async def until_found(self, statement: sa.Select[Any], what: str) -> None:
        await until(lambda: self.find(statement), what, PARKED_SECONDS)

    async def command(self, *words: str, typed: str = "") -> None:
        """One command of the release's command line."""
        process = await asyncio.create_subprocess_exec(
            *GUICHET, *words,
            env=environment() | {"DATABASE_URL": self.ready["database_url"]},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, errors = await process.communicate(typed.encode())
        if process.returncode:
            raise Wrong(f"guichet {' '.join(words)}: {errors.decode()}")

    def kill_ticker(self) -> None:
        """As a crash would; the demo starts another one within seconds."""
        os.kill(json.loads((self.folder / "pids.json").read_text())["ticker"][0], signal.SIGKILL)


GUICHET = (sys.executable, "-P", "-m", "config")


def environment() -> dict[str, str]:
    """This process's environment without the release's settings."""
    settings = {variable.name for variable in VARIABLES}
    return {name: value for name, value in os.environ.items() if name not in settings}


async def until(true: Callable[[], Awaitable[T | None]], what: str, seconds: float) -> T:
    """Ask twice a second until the answer is true, and return it. Raises Wrong."""
    deadline = time.monotonic() + seconds
    while not (answer := await true()):
        if time.monotonic() > deadline:
            raise Wrong(f"after {seconds:.0f} s still not so: {what}")
        await asyncio.sleep(0.5)
    return answer


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[House]:
    """The release's demo in a temporary folder, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="guichet-") as name:
        folder = Path(name)
        options = (*OPTIONS, "--data", str(folder / "demo"))
        with (folder / "demo.err").open("w") as errors:
            process = await asyncio.create_subprocess_exec(
                *GUICHET, "demo", *options, env=environment(), stdout=asyncio.subprocess.PIPE, stderr=errors
            )
        try:
            ready = await asyncio.wait_for(ready_line(process), START_SECONDS)
            async with contextlib.AsyncExitStack() as stack:
                yield House(folder / "demo", ready, stack)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def ready_line(process: asyncio.subprocess.Process) -> Row:
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"READY "):
            ready: Row = json.loads(line[6:])
            return ready
    raise Wrong("the demo ended before it was ready")


# -- the worker ------------------------------------------------------------------------------------------------------


async def fails(_conn: AsyncConnection, _submission: int, _now: int) -> None:
    raise RuntimeError("an effect that fails")


def failing() -> Any:
    """While this lasts every effect fails, as with a fault in the program."""
    return mock.patch.dict(jobs.EFFECTS, dict.fromkeys(jobs.EFFECTS, fails))


async def try_job(house: House, id: int) -> bool:
    """What the worker does with a ring for this job."""
    (attempt,) = await house.find(sa.select(job.c.attempt).where(job.c.id == id))
    with capture_logs():
        return await jobs.perform(house.db, id, attempt)


async def jobs_of(house: House, period_id: str) -> list[int]:
    ids = (
        sa.select(job.c.id)
        .join(submission, submission.c.id == job.c.submission)
        .join(period, period.c.uid == submission.c.period)
        .where(period.c.id == period_id, job.c.state == "staged")
        .order_by(job.c.id)
    )
    return await house.find(ids)


async def do_all(house: House, period_id: str) -> None:
    """All jobs of a period; the first one fails once before."""
    ids = await jobs_of(house, period_id)
    with failing():
        await try_job(house, ids[0])
    for id in ids:
        if not await try_job(house, id):
            raise Wrong(f"job {id} was not done")


async def do_some(house: House, period_id: str) -> None:
    """Of four jobs, do one, have the second set aside, leave the third alone and let the fourth fail once."""
    done, set_aside, _, late = await jobs_of(house, period_id)
    await try_job(house, done)
    with failing():
        for id in [set_aside] * jobs.MOST_FAILURES + [late]:
            await try_job(house, id)


async def work(house: House) -> None:
    """All that a worker does in this record, and its heartbeat."""
    await Pulse(house.db, "worker").beat()
    await do_all(house, "demo")
    await do_all(house, "tirage")
    await do_some(house, "demo-2")


# -- the intake ------------------------------------------------------------------------------------------------------


async def play(house: House) -> Record:
    """The whole intake; the record of what is in the database at its end."""
    first, second = house.operator(), house.operator()
    await first.sign_in(house.ready["operator"]["username"], house.ready["operator"]["password"])
    await house.command("operator", "add", STAFF, typed=f"{PASSWORD}\n")
    await second.sign_in(STAFF, PASSWORD)
    async with asyncio.TaskGroup() as group:
        present = group.create_task(house.stay_present())
        people = await house.come("demo", range(1, 14))
        people[1].silent = True
        await steer(first)
        async with asyncio.TaskGroup() as both:
            both.create_task(drawn(house, first))
            both.create_task(closed(house, second))
        await capped(house, second, people)
        present.cancel()
    await work(house)
    await part(first, second)
    return await last_moment(house)


async def steer(operator: Operator) -> None:
    """What an operator may do before anybody is called, looks and a refusal among it."""
    await operator.ask("GET", "/api/v1/operator/periods")
    await operator.ask("GET", "/api/v1/operator/periods/demo/figures?limit=2")
    await operator.ask("POST", "/api/v1/operator/periods/demo/arm", None, 409)
    await operator.set("PUT", "demo", "notice", text="Les appels commencent dans une minute.")
    await operator.set("PUT", "demo", "proof")
    await operator.set("DELETE", "demo", "proof")
    await operator.move("demo", "pause", "resume", "suspend", "resume")
    grant = {"username": "demo-00008", "factor": 1.5}
    await operator.ask("PUT", "/api/v1/operator/accommodations", grant)
    await operator.create("tirage-2", "demo", opens_at=FAR_AWAY, closes_at=FARTHER,
                          mode="draw", value_is=VALUE_IS)  # fmt: skip
    await operator.move("tirage-2", "announce")
    await operator.create("automne", "prtq-2016", opens_at="2099-09-01T08:30:00-04:00")
    await operator.set("PUT", "automne", "mode", mode="draw", value_is=VALUE_IS)


async def drawn(house: House, operator: Operator) -> None:
    """`tirage`: four entries and one who is late; the first drawn submits, two are called when it is paused."""
    now = now_ms()
    await operator.create("tirage", "demo", opens_at=rfc3339(now + 8_000), closes_at=FARTHER, cap=20, mode="draw",
                          entries_from=rfc3339(now - 1_000), value_is=VALUE_IS, most_live_tokens=2)  # fmt: skip
    await operator.move("tirage", "announce", "arm")
    people = await house.come("tirage", range(17, 21))
    frozen = sa.select(period.c.uid).where(period.c.id == "tirage", period.c.entries.is_not(None))
    await house.until_found(frozen, "entries are frozen")
    people += await house.come("tirage", [21])
    await operator.set("PUT", "tirage", "value", value="314159")
    first = await until(lambda: first_called(people), "the first is called", START_SECONDS)
    await first.submit()
    await house.until_found(live_tokens("tirage", 2), "two tokens are live again")
    await operator.move("tirage", "pause")


async def first_called(people: list[Person]) -> Person | None:
    for person in people:
        if await person.is_called():
            return person
    return None


def live_tokens(period_id: str, many: int) -> sa.Select[Any]:
    """Finds the period when so many of its tokens are live."""
    live = period.c.held - period.c.accepted
    return sa.select(period.c.uid).where(period.c.id == period_id, live == many)


async def closed(house: House, operator: Operator) -> None:
    """`demo-2`: two submit, two hold a token and one waits when an operator closes it."""
    await house.command(
        "period", "create", "demo-2", "--programme", "demo", "--opens-at", rfc3339(now_ms() + 8_000),
        "--closes-at", FARTHER, "--cap", "10", "--token-seconds", str(LONG_TOKEN_SECONDS), "--as", STAFF,
    )  # fmt: skip
    await operator.move("demo-2", "announce", "arm")
    await house.until_found(
        sa.select(period.c.uid).where(period.c.id == "demo-2", period.c.state == "open"), "demo-2 opens"
    )
    first, lawyer, bound, _ = await house.come("demo-2", [14, 15, 16, 22])
    await first.submit()
    await lawyer.submit("lawyer")
    await bound.sign_in()
    await house.until_found(live_tokens("demo-2", 2), "two tokens are live")
    await operator.set("PATCH", "demo-2", "pace", calls_per_minute=0)
    await house.come("demo-2", [23])
    await operator.set("PUT", "demo-2", "proof")
    await operator.set("PUT", "demo-2", "notice", text="La période se termine.")
    await operator.move("demo-2", "close")


async def capped(house: House, operator: Operator, people: list[Person]) -> None:
    """`demo`: called at last, once the second is parked; places come back by a leave and two lapses; the cap is met.

    Numbers are 1 to 13 in order: 1 and 7 to 11 submit, 3 and 4 lapse, 5 and 6 leave, 2 is parked and passed over, 12
    and 13 are drained.
    """
    parked = sa.select(figure.c.at).join(period, period.c.uid == figure.c.period)
    await house.until_found(parked.where(period.c.id == "demo", figure.c.parked > 0), "the second is parked")
    await people[4].leave()
    await operator.set("PATCH", "demo", "pace", calls_per_minute=240, most_live_tokens=50)
    await operator.set("DELETE", "demo", "notice")
    await people[3].sign_in()
    await until(people[5].is_called, "the sixth is called", START_SECONDS)
    await people[5].leave()
    await people[6].mistype(password=MISTYPED)  # made good by what follows
    for number in (1, 7, 8, 9, 10, 11):
        await people[number - 1].submit()
    await people[11].mistype(password=MISTYPED)
    await people[12].mistype(answers=[MISTYPED, MISTYPED])
    await house.until_found(
        sa.select(period.c.uid).where(period.c.id == "demo", period.c.state == "cap_reached"), "cap met"
    )


async def part(first: Operator, second: Operator) -> None:
    """One operator goes home, and somebody tries that name."""
    await second.ask("DELETE", "/api/v1/operator/session")
    wrong = {"username": STAFF, "password": MISTYPED}
    await second.ask("POST", "/api/v1/operator/session", wrong, 401)
    await first.ask("GET", "/api/v1/operator/periods/demo")


async def last_moment(house: House) -> Record:
    """The record, just after a leave of which no tick tells the line: the ticker has died, no other is there yet."""
    await asyncio.sleep(3)  # the journal is copied once a second
    house.kill_ticker()
    await house.people[-1].leave()
    return await house.db.read(recorded)


# -- the record ------------------------------------------------------------------------------------------------------


async def recorded(conn: AsyncConnection) -> Record:
    """Every row of every table, in one look."""
    version = await conn.execute(sa.text("select version_num from alembic_version"))
    tables = {}
    for table in metadata.sorted_tables:
        rows = await conn.execute(sa.select(table).order_by(*table.primary_key.columns))
        tables[table.name] = [
            {str(name): plain(value) for name, value in row._mapping.items()} for row in rows
        ]
    return {"alembic_version": version.scalar_one(), "tables": tables}


def plain(value: Any) -> Any:
    """A column's value as JSON has it, without this host's name."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value.replace(f"-{socket.gethostname()}-", "-host-") if isinstance(value, str) else value


def check(record: Record) -> None:
    """Raises Wrong for what the record should hold and does not."""
    tables = record["tables"]
    periods = {row["id"]: (row["state"], row["accepted"], row["held"]) for row in tables["period"]}
    facts: dict[str, tuple[Any, Any]] = {
        "the newest step": (record["alembic_version"], NEWEST_STEP),
        "empty tables": ([name for name, rows in tables.items() if not rows], []),
        "periods": (periods, {"demo": ("cap_reached", 6, 6), "demo-2": ("closed", 2, 4), "tirage": ("open", 1, 3),
                              "tirage-2": ("announced", 0, 0), "automne": ("draft", 0, 0)}),
        "audit lines": (values(tables, audit, "action"), ACTIONS),
        "tokens": (values(tables, token, "state"), {"live", "used", "lapsed", "left"}),
        "the journal": (values(tables, journal, "kind"), {"join", "leave", "entry", "drawn"}),
        "unheard leaves": (sum(row["unheard"] for row in tables["token"]), 1),
        "jobs": (sorted(row["state"] for row in tables["job"] if row["state"] != "done"),
                 ["set_aside", "staged", "staged"]),
        "calls that passed somebody over": (any(row["passed_over"] for row in tables["call"]), True),
        "operators": (len(tables["operator"]), 2),
        "sessions": ({row["role"] for row in tables["session"]}, {"candidate", "operator"}),
        "heartbeats": ({row["kind"] for row in tables["heartbeat"]}, {"web", "ticker", "worker"}),
    }  # fmt: skip
    for what, (found, wanted) in facts.items():
        if found != wanted:
            raise Wrong(f"{what}: {found} instead of {wanted}")


def values(tables: dict[str, list[Row]], table: sa.Table, column: str) -> set[Any]:
    return {row[column] for row in tables[table.name]}


def lines(record: Record) -> str:
    """The record as JSON, a row a line, so that two of them can be compared."""
    tables = ",\n".join(f"{json.dumps(name)}: {rows_of(rows)}" for name, rows in record["tables"].items())
    return f'{{"alembic_version": {json.dumps(record["alembic_version"])}, "tables": {{\n{tables}\n}}}}\n'


def rows_of(rows: list[Row]) -> str:
    return "[\n" + ",\n".join(f" {json.dumps(row, ensure_ascii=False)}" for row in rows) + "\n]"


async def make() -> Record:
    async with running() as house:
        record = await play(house)
    check(record)
    return record


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name(f"{RELEASE}.json")
    target.write_text(lines(asyncio.run(make())), encoding="utf-8")
    print(f"The record of release {RELEASE} is in {target}.")
