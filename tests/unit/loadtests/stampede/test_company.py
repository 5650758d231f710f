"""What requests of a stampede look like, and when a button is pressed."""

import pytest

from loadtests.journey.states import StepName
from loadtests.people.pages import COMPRESSED
from loadtests.stampede.company import FIELDS, StampedeCompany
from loadtests.stampede.records import StampedeTask
from loadtests.stampede.states import StampedeShape


def company(shape: StampedeShape = StampedeShape.ARRIVE, press: float = 1.0) -> StampedeCompany:
    return StampedeCompany(
        StampedeTask(
            host="127.0.0.1", port=80, period="demo", people=10, shape=shape, seed=1, begin=100.0, seconds=10.0,
            press_seconds=press, looks=True, most_seconds=5.0, folder=".",
        )
    )  # fmt: skip


def lines(request: bytes) -> list[str]:
    head, _, _ = request.decode().partition("\r\n\r\n")
    return head.split("\r\n")


def test_a_button_is_a_form_of_our_own_page() -> None:
    """With the cookies, the origin and the length that a browser sends."""
    sent = company().request(StepName.BUTTON, "", b"Cookie: visitor=v.1; ticket-demo=t\r\n", False)
    assert lines(sent)[0] == "POST /periodes/demo/joindre HTTP/1.1"
    assert {"Origin: http://127.0.0.1:80", "Cookie: visitor=v.1; ticket-demo=t"} <= set(lines(sent))
    assert f"Content-Length: {len(FIELDS)}" in lines(sent)
    assert sent.endswith(b"\r\n\r\n" + FIELDS.encode())


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (StepName.PAGE, "GET /periodes/demo HTTP/1.1"),
        (StepName.FILE, "GET /static/a.css HTTP/1.1"),
        (StepName.LOOK, "GET /api/v1/periods/demo HTTP/1.1"),
        (StepName.PLACE, "GET /periodes/demo HTTP/1.1"),
        (StepName.FEED, "GET /api/v1/periods/demo/live HTTP/1.1"),
    ],
)
def test_every_step_asks_for_its_address(step: StepName, line: str) -> None:
    """Whole requests, each header once."""
    sent = company().request(step, "/static/a.css" if step is StepName.FILE else "", b"", False)
    assert lines(sent)[0] == line
    assert sent.endswith(b"\r\n\r\n")
    names = [one.partition(":")[0].lower() for one in lines(sent)[1:]]
    assert len(names) == len(set(names))


def test_pages_are_asked_for_as_they_are_until_one_is_known() -> None:
    """And by a sample of the people always; files never."""
    one = company()

    def accepts(step: StepName, sample: bool) -> str:
        (found,) = [line for line in lines(one.request(step, "", b"", sample)) if "Accept-Encoding" in line]
        return found.partition(": ")[2]

    assert (accepts(StepName.PAGE, False), accepts(StepName.FILE, True)) == ("identity", COMPRESSED)
    one.links.read(StepName.PAGE, "<p>")
    assert (accepts(StepName.PAGE, False), accepts(StepName.PAGE, True)) == (COMPRESSED, "identity")
    assert accepts(StepName.PLACE, False) == "identity"


def test_a_button_is_pressed_after_reading_or_after_the_opening() -> None:
    """In a reload never before it, however early the page is there; and at once by whoever's page comes late."""
    arriving, waiting = company(), company(StampedeShape.RELOAD, 20.0)
    assert all(200.5 <= arriving.presses_at(index, 200.0) <= 201.5 for index in range(50))
    found = [waiting.presses_at(index, 101.0) for index in range(200)]
    assert 110.0 <= min(found) < 112.0
    assert 128.0 < max(found) <= 130.0
    assert waiting.presses_at(0, 500.0) == 500.0


def test_times_are_kept_by_step() -> None:
    """When it was sent, and how long it took; and the most sockets there were."""
    one = company()
    one.took(StepName.PAGE, 5.0, 5.25)
    one.opened()
    one.sockets -= 1
    one.opened()
    assert list(one.timings()[StepName.PAGE].pairs()) == [(5.0, 0.25)]
    assert (one.sockets, one.most_sockets) == (1, 1)
