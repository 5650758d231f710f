"""What 5,073 payments by card cost: every event is sent twice, in random order, while the pages race (P15).

`make bench` runs it. The provider is the sandbox, with its webhooks, in this process; the service is two, as its
`Procfile` has them, and all three share the cores. The web process takes the webhooks over HTTP and asks for each
payment what the page asks to which the provider sends back; the worker asks the provider what became of each payment as
the tasks say. It does some at a time and finds them by itself: the doorbell is not in it. It ends when no task of
payment by card is left. Then everything is counted: one movement a payment, one file paid, two tasks staged for its
letters, none lost. The letters themselves are another figure.
"""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec
import sqlalchemy as sa
import structlog
import uvicorn
import uvloop
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from accounts.store import account
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.files.tasks import FileTask
from casework.payments.card import asking, charges, following
from casework.payments.card.hints import WebhookDoor
from casework.payments.card.port import ProviderAway
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.states import ChargeState
from casework.payments.card.store import charge, provider_event
from casework.payments.card.stripe_provider import StripeAccount, StripeProvider
from casework.payments.card.stripe_reading import API_VERSION
from casework.payments.store import movement
from config.demo.card_provider.behaviour import Behaviour
from config.demo.card_provider.server import Sandbox, SandboxSecrets, new_secrets, open_socket, url_of
from config.migrations import migrate
from config.processes.ticker import CHECKPOINT_SECONDS
from config.settings import PROGRAMMES
from config.wiring.payments import services_of
from foundation import outbox
from foundation.clock import now_ms
from foundation.mail import sealing
from foundation.sql.database import LONG_SECONDS, Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from quota.programmes import load_all
from server.problems import Problems
from submission import fees
from submission.fees import FeePerson
from submission.store import submission
from tests.bench.duplicates import identity_of
from tests.bench.people import the_period

PAYMENTS = 5_073

MOST_SECONDS = 60
"""On two cores, the provider's own work with it."""

TIMES = 2
"""Each event is sent so often."""

AT_ONCE = 24
"""Tasks, and pages, at work at a time."""

KEYS = ("a key of the benchmark that is long enough",)

DAY_MS = 86_400_000

t = outbox.task

WAITS = (
    sa.select(t.c.id, t.c.attempt)
    .where(
        t.c.state == sa.literal_column("'staged'"),
        t.c.kind == CardTask.HINT,
        t.c.due_at <= sa.bindparam("now"),
    )
    .order_by(t.c.due_at)
    .limit(AT_ONCE * 4)
)
"""What is due; in place of the doorbell."""


class RaceSetting(msgspec.Struct, frozen=True, kw_only=True):
    """What the service's process is told: the store, the provider and its secrets, its own socket."""

    database_url: str
    provider_url: str
    key: str
    webhook_secret: str
    socket: int


class RaceRole(StrEnum):
    """The service's processes, as the `Procfile` has them."""

    WEB = "web"
    """Takes the webhooks and answers the pages."""
    WORKER = "worker"
    """Does the tasks."""


class RaceSide(NamedTuple):
    """One of them, at the other end of two pipes."""

    process: asyncio.subprocess.Process

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word.encode() + b"\n")

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode().strip()

    async def hears(self, word: bytes) -> None:
        """Raises SystemExit for one that says something else, such as nothing because it ended."""
        if (await self.line()).encode() != word:
            raise SystemExit("a process of the service ended by itself")


async def _side(role: RaceRole, many: int, setting: "RaceSetting") -> RaceSide:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.payments", "--serve", role, str(many),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, pass_fds=(setting.socket,),
    )  # fmt: skip
    side = RaceSide(process)
    side.say(msgspec.json.encode(setting).decode())
    return side


class RaceCount(msgspec.Struct, frozen=True, kw_only=True):
    """What there is afterwards: rows of each kind, and the cents of all movements."""

    movements: int
    cents: int
    paid_charges: int
    paid_files: int
    letters: int
    events: int
    failures: int


