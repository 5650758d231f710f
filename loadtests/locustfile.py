"""The journeys of candidates and of whoever comes beside them, driven by Locust, also by several processes of it.

    locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000 --accounts-file FILE --shape intake
    locust ... --master --expect-workers 2        and, for each of the two: locust ... --worker --master-host HOST

One user takes one journey after another, each with a fresh account; several workers share the accounts out by turns.
What they saw goes to the master with Locust's own reports, so that a number that people of two workers have is found.
Importing Locust patches the standard library (gevent): nothing else may import this file. Statistics go by the name of
the step; the live feed has its own: `live connect`, `live first frame`, `live frame` (its age, by the server's clock).
Requests under way at the end are waited for (`--answer-seconds`); one that is never answered makes the exit status 1.
"""

import contextlib
import itertools
import json
import random
import time
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

import gevent
import msgspec
import websocket
from locust import FastHttpUser, LoadTestShape, between, constant, events, task
from locust.exception import StopUser

from loadtests.in_flight import InFlight
from loadtests.journey.accounts import read_accounts
from loadtests.journey.candidate import journey
from loadtests.journey.personas import FAMILY, MODEM_BYTES_PER_SECOND, phone, robot
from loadtests.journey.plan import Plan, draw
from loadtests.journey.preparing import newcomer, preparation, saving
from loadtests.journey.promises import instant
from loadtests.journey.states import FeedEvent, JourneyEnd, StepName
from loadtests.journey.steps import (
    Closed,
    Done,
    FeedFrame,
    HangUp,
    Journey,
    JourneyAnswer,
    Listen,
    Lost,
    Outcome,
    Reply,
    Request,
    Silence,
    Sleep,
    Step,
    WatchFeed,
)
from loadtests.load_run import LoadNews, LoadRun
from loadtests.people.pages import PageLinks
from loadtests.shapes import SHAPES, LoadShape, now_in

__all__ = ["Candidate", "Chosen", "Family", "Modem", "Newcomer", "Phone", "Robot", "Saver", "WatchingUser"]

HANDSHAKE_SECONDS = 30.0

AWAY = (OSError, websocket.WebSocketException)

REQUESTS = InFlight()
"""What this process has asked for and not been answered yet."""

SAVES = 5
"""How often a saver saves, before the next one comes."""

FULL_DAY = 86_400.0
"""A wait that no test outlasts: who comes once does not come again."""


@events.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    group = parser.add_argument_group("Candidates")
    group.add_argument(
        "--accounts-file", required=True, help="JSON with username, password, answers; - is stdin"
    )
    group.add_argument("--period", default="demo")
    group.add_argument(
        "--programme", default="demo", help="what newcomers register for, and savers have a draft of"
    )
    group.add_argument("--haste", type=float, default=30.0, help="how many times faster than people they act")
    group.add_argument("--plan-seed", type=int, default=None, help="the same seed gives the same plans")
    group.add_argument(
        "--shape", default="none", choices=["none", *SHAPES], help="of the load; see shapes.py"
    )
    group.add_argument("--scale", type=float, default=0.0, help="of the shape; 0 takes what two cores carry")
    group.add_argument(
        "--answer-seconds", type=float, default=10.0, help="for requests that are under way at the end"
    )
    group.add_argument("--report", default="", help="a file for the figures, as JSON")


@events.test_start.add_listener
def start(environment: Any, **_: Any) -> None:
    """Each worker takes every so-manieth account: no account is in two hands, but for the family's."""
    options = environment.parsed_options
    LoadRun.accounts = read_accounts(options.accounts_file)
    worker = getattr(environment.runner, "worker_index", None)
    LoadRun.rng = random.Random(None if options.plan_seed is None else f"{options.plan_seed} {worker}")
    LoadRun.next_account = (
        itertools.count(1) if worker is None else itertools.count(1 + worker, options.expect_workers)
    )


@events.test_stop.add_listener
def settle(environment: Any, **_: Any) -> None:
    """Wait for requests that are under way, before the figures are told: Locust itself forgets them."""
    under_way = REQUESTS.settle(environment.parsed_options.answer_seconds)
    LoadRun.tally.counts["in flight at the end"] += under_way.in_flight
    LoadRun.tally.counts["unanswered"] += under_way.unanswered


