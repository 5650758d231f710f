"""The parts of a rehearsal that need no service: who comes when, what is counted, what is read off the wire."""

import asyncio
import random
import re
from collections import Counter

import pytest

from config.cli import main
from config.rehearsal.options import RehearsalOptions
from config.rehearsal.report import drain_seconds
from loadtests.bench.picture import apart
from loadtests.journey.personas import (
    FAMILY,
    accounts,
    families,
    kind_of,
    order_of_arrival,
    persona,
    phone,
    robot,
    robots,
)
from loadtests.journey.plan import Plan
from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.journey.steps import Done, HangUp, JourneyAnswer, Outcome, Request
from loadtests.people import fairness, wire
from loadtests.people.fairness import Decile, Passing, SeenCall, Stretch
from loadtests.people.scale import ARRIVED, LEAST_TOKEN_SECONDS, arrival, processes, scaled
from loadtests.people.witness import MARKED_SECONDS, UNSEEN_SECONDS, Presence, Stay, Witness
from loadtests.shapes import SHAPES, LoadShape, now_in
from tests.support.places import ROOT

FOREVER = float("inf")

PASSED: dict[str, tuple[list[tuple[float, int]], list[tuple[float, float, int]], int]] = {
    "in order": ([(1, 1), (2, 2)], [(0, FOREVER, 1), (0, FOREVER, 2)], 0),
    "the lower one was there": ([(1, 2), (2, 1)], [(0, FOREVER, 1), (0, FOREVER, 2)], 1),
    "never called, and there": ([(1, 2)], [(0, FOREVER, 1)], 1),
    "the lower one had gone": ([(1, 2)], [(0, 0.5, 1)], 0),
    "the lower one came later": ([(1, 2)], [(1.5, FOREVER, 1)], 0),
    "came in the very instant": ([(1, 2)], [(1, FOREVER, 1)], 0),
    "left in the very instant": ([(1, 2)], [(0, 1, 1)], 0),
    "called in the same call": ([(1, 2), (1, 1)], [(0, FOREVER, 1), (0, FOREVER, 2)], 0),
    "away in between, twice passed": ([(2, 5), (4, 6), (6, 7)], [(0, 1, 3), (3, 5, 3), (5.5, 9, 3)], 2),
    "higher ones do not count": ([(1, 1)], [(0, FOREVER, n) for n in range(2, 50)], 0),
    "each of many": ([(1, 50)], [(0, FOREVER, n) for n in range(1, 50)], 49),
}


@pytest.mark.parametrize("how", list(PASSED))
def test_who_was_passed_is_counted(how: str) -> None:
    """Pairs of somebody called and somebody present with a lower number: all of them, and no others."""
    calls, stretches, pairs = PASSED[how]
    found = fairness.passed(
        [SeenCall(at, number) for at, number in calls], [Stretch(*one) for one in stretches]
    )
    assert sum(one.many for one in found) == pairs


def test_the_one_who_was_passed_is_named() -> None:
    """The lowest of those who were there."""
    stretches = [Stretch(0, FOREVER, n) for n in (9, 4, 7)]
    assert fairness.passed([SeenCall(1, 8)], stretches) == [Passing(SeenCall(1, 8), 4, 2)]


def test_the_quick_counts_are_the_plain_ones() -> None:
    """Random days: the same as comparing every pair with every other."""
    rng = random.Random(7)
    for _ in range(60):
        numbers = rng.sample(range(1, 60), 20)
        calls = [SeenCall(rng.randrange(30), number) for number in numbers[:12]]
        called = {call.number: call.at for call in calls}
        stretches = [
            Stretch(since := rng.randrange(25), since + rng.randrange(1, 9), n) for n in numbers for _ in "a"
        ]
        plain = sum(
            n < call.number and since < call.at < min(until, called.get(n, FOREVER))
            for call in calls
            for since, until, n in stretches
        )
        assert sum(one.many for one in fairness.passed(calls, stretches)) == plain
        order = [call.number for call in calls]
        pairs = [(a, b) for at, a in enumerate(order) for b in order[at + 1 :]]
        assert fairness.inversions(order) == sum(a > b for a, b in pairs)


