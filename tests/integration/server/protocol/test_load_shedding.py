"""Load shedding: beyond what a process works on, requests are told when to come back."""

import socket

import pytest

from server.protocol import http_protocol
from server.protocol.http_protocol import RequestsInProgress
from tests.conftest import until
from tests.support.plain_app import GET, HALF, POST, Boundless, Slow, Three, asking
from tests.support.processes.serving import answer, raw, serving, status_of


def test_beyond_what_is_worked_on_requests_are_told_to_come_back() -> None:
    """Looks are turned away first, at twice as many acts too, health checks never; then everything is as before."""
    slow = Slow()
    with serving(slow, http=Three) as port, asking(port, [GET] * 3) as first:
        until(lambda: slow.at_work == 3, 10, "three are worked on")
        refused = raw(port, GET)
        assert status_of(refused) == 503
        assert b"retry-after: " in refused.lower()
        assert raw(port, GET.replace(b"GET", b"HEAD")).endswith(b"\r\n\r\n")
        assert status_of(raw(port, GET.replace(b" / ", b" /healthz "))) == 200
        with asking(port, [POST] * 3) as acts:
            until(lambda: slow.at_work == 6, 10, "who acts is let in beside them")
            assert status_of(raw(port, POST)) == 503
            slow.may.set()
            assert [status_of(answer(one)) for one in (*first, *acts)] == [200] * 6
        assert status_of(raw(port, GET)) == 200


@pytest.mark.parametrize("counted", [False, True])
def test_who_waits_for_its_own_client_is_no_work(monkeypatch: pytest.MonkeyPatch, counted: bool) -> None:
    """Half a body, as many times as there is room, keeps nobody out. Twin: counted as work it would."""
    if counted:
        monkeypatch.setattr(RequestsInProgress, "is_over", lambda work, most, now: len(work._cycles) >= most)
    slow = Slow()
    with serving(slow, http=Three) as port, asking(port, [HALF] * 6):
        until(lambda: slow.at_work == 6, 10, "they are all there")
        assert (status_of(raw(port, GET.replace(b" / ", b" /else "))) == 503) is counted
        slow.may.set()


def test_without_the_bound_everybody_waits() -> None:
    """Twin: the same requests pile up, and nobody hears anything."""
    slow = Slow()
    with serving(slow, http=Boundless) as port, asking(port, [GET] * 12) as all_of_them:
        until(lambda: slow.at_work == 12, 10, "all are worked on")
        for one in all_of_them:
            one.settimeout(0.01)
            with pytest.raises(TimeoutError):
                one.recv(1)
            one.settimeout(20)
        slow.may.set()
        assert [status_of(answer(one)) for one in all_of_them] == [200] * 12


def test_one_connection_too_many_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the files run out, where not even a refusal could be sent."""
    monkeypatch.setattr(http_protocol, "most_connections", lambda: 2)
    slow = Slow()
    with serving(slow) as port, asking(port, [GET] * 2) as others:
        until(lambda: slow.at_work == 2, 10, "both are there")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
            refused = answer(one)
        assert status_of(refused) == 503
        assert b"retry-after: " in refused.lower() and b"x-request-id: " in refused.lower()
        slow.may.set()
        assert [status_of(answer(one)) for one in others] == [200] * 2