def services_at(setting: RaceSetting) -> CardServices:
    """Payment by card with this provider."""
    programmes = load_all(PROGRAMMES)
    key = StripeAccount(
        key=setting.key,
        webhook_secret=setting.webhook_secret,
        api_version=API_VERSION,
        base=setting.provider_url,
    )
    return CardServices(
        payments=services_of(programmes, KEYS, "http://guichet.test"), provider=StripeProvider(key),
        pages=setting.provider_url, public_url="http://guichet.test",
    )  # fmt: skip


async def files(conn: AsyncConnection, many: int, sandbox: Sandbox) -> int:
    """So many submitted files, each with a page that was paid on just now; the fee of one."""
    period, now = await the_period(conn, many), now_ms()
    fee = fees.fixed(load_all(PROGRAMMES)["demo"], {FeePerson.PRINCIPAL: 1}, now)
    assert fee is not None
    numbers = range(1, many + 1)
    identity = msgspec.json.encode(identity_of(1)).decode()
    people = [{"username": f"essai-{n}", "password_hash": "x", "answers_hash": "x", "questions": "[]",
               "created_at": 0, "identity": identity} for n in numbers]  # fmt: skip
    await conn.execute(sa.insert(account), people)
    rows = [{"id": n, "receipt": f"R-{n}", "period": period.uid, "rank": n, "number": n, "account": n, "person": str(n),
             "submitted_at": now, "pay_by": now + 30 * DAY_MS, "capacity": "candidate", "device": "{}", "content": "{}",
             "status": "submitted", "fee": fees.written(fee)} for n in numbers]  # fmt: skip
    await conn.execute(sa.insert(submission), rows)
    tried = [await _paid(sandbox, n, fee.cents, now) for n in numbers]
    await conn.execute(sa.insert(charge), tried)
    return fee.cents


