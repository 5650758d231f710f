"""`/metrics` and `/healthz` of processes that serve no pages."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from config.processes.metrics_endpoint import Exposition, MetricsEndpoint
from foundation.metrics import Metrics
from server.networks import INTERNAL, Networks
from tests.conftest import until

Start = Callable[..., MetricsEndpoint]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts endpoints of one process."""
    started: list[MetricsEndpoint] = []

    def one(port: int = 0, networks: tuple[str, ...] = INTERNAL, joins: int = 0) -> MetricsEndpoint:
        metrics = Metrics()
        metrics.count("joins", joins)
        shown = Exposition(metrics, "1.2.3", lambda: metrics.level("ticker_age_seconds", 0.25))
        started.append(MetricsEndpoint(("127.0.0.1", port), Networks(networks), shown).start())
        if not port:
            until(lambda: started[-1].address[1] != 0, 5, "it listens")
        return started[-1]

    yield one
    for endpoint in started:
        endpoint.close()


def get(endpoint: MetricsEndpoint, path: str) -> httpx.Response:
    host, port = endpoint.address
    return httpx.get(f"http://{host}:{port}{path}", timeout=5)


def test_figures_and_life_are_shown(start: Start) -> None:
    """What Prometheus and an orchestrator ask for; nothing else is there, and no cache keeps any of it."""
    endpoint = start(joins=7)
    figures = get(endpoint, "/metrics")
    assert figures.headers["content-type"].startswith("text/plain; version=")
    assert {"guichet_joins_total 7.0", "guichet_ticker_age_seconds 0.25"} <= set(figures.text.splitlines())
    assert get(endpoint, "/healthz").json() == {"status": "ok", "version": "1.2.3"}
    assert get(endpoint, "/operateur").status_code == 404
    assert httpx.head(f"http://127.0.0.1:{endpoint.address[1]}/metrics").text == ""
    for path in ("/metrics", "/healthz", "/nothing"):
        assert get(endpoint, path).headers["cache-control"] == "no-store"


def test_whoever_is_outside_gets_nothing(start: Start) -> None:
    """Not as much as an answer."""
    endpoint = start(networks=("192.0.2.0/24",))
    with pytest.raises(httpx.TransportError):
        get(endpoint, "/metrics")


def test_another_process_of_the_host_stands_by(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is taken: that is no failure; when its holder has ended the other one has it."""
    monkeypatch.setattr("config.processes.metrics_endpoint.STAND_BY_SECONDS", 0.05)
    first = start(joins=1)
    second = start(port=first.address[1], joins=2)
    assert "guichet_joins_total 1.0" in get(second, "/metrics").text
    first.close()

    def taken_over() -> bool:
        try:
            return "guichet_joins_total 2.0" in get(second, "/metrics").text
        except httpx.TransportError:
            return False

    until(taken_over, 10, "the second one has the address")
