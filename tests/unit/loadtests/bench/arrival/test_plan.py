"""A journey asks for everything in its order, and takes nothing else than what an arrival gives."""

import pytest

from loadtests.bench.arrival.answers import ServerAnswer
from loadtests.bench.arrival.browser import RequestKind, handshake, request
from loadtests.bench.arrival.plan import ArrivalPlan, Journey, PlannedRequest, arriving, as_many, file_name

HOST = "127.0.0.1:8000"

PLAN = ArrivalPlan(
    HOST,
    [
        PlannedRequest("the page", request(HOST, "/room"), 200),
        PlannedRequest("base.css", request(HOST, "/base.css", RequestKind.STYLE, referer="/room"), 200),
        PlannedRequest(
            "the button", request(HOST, "/join", RequestKind.FORM, referer="/room", fields=[]), 303
        ),
        PlannedRequest("the live feed", handshake(HOST, "/live"), 101),
    ],
    "/room",
)

OK = b"HTTP/1.1 200 OK\r\n"

ANSWERS = [
    ServerAnswer(200, OK + b"set-cookie: visitor=v; Path=/\r\n\r\n", b"<p>"),
    ServerAnswer(200, OK + b"\r\n", b""),
    ServerAnswer(303, OK + b"location: /room\r\nset-cookie: ticket-demo=t; Path=/\r\n\r\n", b""),
    ServerAnswer(101, OK + b"\r\n", b""),
    ServerAnswer(0, b"", b'{"type":"position","number":7}'),
]


def asked(journey: Journey, answers: list[ServerAnswer]) -> list[bytes]:
    """Everything that it sends until it ends, which is with the last of these answers."""
    sent = [next(journey).data]
    sent += [journey.send(answer).data for answer in answers[:-1]]
    with pytest.raises(StopIteration):
        journey.send(answers[-1])
    return sent


def test_an_arrival_keeps_its_cookies_and_finds_its_number() -> None:
    """The page without any, the files with the visitor's, the feed with the ticket; the frame is only awaited."""
    found: dict[int, bytes] = {}
    sent = asked(arriving(PLAN, found), ANSWERS)
    assert [b"Cookie: visitor=v\r\n" in one for one in sent] == [False, True, True, False, False]
    assert b"Cookie: visitor=v; ticket-demo=t\r\n" in sent[3] and sent[4] == b""
    assert found == {7: b"visitor=v; ticket-demo=t"}
    assert PLAN.paths == ["/room", "/base.css", "/join", "/live"]


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        (0, ServerAnswer(503, OK + b"\r\n", b"")),
        (2, ServerAnswer(303, OK + b"location: /elsewhere\r\n\r\n", b"")),
        (4, ServerAnswer(0, b"", b'{"type":"error"}')),
    ],
)
def test_another_answer_is_no_arrival(place: int, answer: ServerAnswer) -> None:
    """Twin: overloaded, sent elsewhere, a frame without a number."""
    with pytest.raises(SystemExit):
        asked(arriving(PLAN, {}), [*ANSWERS[:place], answer])


def test_the_counterpart_sends_as_many_requests() -> None:
    """To a server that answers 201; the handshake is one more request to it."""
    sent = asked(as_many(PLAN, b"a=b"), [ServerAnswer(201, OK + b"\r\n", b"")] * 4)
    assert len(sent) == 4 and b"Upgrade: websocket" not in sent[3]
    with pytest.raises(SystemExit):
        asked(as_many(PLAN, b""), [ServerAnswer(200, OK + b"\r\n", b"")])


@pytest.mark.parametrize(
    "path",
    [
        "/static/room.js?v=0a1b2c3d4e",
        "/static/room.0a1b2c3d4e.js",
        "/static/room-0a1b2c3d4e.js",
        "/static/0a1b2c3d4e/room.js",
    ],
)
def test_a_file_is_called_the_same_in_all_releases(path: str) -> None:
    """Wherever its address has the hash."""
    assert file_name(path) == "room.js"