@pytest.mark.parametrize(
    ("joins", "wrong"),
    [
        ([], []),
        ([(0, 1, 1), (2, 3, 2)], []),
        ([(0, 1, 2), (2, 3, 1)], [(2, 1)]),
        ([(0, 5, 2), (2, 3, 1)], []),
        ([(0, 1, 7), (0, 1, 3), (2, 3, 5)], [(7, 5)]),
        ([(0, 2, 7), (2, 3, 5)], []),
    ],
)
def test_a_later_join_has_a_higher_number(
    joins: list[tuple[float, float, int]], wrong: list[tuple[int, int]]
) -> None:
    """Only joins that did not overlap have an order (P1)."""
    assert fairness.late_numbers(joins) == wrong


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, 0.0),
        ([3.0], 0.99, 3.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 3.0),
        ([*map(float, range(100))], 0.99, 99.0),
    ],
)
def test_parts_of_values(values: list[float], share: float, expected: float) -> None:
    """Percentiles of ascending values, and the same of counted ones."""
    assert fairness.part(values, share) == expected
    counts = Counter(int(value) for value in values)
    assert fairness.part_of_counts(dict(counts), share) == (int(expected) if values else None)


def test_waits_by_tenths_follow_the_numbers() -> None:
    """Ten parts in the order of the numbers, with their least, median and longest wait; fewer for few people."""
    tenths = fairness.deciles([(number, float(number)) for number in range(1, 101)])
    assert len(tenths) == 10
    assert tenths[0] == Decile(1, 10, 1.0, 6.0, 10.0)
    assert tenths[-1].most == 100.0
    assert fairness.deciles([(5, 1.0)]) == [Decile(5, 5, 1.0, 1.0, 1.0)]
    assert fairness.deciles([]) == []


@pytest.mark.parametrize(
    ("people", "cap", "time_scale", "cores", "pace", "token"),
    [
        (60_000, 5073, 20.0, 2, 600, 30),
        (60_000, 5073, 1.0, 2, 30, 600),
        (60_000, 5073, 40.0, 2, 600, 15),
        (60_000, 5073, 40.0, 8, 1200, 15),
        (300, 30, 1000.0, 2, 600, LEAST_TOKEN_SECONDS),
        (20, 1, 0.1, 1, 3, 6000),
    ],
)
def test_times_are_scaled_as_far_as_a_machine_allows(
    people: int, cap: int, time_scale: float, cores: int, pace: int, token: int
) -> None:
    """The pace ends where the hashes would fill the cores, the token where a queue would outlast it."""
    scale = scaled(people, cap, time_scale, cores)
    assert (scale.calls_per_minute, scale.token_seconds) == (pace, token)
    assert scale.pace_scale <= time_scale * 1.01
    assert scale.arrive_seconds < scale.expected_seconds < scale.most_seconds


def test_sixty_thousand_take_some_ten_minutes() -> None:
    """The defaults, on two cores: between eight and fifteen minutes."""
    assert 8 * 60 < scaled(60_000, 5073, 20.0, 2).expected_seconds < 15 * 60


@pytest.mark.parametrize(("people", "count"), [(1, 1), (15_000, 1), (15_001, 2), (60_000, 4)])
def test_processes_hold_what_the_open_files_allow(people: int, count: int) -> None:
    assert processes(people) == count


def test_people_come_as_at_an_opening() -> None:
    """Half of them in the first tenth of the day, the last at six tenths; never backwards."""
    instants = [arrival(share / 1000, 1000.0) for share in range(1001)]
    assert instants == sorted(instants)
    assert instants[0] == 0.0
    assert instants[500] == pytest.approx(100.0)
    assert instants[-1] == pytest.approx(1000.0 * ARRIVED[-1][1])