@events.report_to_master.add_listener
def report_to_master(client_id: str, data: dict[str, Any], **_: Any) -> None:
    """What was seen here since the last report, in what a worker sends anyway."""
    data["guichet"] = msgspec.to_builtins(LoadRun.news())


@events.worker_report.add_listener
def worker_report(client_id: str, data: dict[str, Any], **_: Any) -> None:
    """On the master: add what a worker saw."""
    if "guichet" not in data:
        return
    LoadRun.add(client_id, msgspec.convert(data["guichet"], LoadNews))


@events.quitting.add_listener
def finish(environment: Any, **_: Any) -> None:
    """Write the report; a broken promise or a request without an answer makes Locust exit with 1, which a refusal does
    not. A worker leaves it to the master."""
    if environment.parsed_options.worker:
        environment.process_exit_code = 0
        return
    if environment.runner is not None:
        environment.runner.stop()  # a signal comes here first; stopping settles what is under way
    broken = LoadRun.tally.broken()
    for sentence in broken[:20]:
        print(f"BROKEN {sentence}")
    print(f"candidates: {LoadRun.tally.line()}")
    counts = LoadRun.tally.counts
    print(f"in flight at the end: {counts['in flight at the end']}, never answered: {counts['unanswered']}")
    environment.process_exit_code = 1 if broken or counts["unanswered"] else 0
    if environment.parsed_options.report:
        Path(environment.parsed_options.report).write_text(json.dumps(LoadRun.figures()), encoding="utf-8")


class Chosen(LoadTestShape):
    """The shape that `--shape` names, `--scale` times as large. Without one, `--users` and `--spawn-rate` count.

    Each tick asks for those who have come by the next second: Locust looks at nothing else while it brings people in,
    so one that asked for all of them could not be ended before they are there.
    """

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        options: Any = self.runner.environment.parsed_options if self.runner else None
        if options is None:
            return None
        seconds = time.perf_counter() - self.start_time
        if options.run_time and seconds >= options.run_time:
            return None
        shape = SHAPES.get(options.shape)
        if shape is None:
            return options.num_users or 1, options.spawn_rate or 1.0
        return now_in(shape.stages, seconds, options.scale or shape.here)


