"""Arrivals at a real service: everybody has a number, and nobody is counted who has none."""

from collections.abc import Iterator

import pytest

from loadtests.bench.arrival import arrivals, single_requests
from loadtests.bench.arrival.answers import WrongAnswer
from loadtests.bench.arrival.arrivals import EmptyHandler
from loadtests.bench.arrival.plan import scout
from loadtests.bench.arrival.processor import ServiceProcesses
from loadtests.bench.servers import an_empty_server
from loadtests.journey.accounts import AccountPattern
from tests.support.processes.services import RunningService, running

FEW = 20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("arrival") / "data"
    options = ("--web", "1", "--workers", "0", "--accounts", "9", "--calls-per-minute", "6000")
    with running(data, *options) as demo:
        yield demo


@pytest.fixture(scope="module")
def bare() -> Iterator[EmptyHandler]:
    with an_empty_server() as server:
        yield EmptyHandler(server.url.removeprefix("http://"), server.pid)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "ARRIVALS", FEW)
    monkeypatch.setattr(arrivals, "STEPPING", FEW)


async def test_a_round_is_of_people_with_numbers(service: RunningService, bare: EmptyHandler) -> None:
    """Each with cookies of their own; both servers worked for it, and bytes came."""
    plan, of = scout(service.url), ServiceProcesses(service.ready)
    assert {"the page", "the button", "the page in line", "the live feed"} <= {
        one.what for one in plan.requests
    }
    found = await arrivals.measure(plan, of, bare)
    assert len(set(found.cookies)) == FEW
    assert found.effort.web > 0 < found.bare and found.received > FEW * 1024
    arrivals.check_plan(plan, service.url)
    with pytest.raises(WrongAnswer, match="changed"):
        arrivals.check_plan(plan._replace(requests=plan.requests[1:]), service.url)


async def test_an_arrival_is_told_request_by_request(service: RunningService) -> None:
    """From the connection to the first frame."""
    plan = scout(service.url)
    steps = await arrivals.step_by_step(plan, ServiceProcesses(service.ready))
    assert [name for name, _ in steps] == [
        "the connection",
        *(one.what for one in plan.requests),
        "the first frame",
    ]
    assert sum(spent.web for _, spent in steps) > 0


@pytest.mark.slow
async def test_single_requests_are_answered_as_they_should_be(
    service: RunningService, bare: EmptyHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages, polls, files whole and unchanged; the pages of those who were called."""
    monkeypatch.setattr(single_requests, "SECONDS", 0.1)
    monkeypatch.setattr(single_requests, "WARM_UP_SECONDS", 0.05)
    monkeypatch.setattr(single_requests, "ROUNDS", 1)
    plan, of = scout(service.url), ServiceProcesses(service.ready)
    cookies = (await arrivals.measure(plan, of, bare)).cookies
    asked = single_requests.of_the_room(plan, cookies) + single_requests.of_files(plan, service.url)
    accounts = AccountPattern(
        **{name: service.ready["accounts"][name] for name in ("username", "password", "answers")}
    )
    asked += single_requests.of_the_called(service.url, plan.host, accounts)
    for rate in await single_requests.measure(asked, plan.host, of, bare):
        assert 0 < rate.ratio < 2, rate
        assert rate.bytes_each > 0