def test_everybody_comes_once_and_families_early() -> None:
    """The order is one of everybody, the same for the same seed, another for another."""
    people = 6_000
    places = order_of_arrival(people, 1)
    assert sorted(places) == list(range(people))
    assert places == order_of_arrival(people, 1)
    assert places != order_of_arrival(people, 2)
    assert all(place < people // 20 for place in places[: FAMILY * families(people)])


def test_the_same_seed_draws_the_same_people() -> None:
    """A person hangs on the seed and the index alone, not on which process plays them."""
    scale = scaled(3_000, 250, 20.0, 2)
    places = order_of_arrival(scale.people, 5)
    some = [persona(index, places[index], scale, 5) for index in range(0, 3_000, 3)]
    again = [persona(index, places[index], scale, 5) for index in range(0, 3_000, 3)]
    assert some == again
    assert some != [persona(index, places[index], scale, 6) for index in range(0, 3_000, 3)]


def test_kinds_come_in_their_shares() -> None:
    """One family of seven on one account, robots behind shared addresses, and an account for two in three."""
    people = 3_000
    scale = scaled(people, 250, 20.0, 2)
    places = order_of_arrival(people, 1)
    everybody = [persona(index, places[index], scale, 1) for index in range(people)]
    kinds = Counter(who.kind for who in everybody)
    assert kinds[PersonaKind.FAMILY] == FAMILY
    assert kinds[PersonaKind.ROBOT] == robots(people) == 3
    assert (kinds[PersonaKind.PHONE], kinds[PersonaKind.WATCHER], kinds[PersonaKind.MODEM]) == (120, 90, 60)
    assert {who.account for who in everybody if who.kind == "family"} == {0}
    assert all(who.account != 0 for who in everybody if who.kind != "family")
    assert len({who.account for who in everybody}) == pytest.approx(accounts(people), rel=0.02)
    assert len({who.place for who in everybody if who.kind == "robot"}) == 1
    assert kind_of(people - 1, people) == "candidate"


def good(code: int, **body: object) -> JourneyAnswer:
    kind = "application/problem+json" if code >= 400 else "application/json"
    return JourneyAnswer(code, {"x-request-id": "1", "content-type": kind, "retry-after": "1"}, {}, body)


NO = {
    "type": "/refus/device_refused",
    "title": "Non",
    "detail": "Non",
    "status": 403,
    "code": "device_refused",
}

REFUSED = JourneyAnswer(403, {"x-request-id": "1", "content-type": "application/problem+json"}, {}, NO)


@pytest.mark.parametrize(
    ("reply", "ends"),
    [
        (REFUSED, Outcome(kind=JourneyEnd.TURNED_AWAY, code="device_refused")),
        (
            good(201, number=4),
            Outcome(kind=JourneyEnd.FAILED, reason="DV-02: a telephone was answered with 201 None"),
        ),
        (
            good(403),
            Outcome(
                kind=JourneyEnd.FAILED,
                reason="P9: the refusal of phone lacks type, title, detail, status, code",
            ),
        ),
    ],
)
def test_a_phone_is_refused_or_a_promise_is_broken(reply: JourneyAnswer, ends: Outcome) -> None:
    """Whatever else a telephone is told breaks DV-02."""
    way = phone(Plan(key="k" * 32), "demo", "http://127.0.0.1")
    assert isinstance(next(way), Request)
    with pytest.raises(StopIteration) as over:
        way.send(reply)
    assert over.value.value == ends


def test_a_robot_asks_under_another_key_each_time() -> None:
    """It never looks at a page, and nothing it is told stops it before its end."""
    way = robot(Plan(), "demo", "http://127.0.0.1", joins=5)
    step, keys = next(way), []
    while not isinstance(step, HangUp):
        if isinstance(step, Request):
            keys.append(step.headers["Idempotency-Key"])
            step = way.send(good(429))
        else:
            step = way.send(Done())
    assert len(set(keys)) == 5


def test_a_stretch_of_presence_is_what_is_certain() -> None:
    """A silence ends it at the last sign; after a reconnection it begins only when the service has marked for sure."""
    stay = Stay(number=1, asked=0.0, told=100.0, fresh=True)
    presence = Presence(stay)
    presence.seen(120.0)
    presence.seen(120.0 + UNSEEN_SECONDS + 1)
    presence.end(200.0)
    presence.seen(300.0, surely=False)
    presence.end(320.0)
    presence.seen(400.0, surely=False)
    presence.end(401.0)
    assert stay.present == [(100.0, 120.0), (166.0, 200.0), (300.0 + MARKED_SECONDS, 320.0)]


def test_names_beside_lines_do_not_lie_on_each_other() -> None:
    """Each is moved down just as far as needed."""
    assert apart([100.0, 20.0, 102.0]) == [100.0, 20.0, 115.0]


@pytest.mark.parametrize(
    ("seconds", "scale", "expected"),
    [
        (0.0, 1.0, (1_000, 1_000.0)),
        (29.5, 1.0, (30_500, 1_000.0)),
        (59.9, 1.0, (60_000, 1_000.0)),
        (119.0, 0.01, (600, 10.0)),
        (0.0, 0.0001, (1, 1.0)),
        (120.0, 1.0, None),
    ],
)
def test_a_stampede_is_sixty_thousand_in_a_minute(
    seconds: float, scale: float, expected: tuple[int, float] | None
) -> None:
    """A thousand a second, step by step, at any size; then it is over."""
    assert now_in(SHAPES[LoadShape.STAMPEDE].stages, seconds, scale) == expected


def test_shapes_grow_as_fast_as_they_say() -> None:
    """From one second to the next no shape asks for more people than come in one."""
    for shape in SHAPES.values():
        before = 0
        for second in range(int(shape.stages[-1][0])):
            at_that = now_in(shape.stages, float(second))
            assert at_that is not None
            people, rate = at_that
            assert people - before <= rate * 1.01 + 1
            before = people


def test_the_rehearsal_has_the_options_of_the_contract() -> None:
    """Each option, and its default where it has one; the same defaults in the command and in what it calls."""
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"`guichet rehearse ([^`]*)`", text)
    documented = dict(re.findall(r"\[(--[a-z-]+) ?([^\]]*)\]", row))
    options = {option.opts[0]: option for option in main.commands["rehearse"].params}
    assert set(documented) == set(options)
    for name in ("--people", "--cap", "--time-scale", "--seed", "--period"):
        default = options[name].default
        assert (f"{default:g}" if isinstance(default, float) else str(default)) == documented[name]
        assert getattr(RehearsalOptions(), name.removeprefix("--").replace("-", "_")) == default