class Guest(FastHttpUser):
    """One simulated person after another, at one place. What they do is their class's `way`."""

    abstract = True
    network_timeout = connection_timeout = HANDSHAKE_SECONDS
    wait_time = between(1, 3)
    """Before the next person: once the cap is reached a journey ends at the door."""

    def on_start(self) -> None:
        # The journey keeps its own cookies, as its browser would; Locust's must not add any.
        self.client.client.cookiejar = None
        self.base = str(self.host).rstrip("/")
        self.socket: websocket.WebSocket | None = None
        self.opened_at = 0.0

    def on_stop(self) -> None:
        self.hang_up()

    def plan(self) -> Plan:
        return draw(random.Random(LoadRun.rng.getrandbits(64)), self.environment.parsed_options.haste)

    def way(self) -> Journey:
        """A candidate's, with the next account. Raises StopUser when there is none left."""
        return self.way_of(next(LoadRun.next_account), self.plan())

    def way_of(self, index: int, plan: Plan) -> Journey:
        if LoadRun.accounts.count and index >= LoadRun.accounts.count:
            raise StopUser
        period = self.environment.parsed_options.period
        return journey(LoadRun.accounts.person(index), plan, time.monotonic, period=period, origin=self.base)

    @task
    def go(self) -> None:
        way = self.way()
        began = time.monotonic()
        try:
            step = next(way)
            while True:
                step = way.send(self.take(step))
        except StopIteration as arrived:
            self.ended(arrived.value, time.monotonic() - began)

    def ended(self, outcome: Outcome, seconds: float) -> None:
        LoadRun.tally.add(outcome)
        problem = RuntimeError(outcome.reason or "") if outcome.kind is JourneyEnd.FAILED else None
        self.fire("JOURNEY", outcome.kind, seconds * 1000, exception=problem)

    def fire(self, kind: str, name: str, milliseconds: float, length: int = 0, exception: Any = None) -> None:
        self.environment.events.request.fire(
            request_type=kind, name=name, response_time=milliseconds, response_length=length,
            exception=exception, context={},
        )  # fmt: skip

    def take(self, step: Step) -> Reply:
        match step:
            case Request():
                return self.request(step)
            case WatchFeed():
                return self.watch(step)
            case Listen():
                return self.listen(step.seconds)
            case HangUp():
                self.hang_up()
            case Sleep():
                gevent.sleep(step.seconds)
        return Done()

    def request(self, step: Request) -> Reply:
        LoadRun.tally.counts["requests"] += 1
        reply: Reply = REQUESTS.run(lambda: self.ask(step))
        return reply

    def ask(self, step: Request) -> Reply:
        body = None if step.json is None else json.dumps(step.json)
        headers = dict(step.headers) if body is None else step.headers | {"Content-Type": "application/json"}
        with self.client.request(
            step.method, step.path, name=step.name, data=body, headers=headers, catch_response=True
        ) as response:
            if not response.status_code:
                LoadRun.tally.counts["lost"] += 1
                response.failure(problem := getattr(response, "error", None) or "no answer")
                return Lost(str(problem))
            answer = read_answer(response)
            # An expected "no" is an answer like another; the journey says what is not in order.
            response.success() if answer.status < 500 else response.failure(f"{answer.status}")
        if step.name is StepName.JOIN and answer.status == 201:
            LoadRun.tally.counts["joins"] += 1
            LoadRun.joined_at.append(time.time())
        if answer.status >= 400 and isinstance(answer.body, dict):
            LoadRun.tally.codes[str(answer.body.get("code"))] += 1
        return answer

    def watch(self, step: WatchFeed) -> Reply:
        self.hang_up()
        began = time.perf_counter()
        try:
            self.socket = REQUESTS.run(lambda: self.shake_hands(step))
        except websocket.WebSocketBadStatusException as refusal:
            self.fire("WS", "live connect", (time.perf_counter() - began) * 1000, exception=refusal)
            return JourneyAnswer(refusal.status_code, {}, {})
        except AWAY as problem:
            LoadRun.tally.counts["lost"] += 1
            self.fire("WS", "live connect", (time.perf_counter() - began) * 1000, exception=problem)
            return Lost(str(problem))
        self.fire("WS", "live connect", (time.perf_counter() - began) * 1000)
        self.opened_at = time.perf_counter()
        LoadRun.tally.counts["sockets"] += 1
        LoadRun.sockets += 1
        LoadRun.most_sockets = max(LoadRun.most_sockets, LoadRun.sockets)
        return Done()

    def shake_hands(self, step: WatchFeed) -> websocket.WebSocket:
        return websocket.create_connection(
            self.base.replace("http", "ws", 1) + step.path,
            header=[f"{name}: {value}" for name, value in step.headers.items()],
            timeout=HANDSHAKE_SECONDS, suppress_origin=True, enable_multithread=False,
        )  # fmt: skip

    def listen(self, seconds: float) -> Reply:
        if self.socket is None:
            return Closed(1006)
        deadline = time.monotonic() + seconds
        try:
            while True:
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                opcode, data = self.socket.recv_data(control_frame=True)
                if opcode == websocket.ABNF.OPCODE_TEXT:
                    return self.frame(data)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    self.forget_socket()
                    return Closed(int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005)
        except websocket.WebSocketTimeoutException:
            return Silence()
        except AWAY:
            self.forget_socket()
            return Closed(1006)

    def frame(self, data: bytes) -> FeedFrame:
        body = json.loads(data)
        if body.get("type") == FeedEvent.DRAINED:
            LoadRun.drained_at.append(time.time())
        LoadRun.tally.counts["frames"] += 1
        if self.opened_at:
            milliseconds = (time.perf_counter() - self.opened_at) * 1000
            LoadRun.first_frame_ms.append(milliseconds)
            self.fire("WS", "live first frame", milliseconds, len(data))
            self.opened_at = 0.0
        else:
            age = max(0.0, time.time() - instant(body.get("server_time")))
            self.fire("WS", "live frame", age * 1000, len(data))
        return FeedFrame(body)

    def hang_up(self) -> None:
        if self.socket is not None:
            socket = self.socket
            self.forget_socket()
            with contextlib.suppress(*AWAY):
                socket.close(timeout=2)

    def forget_socket(self) -> None:
        self.socket = None
        LoadRun.sockets -= 1