async def _paid(sandbox: Sandbox, number: int, cents: int, now: int) -> dict[str, Any]:
    reference, until = f"{number:032x}", now + 3_600_000
    line = {"quantity": "1", "price_data": {"unit_amount": str(cents), "currency": "cad"}}
    page = sandbox.bank.order(
        {"mode": "payment", "line_items": {"0": line}, "client_reference_id": reference,
         "metadata": {"charge": reference}, "expires_at": str(until // 1000)},
        "http://127.0.0.1",
    )  # fmt: skip
    sandbox.bank.succeed(page, sandbox.bank._intent(page))
    return {"reference": reference, "submission": number, "serial": 1, "provider": "stripe", "state": ChargeState.OPEN,
            "cents": cents, "began_at": now, "expires_at": until, "actor": "essai", "session": page["id"]}  # fmt: skip


class RaceService:
    """The service's side: the door for webhooks, a worker, and the pages that people come back to."""

    def __init__(self, db: Database, services: CardServices) -> None:
        self.db, self.services = db, services
        self.outside: dict[str, outbox.OutsideEffect] = {CardTask.HINT: following.hinted(services, 30_000)}
        self.returned = 0
        self.told = asyncio.Event()

    def app(self) -> Starlette:
        """What is served."""
        problems = Problems("http://guichet.test")
        return Starlette(
            routes=WebhookDoor(self.db, self.services).routes(), exception_handlers=problems.handlers()
        )

    async def run(self, many: int) -> None:
        """Both sides in one process."""
        await asyncio.gather(self.pages(many), self.works())

    async def works(self) -> None:
        """The worker's side: until every webhook was taken (`told`) and every task is done."""
        folding = asyncio.create_task(self._folds())
        while not await self._works() or not self.told.is_set():
            await asyncio.sleep(0.01)
        while not await self._works():
            await asyncio.sleep(0.01)
        folding.cancel()
        await asyncio.gather(folding, return_exceptions=True)

    async def _folds(self) -> None:
        """What the ticker does: without it SQLite's log grows, and every read with it."""
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            await self.db.checkpoint()

    async def _works(self) -> bool:
        """Do what is due, some at a time; whether nothing was."""
        due = (await self.db.read(lambda conn: conn.execute(WAITS, {"now": now_ms()}))).all()
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(id: int, attempt: int) -> None:
            async with turn:
                await outbox.perform(self.db, {}, id, attempt, outside=self.outside)

        await asyncio.gather(*(one(row.id, row.attempt) for row in due))
        return not due

    async def pages(self, many: int) -> None:
        """Everybody comes back, in an order of their own, while the news come in."""
        numbers, turn = list(range(1, many + 1)), asyncio.Semaphore(AT_ONCE // 4)
        random.shuffle(numbers)

        async def back(number: int) -> None:
            async with turn:
                found = (await self.db.read(lambda conn: charges.of_file(conn, number)))[-1]
                if found.is_under_way:
                    self.returned += 1
                    with contextlib.suppress(ProviderAway):
                        await asking.ask_and_hear(self.db, self.services, found)

        await asyncio.gather(*map(back, numbers))


async def counted(db: Database) -> RaceCount:
    """Everything that came of it."""

    async def read(conn: AsyncConnection) -> RaceCount:
        async def number(what: Any, *where: sa.ColumnElement[bool]) -> int:
            return int((await conn.execute(sa.select(what).where(*where))).scalar_one() or 0)

        count, letters = sa.func.count, (FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING)
        return RaceCount(
            movements=await number(count(movement.c.id)),
            cents=await number(sa.func.sum(movement.c.cents)),
            paid_charges=await number(count(charge.c.id), charge.c.state == ChargeState.PAID),
            paid_files=await number(count(file_event.c.id), file_event.c.kind == FileEventKind.PAID),
            letters=await number(count(t.c.id), t.c.kind.in_(letters)),
            events=await number(count(provider_event.c.id)),
            failures=await number(sa.func.sum(t.c.failures)),
        )

    return await db.read(read)


def right(many: int, cents: int) -> RaceCount:
    """What there has to be: one effect each, none lost."""
    return RaceCount(
        movements=many, cents=many * cents, paid_charges=many, paid_files=many, letters=2 * many, events=2 * many,
        failures=0,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def a_provider(
    many: int, url: str, webhooks: str
) -> AsyncIterator[tuple[Sandbox, SandboxSecrets, str, int]]:
    """The provider with so many payments whose news it still holds; its secrets, its address, the fee of one."""
    given, at = new_secrets(), open_socket()
    sandbox = Sandbox(given, API_VERSION, webhooks)
    sandbox.deliveries.behaviour = Behaviour(is_held=True)
    db = Database(url)
    cents = await db.write(lambda conn: files(conn, many, sandbox), LONG_SECONDS)
    await db.close()
    async with sandbox.serving(at) as where:
        yield sandbox, given, where, cents


async def send(sandbox: Sandbox) -> None:
    """Everything that is held, each of it twice, in random order, until it is taken."""
    told = sandbox.deliveries.held * TIMES
    random.shuffle(told)
    sandbox.deliveries.behaviour = Behaviour()
    for event in told:
        sandbox.deliveries.send(event)
    await sandbox.deliveries.quiet()


async def race_here(many: int, url: str) -> tuple[RaceCount, int]:
    """The whole race in one process and loop; what came of it, and the fee of one. The store is migrated."""
    with open_socket() as at:
        async with a_provider(many, url, f"{url_of(at)}/webhooks/stripe") as (sandbox, given, where, cents):
            setting = RaceSetting(
                database_url=url,
                provider_url=where,
                key=given.key,
                webhook_secret=given.webhook_secret,
                socket=0,
            )
            db = Database(url)
            service = RaceService(db, services_at(setting))
            server = uvicorn.Server(
                uvicorn.Config(service.app(), log_config=None, access_log=False, lifespan="off")
            )
            served = asyncio.create_task(server.serve(sockets=[at]))
            running = asyncio.create_task(service.run(many))
            await send(sandbox)
            service.told.set()
            await running
            server.should_exit = True
            await served
            found = await counted(db)
            await db.close()
            return found, cents


async def race_apart(many: int, url: str) -> tuple[float, RaceCount, int, str]:
    """The same with the service in two processes of its own: seconds, what came of it, the fee of one, their notes."""
    with open_socket() as at:
        at.listen(1_024)
        at.set_inheritable(True)
        async with a_provider(many, url, f"{url_of(at)}/webhooks/stripe") as (sandbox, given, where, cents):
            setting = RaceSetting(
                database_url=url, provider_url=where, key=given.key, webhook_secret=given.webhook_secret,
                socket=at.fileno(),
            )  # fmt: skip
            sides = [await _side(role, many, setting) for role in RaceRole]
            for side in sides:
                await side.hears(b"ready")
            began = time.perf_counter()
            for side in sides:
                side.say("go")
            await send(sandbox)
            for side in sides:
                side.say("told")
            said = [await side.line() for side in sides]
            took = time.perf_counter() - began
            for side in sides:
                await side.process.wait()
    db = Database(url)
    found = await counted(db)
    await db.close()
    return took, found, cents, "; ".join(said)


async def serve(role: RaceRole, many: int) -> None:
    """A process of the service's: told by its input, it says when it is ready and when its side is done."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    setting = msgspec.json.decode(await asyncio.to_thread(sys.stdin.buffer.readline), type=RaceSetting)
    db = Database(setting.database_url)
    service = RaceService(db, services_at(setting))
    if role is RaceRole.WEB:
        await _serve_web(service, setting.socket, many)
    else:
        await _serve_worker(service)
    await db.close()


async def _told(what: str = "") -> None:
    """Say this, and wait for the next line."""
    if what:
        print(what, flush=True)
    await asyncio.to_thread(sys.stdin.buffer.readline)


def _processor() -> str:
    times = os.times()
    return f"{times.user + times.system:.1f} s of processor"


async def _serve_web(service: RaceService, socket: int, many: int) -> None:
    config = uvicorn.Config(service.app(), fd=socket, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    served = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    await _told("ready")
    pages = asyncio.create_task(service.pages(many))
    await _told()
    await pages
    print(f"{service.returned:,} of {many:,} pages quicker than the news, web {_processor()}", flush=True)
    server.should_exit = True
    await served


async def _serve_worker(service: RaceService) -> None:
    await _told("ready")
    working = asyncio.create_task(service.works())
    await _told()
    service.told.set()
    await working
    print(f"worker {_processor()}", flush=True)


async def bare(many: int) -> float:
    """Seconds to send as many webhooks to a handler that reads and takes each."""
    from aiohttp import web

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    app, at = web.Application(), open_socket()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, at).start()
    began, turn = time.perf_counter(), asyncio.Semaphore(16)
    async with aiohttp.ClientSession() as http:

        async def one() -> None:
            async with turn, http.post(url_of(at), data=b"x" * 900):
                pass

        await asyncio.gather(*(one() for _ in range(many * 2 * TIMES)))
    took = time.perf_counter() - began
    await runner.cleanup()
    return took


def run(many: int = PAYMENTS) -> Found:
    """Once on SQLite; some minutes with the making of the files."""
    sealing.seal_with(KEYS)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        asyncio.run(migrate(url))
        took, found, cents, said = asyncio.run(race_apart(many, url))
    wrong = "" if found == right(many, cents) else f"{found} instead of {right(many, cents)}"
    assert not wrong, wrong
    figures = [
        Figure(what=f"{many:,} payments, each event twice and in any order, the pages racing", value=took, unit="s",
               most=MOST_SECONDS * many / PAYMENTS),
        Figure(what="a webhook, with its payment read and settled", value=took / (many * 2 * TIMES) * 1000, unit="ms"),
        Figure(what="the same webhooks to a handler that takes each and does nothing", value=asyncio.run(bare(many)),
               unit="s"),
    ]  # fmt: skip
    return Found(figures, {"pages": said, "counted": f"{found.movements:,} movements, {found.paid_files:,} files paid",
                           "cores": f"{os.cpu_count()}"})  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        sealing.seal_with(KEYS)
        uvloop.run(serve(RaceRole(sys.argv[2]), int(sys.argv[3])))
    else:
        sys.exit(measure({"payments": run}, sys.argv[1:]))