class FrameEar:
    """An owner that writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def answered(self, answer: JourneyAnswer) -> None:
        self.heard.append(answer)

    def opened(self) -> None:
        self.heard.append("open")

    def received(self, text: bytes) -> None:
        self.heard.append(text)

    def ended(self, line: wire.ClientConnection, code: int) -> None:
        self.heard.append(code)


ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
    b"Set-Cookie: visitor=v.1; Path=/; HttpOnly\r\nSet-Cookie: old=x; Max-Age=0\r\nX-Request-ID: 7\r\n\r\n"
    b'{"a": 1}'
)

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_answer_is_read_however_it_comes(step: int) -> None:
    """Byte by byte or at once: status, headers in lower case, cookies and those that are taken back, the JSON."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    for at in range(0, len(ANSWER), step):
        line.data_received(ANSWER[at : at + step])
    (answer,) = ear.heard
    assert isinstance(answer, JourneyAnswer)
    assert (answer.status, answer.cookies, answer.body) == (201, {"visitor": "v.1", "old": ""}, {"a": 1})
    assert answer.headers["x-request-id"] == "7"


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_frames_are_read_however_they_come(step: int) -> None:
    """After the handshake: short and long texts, and the code of the close."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    long = b"x" * 300
    close = bytes((0x88, 2)) + (4401).to_bytes(2, "big")
    data = (
        UPGRADED + bytes((0x81, 2)) + b"{}" + bytes((0x81, 126)) + len(long).to_bytes(2, "big") + long + close
    )
    for at in range(0, len(data), step):
        line.data_received(data[at : at + step])
    line.connection_lost(None)
    assert ear.heard == ["open", b"{}", long, 4401]


def test_what_is_cut_off_says_so() -> None:
    """A line that ends without a close frame is broken (1006)."""
    ear = FrameEar()
    line = wire.ClientConnection(ear)
    line.data_received(UPGRADED)
    line.connection_lost(None)
    assert ear.heard == ["open", 1006]


def test_a_client_masks_what_it_sends() -> None:
    """RFC 6455 closes on whoever does not; unmasked it is the payload again."""
    frame = wire.masked(0x9, b"abcdef")
    key, body = frame[2:6], frame[6:]
    assert frame[:2] == bytes((0x89, 0x86))
    assert bytes(byte ^ key[at % 4] for at, byte in enumerate(body)) == b"abcdef"


async def test_a_modem_reads_no_faster_than_its_line() -> None:
    """1,400 bytes take two tenths of a second at 7,000 a second, however fast they were sent; none is lost."""

    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER * 8)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        served.set()

    ear, loop = FrameEar(), asyncio.get_running_loop()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        began = loop.time()
        _, line = await loop.create_connection(lambda: wire.SlowConnection(ear, 7_000), "127.0.0.1", port)
        while not ear.heard:
            await asyncio.sleep(0.01)
        assert loop.time() - began >= len(ANSWER * 8) / 7_000
        line.close()
        await served.wait()


def drained(present: list[tuple[float, float]], at: float) -> Witness:
    """Somebody who was present in these stretches, and whom the feed told the end at this moment."""
    stay = Stay(number=1, asked=0.0, told=0.0, fresh=True, present=present)
    return Witness(index=0, kind=PersonaKind.CANDIDATE, account=0, came=0.0, stays=[stay], drained=at)


def test_a_drain_is_of_those_who_stood_in_line_when_the_last_place_was_taken() -> None:
    """Whoever was away hears of it on coming back: that is not the service's time."""
    here, away = drained([(1.0, 101.5)], 101.5), drained([(1.0, 60.0), (150.0, 151.0)], 151.0)
    assert drain_seconds([here, away], 100_000) == 1.5
    assert drain_seconds([away], 100_000) is None
    assert drain_seconds([here], None) is None
