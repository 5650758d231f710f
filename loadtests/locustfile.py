"""The journey of a candidate, driven by Locust: one user takes one journey after another, each with a fresh account.

    locust -f loadtests/locustfile.py --headless --host http://127.0.0.1:8000 --accounts-file FILE --shape intake

Importing Locust patches the standard library (gevent): nothing else may import this file. Statistics go by the name of
the step; the live feed has its own: `live connect`, `live first frame`, `live frame` (its age, by the server's clock).
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
import websocket
from locust import FastHttpUser, between, events, task
from locust.exception import StopUser

from loadtests.accounts import Accounts, read_accounts
from loadtests.candidate import journey
from loadtests.plan import draw
from loadtests.promises import Broken, instant
from loadtests.shapes import SHAPES, Chosen
from loadtests.steps import (
    Answer,
    Closed,
    Done,
    Frame,
    HangUp,
    Listen,
    Lost,
    Outcome,
    Reply,
    Request,
    Silence,
    Sleep,
    Step,
    Watch,
)
from loadtests.tally import Tally, best_rate, spread

__all__ = ["Candidate", "Chosen"]

HANDSHAKE_SECONDS = 30.0
AWAY = (OSError, websocket.WebSocketException)


class Run:
    """What all users of this process share: the accounts, and what was seen."""

    accounts: Accounts
    rng = random.Random()
    next_account = itertools.count()
    tally = Tally()
    joined_at: list[float] = []
    first_frame_ms: list[float] = []
    sockets = 0
    most_sockets = 0


@events.init_command_line_parser.add_listener
def options(parser: Any) -> None:
    group = parser.add_argument_group("Candidates")
    group.add_argument(
        "--accounts-file", required=True, help="JSON with username, password, answers; - is stdin"
    )
    group.add_argument("--period", default="demo")
    group.add_argument("--haste", type=float, default=30.0, help="how many times faster than people they act")
    group.add_argument("--plan-seed", type=int, default=None, help="the same seed gives the same plans")
    group.add_argument(
        "--shape", default="none", choices=["none", *SHAPES], help="of the load; see shapes.py"
    )
    group.add_argument("--report", default="", help="a file for the figures, as JSON")


@events.test_start.add_listener
def start(environment: Any, **_: Any) -> None:
    Run.accounts = read_accounts(environment.parsed_options.accounts_file)
    Run.rng = random.Random(environment.parsed_options.plan_seed)


@events.quitting.add_listener
def finish(environment: Any, **_: Any) -> None:
    """Write the report; a broken promise makes Locust exit with 1, which a refusal does not."""
    broken = Run.tally.broken()
    for sentence in broken[:20]:
        print(f"BROKEN {sentence}")
    print(f"candidates: {Run.tally.line()}")
    environment.process_exit_code = 1 if broken else 0
    report = {
        "outcomes": dict(Run.tally.kinds),
        "codes": dict(Run.tally.codes),
        "counts": dict(Run.tally.counts),
        "broken": broken,
        "joins_best_second": best_rate(Run.joined_at, 1.0),
        "joins_best_five_seconds": best_rate(Run.joined_at, 5.0),
        "most_sockets": Run.most_sockets,
        "first_frame_ms": spread(Run.first_frame_ms),
    }
    if environment.parsed_options.report:
        Path(environment.parsed_options.report).write_text(json.dumps(report), encoding="utf-8")


class Candidate(FastHttpUser):
    """One simulated person after another, at one place."""

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

    @task
    def apply(self) -> None:
        index = next(Run.next_account)
        if Run.accounts.count and index >= Run.accounts.count:
            raise StopUser
        parsed = self.environment.parsed_options
        plan = draw(random.Random(Run.rng.getrandbits(64)), parsed.haste)
        person = Run.accounts.person(index)
        way = journey(person, plan, time.monotonic, period=parsed.period, origin=self.base)
        began = time.monotonic()
        try:
            step = next(way)
            while True:
                step = way.send(self.take(step))
        except StopIteration as arrived:
            self.ended(arrived.value, time.monotonic() - began)

    def ended(self, outcome: Outcome, seconds: float) -> None:
        Run.tally.add(outcome)
        problem = Broken("journey", outcome.reason or "") if outcome.kind == "failed" else None
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
            case Watch():
                return self.watch(step)
            case Listen():
                return self.listen(step.seconds)
            case HangUp():
                self.hang_up()
            case Sleep():
                gevent.sleep(step.seconds)
        return Done()

    def request(self, step: Request) -> Reply:
        Run.tally.counts["requests"] += 1
        body = None if step.json is None else json.dumps(step.json)
        headers = dict(step.headers) if body is None else step.headers | {"Content-Type": "application/json"}
        with self.client.request(
            step.method, step.path, name=step.name, data=body, headers=headers, catch_response=True
        ) as response:
            if not response.status_code:
                Run.tally.counts["lost"] += 1
                response.failure(problem := getattr(response, "error", None) or "no answer")
                return Lost(str(problem))
            answer = read_answer(response)
            # An expected "no" is an answer like another; the journey says what is not in order.
            response.success() if answer.status < 500 else response.failure(f"{answer.status}")
        if step.name == "join" and answer.status == 201:
            Run.tally.counts["joins"] += 1
            Run.joined_at.append(time.monotonic())
        if answer.status >= 400 and isinstance(answer.body, dict):
            Run.tally.codes[str(answer.body.get("code"))] += 1
        return answer

    def watch(self, step: Watch) -> Reply:
        self.hang_up()
        began = time.perf_counter()
        try:
            self.socket = websocket.create_connection(
                self.base.replace("http", "ws", 1) + step.path,
                header=[f"{name}: {value}" for name, value in step.headers.items()],
                timeout=HANDSHAKE_SECONDS, suppress_origin=True, enable_multithread=False,
            )  # fmt: skip
        except websocket.WebSocketBadStatusException as refusal:
            self.fire("WS", "live connect", (time.perf_counter() - began) * 1000, exception=refusal)
            return Answer(refusal.status_code, {}, {})
        except AWAY as problem:
            Run.tally.counts["lost"] += 1
            self.fire("WS", "live connect", (time.perf_counter() - began) * 1000, exception=problem)
            return Lost(str(problem))
        self.fire("WS", "live connect", (time.perf_counter() - began) * 1000)
        self.opened_at = time.perf_counter()
        Run.tally.counts["sockets"] += 1
        Run.sockets += 1
        Run.most_sockets = max(Run.most_sockets, Run.sockets)
        return Done()

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

    def frame(self, data: bytes) -> Frame:
        body = json.loads(data)
        Run.tally.counts["frames"] += 1
        if self.opened_at:
            milliseconds = (time.perf_counter() - self.opened_at) * 1000
            Run.first_frame_ms.append(milliseconds)
            self.fire("WS", "live first frame", milliseconds, len(data))
            self.opened_at = 0.0
        else:
            age = max(0.0, time.time() - instant(body.get("server_time")))
            self.fire("WS", "live frame", age * 1000, len(data))
        return Frame(body)

    def hang_up(self) -> None:
        if self.socket is not None:
            socket = self.socket
            self.forget_socket()
            with contextlib.suppress(*AWAY):
                socket.close(timeout=2)

    def forget_socket(self) -> None:
        self.socket = None
        Run.sockets -= 1


def read_answer(response: Any) -> Answer:
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
    return Answer(response.status_code, headers, cookies, body)
