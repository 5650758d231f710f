"""Answers of one request over and over are counted, and another status is no answer."""

import pytest
from starlette.types import Receive, Scope, Send

from loadtests.bench.arrival.browser import request
from loadtests.bench.arrival.saturation import CONNECTIONS, saturate
from loadtests.bench.servers import bare
from tests.support.processes.serving import serving


async def test_every_answer_is_counted_once() -> None:
    """As many as were asked for, in turn, over kept connections."""
    paths: list[str] = []
    peers: set[int] = set()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        paths.append(scope["path"])
        peers.add(scope["client"][1])
        await bare(scope, receive, send)

    with serving(counting) as port:
        host = f"127.0.0.1:{port}"
        answers, received = await saturate(host, [request(host, f"/{n}").bytes() for n in range(3)], 201, 0.2)
    assert answers == len(paths) > CONNECTIONS == len(peers)
    assert received > 20 * answers
    assert abs(paths.count("/0") - paths.count("/2")) <= 1


async def test_another_status_is_said() -> None:
    """Twin: nothing is counted of a server that refuses."""
    with serving(bare) as port:
        host = f"127.0.0.1:{port}"
        with pytest.raises(SystemExit, match="200"):
            await saturate(host, [request(host, "/").bytes()], 200, 0.1)
