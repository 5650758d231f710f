"""Submissions a second: the bytes that are sent, and an answer that is none."""

import json

import pytest

from loadtests.bench import submissions
from loadtests.bench.barrage import Volley


def test_a_submission_is_a_whole_request() -> None:
    """Origin, cookie, length and the signed declaration."""
    head, _, body = submissions.request("http://h:1", "session=s", "token").partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == f"POST {submissions.PATH} HTTP/1.1"
    assert {"Host: h:1", "Origin: http://h:1", "Cookie: session=s", f"Content-Length: {len(body)}"} <= set(
        lines
    )
    assert json.loads(body) == {"token": "token", "declaration": True, "signature": {"capacity": "candidate"}}


def test_a_refused_submission_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails, and shows the first one."""

    async def refused(*_: object) -> Volley:
        return Volley(9, 1.0, 1, b"HTTP/1.1 410", [0.1] * 9)

    monkeypatch.setattr("loadtests.bench.barrage.fire_all", refused)
    with pytest.raises(SystemExit, match="1 answers were no 201"):
        submissions.fire("http://h:1", [b""])