class Candidate(Guest):
    """Goes the whole way."""

    weight = 40


class WatchingUser(Guest):
    """Waits like everybody, and does nothing when called."""

    weight = 4

    def plan(self) -> Plan:
        return msgspec.structs.replace(super().plan(), lapses=True, comes_back=False)


class Newcomer(Guest):
    """Comes weeks before: registers, confirms by the demo's mail, fills in the form. Where no mail is shown, nobody."""

    weight = 2

    def way(self) -> Journey:
        mail = f"{self.base}/demo/courriels.json?to=personne@exemple.invalid"
        with self.client.get(mail, name="mail?", catch_response=True) as answer:
            answer.success()
            if answer.status_code != 200:
                raise StopUser
        person = newcomer(f"locust-{LoadRun.rng.getrandbits(64):016x}")
        programme = self.environment.parsed_options.programme
        return preparation(person, self.plan(), time.monotonic, programme=programme, origin=self.base)


class Saver(Guest):
    """Has an account, and saves a section again and again in the last hour."""

    weight = 2

    def way(self) -> Journey:
        index = next(LoadRun.next_account)
        if LoadRun.accounts.count and index >= LoadRun.accounts.count:
            raise StopUser
        programme, person = self.environment.parsed_options.programme, LoadRun.accounts.person(index)
        return saving(person, self.plan(), time.monotonic, programme=programme, origin=self.base, times=SAVES)


class Phone(Guest):
    """Is refused for what it is, and says so to others: there is always another one."""

    weight = 3
    wait_time = between(5, 15)

    def way(self) -> Journey:
        period = self.environment.parsed_options.period
        return phone(self.plan(), period, self.base, time.monotonic, PageLinks())


class Robot(Guest):
    """Asks for number after number, and never looks at a page. Stays away from the drain: the numbers that it takes
    would hold the few places of a day that is to end."""

    fixed_count = 1

    def way(self) -> Journey:
        if self.environment.parsed_options.shape == LoadShape.DRAIN:
            raise StopUser
        return robot(self.plan(), self.environment.parsed_options.period, self.base)


class Family(Guest):
    """Seven browsers, one account: the first of all. One of them is accepted."""

    fixed_count = FAMILY
    wait_time = constant(FULL_DAY)

    def way(self) -> Journey:
        plan = msgspec.structs.replace(self.plan(), patience=None, lapses=False, gives_back=False)
        return self.way_of(0, plan)


class Modem(Guest):
    """A candidate whose line carries 56 kbit/s: what was not read yet is read later."""

    weight = 3

    def request(self, step: Request) -> Reply:
        gevent.sleep(weigh(step.headers, step.json) / MODEM_BYTES_PER_SECOND)
        reply = super().request(step)
        if isinstance(reply, JourneyAnswer):
            gevent.sleep(weigh(reply.headers, reply.body) / MODEM_BYTES_PER_SECOND)
        return reply

    def frame(self, data: bytes) -> FeedFrame:
        gevent.sleep(len(data) / MODEM_BYTES_PER_SECOND)
        return super().frame(data)


def weigh(headers: dict[str, str], body: Any) -> int:
    """Roughly how many bytes a message has."""
    size = sum(len(name) + len(text) + 4 for name, text in headers.items())
    return size + int(headers.get("content-length", 0) or len(json.dumps(body)))


def read_answer(response: Any) -> JourneyAnswer:
    """The parts of a response that a candidate looks at. A body that should be JSON and is not stays None."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = None
    if "json" in headers.get("content-type", "") and response.text:
        try:
            body = json.loads(response.text)
        except ValueError:
            body = None
    cookies: dict[str, str] = {}
    for line in response.headers.getlist("set-cookie"):
        try:
            parsed = SimpleCookie(line)
        except CookieError:
            continue
        cookies |= {
            name: "" if morsel["max-age"] == "0" else morsel.coded_value for name, morsel in parsed.items()
        }
    return JourneyAnswer(response.status_code, headers, cookies, body)
