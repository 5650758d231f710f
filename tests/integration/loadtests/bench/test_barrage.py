"""A benchmark counts what was answered, and says so when an answer is none."""

import pytest
from starlette.types import Receive, Scope, Send

from loadtests.bench import barrage
from loadtests.bench.joins import PATH
from loadtests.bench.servers import bare
from tests.support.processes.serving import serving


async def test_every_answer_of_a_volley_is_counted_once() -> None:
    """As many requests arrive as answers are counted, each with a key of its own, over so many connections."""
    keys: list[bytes] = []
    peers: set[int] = set()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        keys.append(dict(scope["headers"])[b"idempotency-key"])
        peers.add(scope["client"][1])
        await bare(scope, receive, send)

    with serving(counting) as port:
        volley = await barrage.fire("127.0.0.1", port, PATH, 0.3, connections=8)
    assert (volley.wrong, len(peers)) == (0, 8)
    assert volley.answers == len(keys) == len(set(keys)) > 8
    assert volley.per_second == pytest.approx(volley.answers / volley.seconds)


async def test_an_answer_that_is_no_number_is_not_counted_as_one() -> None:
    """Twin: a server that refuses makes no figure, and the first refusal is shown."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"away"})

    with serving(refusing) as port:
        volley = await barrage.fire("127.0.0.1", port, PATH, 0.1, connections=2)
        assert volley.answers == 0
        assert volley.wrong > 0
        assert volley.first_wrong.startswith(b"HTTP/1.1 503")
        with pytest.raises(OSError, match=r"refused|Connect"):
            await barrage.fire("127.0.0.1", 1, PATH, 0.1, connections=2)
