"""The service in the browsers of other makers, as people have them: Firefox ESR, and WebKitGTK, the engine of Safari.

`make browsers` installs what Debian has of them and runs these; elsewhere they run where they find them. What is shown
is looked at as a reader sees it, and an error of any script on any page fails the test.
"""

import contextlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import until
from tests.support.compat import Seen
from tests.support.drivers import firefox, webkit
from tests.support.drivers.driven import DrivenBrowser
from tests.support.processes.services import RunningService, running

pytestmark = pytest.mark.browsers

ROOM = "/periodes/demo"

JOIN = "form[data-join] button"

Start = Callable[..., contextlib.AbstractContextManager[DrivenBrowser]]
"""Starts a browser: with cookies or not, with scripts or not."""


@contextlib.contextmanager
def in_firefox(*, cookies: bool = True, scripts: bool = True) -> Iterator[DrivenBrowser]:
    refused = firefox.COOKIES_REFUSED if not cookies else {}
    with firefox.firefox(refused, firefox.NO_SCRIPTS if not scripts else {}) as browser:
        yield browser
        assert browser.faults() == []


@contextlib.contextmanager
def in_webkit(*, cookies: bool = True, scripts: bool = True) -> Iterator[DrivenBrowser]:
    arguments = [webkit.COOKIES_REFUSED] * (not cookies) + [webkit.NO_SCRIPTS] * (not scripts)
    with webkit.webkit(*arguments) as browser:
        yield browser
        assert browser.faults() == []


@pytest.fixture(params=["firefox", "webkit"])
def start(request: pytest.FixtureRequest) -> Start:
    if request.param == "firefox":
        if not firefox.path():
            pytest.skip("no Firefox here: `make browsers` installs one")
        return in_firefox
    if not webkit.is_here():
        pytest.skip("no WebKitWebDriver, MiniBrowser or Xvfb here: `make browsers` installs them")
    return in_webkit


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    if not (firefox.path() or webkit.is_here()):
        pytest.skip("no other browser here: `make browsers` installs two")
    data = tmp_path_factory.mktemp("browsers") / "data"
    with running(data, "--web", "2", "--cap", "40", "--accounts", "40", "--calls-per-minute", "600") as one:
        yield one


class Steering:
    """The operator, who pauses the line so that somebody waits in it."""

    def __init__(self, service: RunningService) -> None:
        self.client = httpx.Client(base_url=service.url, headers={"Origin": service.url}, trust_env=False)
        self.client.post("/api/v1/operator/session", json=service.ready["operator"]).raise_for_status()

    def tell(self, action: str) -> None:
        self.client.post(f"/api/v1/operator/periods/demo/{action}").raise_for_status()


@pytest.fixture
def paused(service: RunningService) -> Iterator[Steering]:
    """The line stands still until the test says otherwise."""
    steering = Steering(service)
    steering.tell("pause")
    yield steering
    with contextlib.suppress(httpx.HTTPStatusError):
        steering.tell("resume")
    steering.client.close()


ACCOUNTS = iter(range(1, 40))
"""Each journey has a person of its own."""


def fill_in(browser: DrivenBrowser, service: RunningService) -> dict[str, Any]:
    """The sign-in, up to its button; who signs in."""
    known = service.credentials(next(ACCOUNTS))
    browser.type("#username", known["username"])
    browser.type("#password", known["password"])
    for place, answer in enumerate(known["answers"], 1):
        browser.type(f"#answer-{place}", answer)
    return known


def sign_and_submit(browser: DrivenBrowser) -> None:
    for box in ("#candidate", "#declaration"):
        browser.click(box)
    browser.click("form[data-send] .button--primary")


def join(browser: DrivenBrowser, service: RunningService) -> int:
    """From the home page into the line, which stands; the number."""
    browser.open(f"{service.url}/")
    browser.click(JOIN)
    browser.await_address(ROOM)
    browser.await_text("Votre numéro")
    return int(json.loads(browser.run("document.getElementById('room').dataset.me"))["number"])


def version_of(start: Start) -> tuple[str, str]:
    """Name and version of what it starts; WebKitGTK's window says its own only on a screen, its package always."""
    name, command = ("Firefox ESR", [firefox.path(), "--version"])
    if start is in_webkit:
        name, command = "WebKitGTK", ["dpkg-query", "-W", "-f=${Version}", "libwebkit2gtk-4.1-0"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
    found = re.search(r"\d+(?:\.\d+)+", said)
    return name, found[0] if found else "unknown"


@pytest.mark.compat
def test_from_the_door_to_the_receipt(
    start: Start, service: RunningService, paused: Steering, seen: Seen
) -> None:
    """Number, pause, call, the announced move to the sign-in, review, signature, receipt with the person's name."""
    with start() as browser:
        join(browser, service)
        browser.await_text("La file est en pause")
        browser.keep("waiting")
        paused.tell("resume")
        browser.await_text("C’est votre tour")
        browser.await_address(f"{ROOM}/connexion")
        browser.keep("sign-in")
        known = fill_in(browser, service)
        browser.click("form[data-send] .button--primary")
        browser.await_address(f"{ROOM}/demande")
        browser.await_text(known["username"])
        browser.keep("review")
        sign_and_submit(browser)
        browser.await_address("/recus/")
        browser.await_text("Votre demande est soumise et admise dans le quota.")
        assert f"Compte {known['username']}" in browser.text()
        browser.keep("receipt")
        receipt = browser.address()
        browser.history(-1)  # to the form that was sent: it says that it was, or leads to the receipt again
        until(
            lambda: browser.address() == receipt or "Votre demande est soumise" in browser.text(), 20,
            "somebody who goes back is told that the application is submitted",
        )  # fmt: skip
    seen("browser", *version_of(start), "the journey whole, from the door to the receipt and back")


def test_back_and_forward_keep_the_place(start: Start, service: RunningService, paused: Steering) -> None:
    """Whoever leaves the page and comes back has the same number, on a page that lives."""
    with start() as browser:
        number = join(browser, service)
        browser.open(f"{service.url}/accessibilite")
        browser.history(-1)
        browser.await_address(ROOM)
        browser.await_text("Votre numéro")
        assert json.loads(browser.run("document.getElementById('room').dataset.me"))["number"] == number
        browser.history(1)
        browser.await_address("/accessibilite")
        browser.history(-1)
        browser.await_address(ROOM)
        paused.tell("resume")
        browser.await_text("C’est votre tour")


def test_a_hidden_tab_hears_the_call(start: Start, service: RunningService, paused: Steering) -> None:
    """Called behind another tab: seen again, the page says so, and no script of it fell over being hidden or seen."""
    note = "sessionStorage.setItem('seen', (sessionStorage.getItem('seen') || '') + document.visibilityState)"
    with start() as browser:
        join(browser, service)
        browser.run(f"document.addEventListener('visibilitychange', () => {note})")
        with browser.cover():
            paused.tell("resume")
            until(lambda: waiting(service) == 0, 60, "the number is called while nobody sees the page")
        browser.await_text("C’est votre tour", seconds=30)
        seen = str(browser.run("sessionStorage.getItem('seen')"))
        assert seen.startswith("hidden") or not browser.covers


def test_a_computer_that_slept_hears_the_call(
    start: Start, service: RunningService, paused: Steering
) -> None:
    """All of the browser stands still while its number is called; awake, the page says so within seconds."""
    with start() as browser:
        join(browser, service)
        with browser.asleep():
            paused.tell("resume")
            until(lambda: waiting(service) == 0, 60, "the number is called while the browser sleeps")
        browser.await_text("C’est votre tour", seconds=20)


def waiting(service: RunningService) -> int:
    """How many are in the line."""
    return int(httpx.get(f"{service.url}/api/v1/periods/demo", trust_env=False).json()["waiting"])


def test_the_journey_without_scripts(start: Start, service: RunningService) -> None:
    """Forms and a page that refreshes itself do all of it."""
    with start(scripts=False) as browser:
        browser.open(f"{service.url}/")
        browser.click(JOIN)
        browser.await_address(ROOM)

        def called() -> bool:
            if not browser.address().endswith("/connexion"):
                browser.open(f"{service.url}{ROOM}/connexion")
            return browser.address().endswith("/connexion")

        until(called, 60, "the number is called")
        fill_in(browser, service)
        browser.click("form[data-send] .button--primary")
        browser.await_address(f"{ROOM}/demande")
        sign_and_submit(browser)
        browser.await_address("/recus/")


def test_a_browser_that_refuses_cookies_is_told_so(start: Start, service: RunningService) -> None:
    """At the door, and at the sign-in that follows a file: what is wrong, how to go on, with what was typed."""
    with start(cookies=False) as browser:
        browser.open(f"{service.url}/")
        browser.click(JOIN)
        browser.await_text("Sans témoin, nous ne pouvons pas garder votre numéro")
        browser.open(f"{service.url}/connexion")
        known = fill_in(browser, service)
        browser.click("form[data-send] .button--primary")
        browser.await_text("Votre navigateur refuse les témoins")
        assert browser.run("document.getElementById('username').value") == known["username"]
        assert browser.run("document.getElementById('answer-1').value") == known["answers"][0]
        assert browser.run("document.getElementById('password').value") == ""
        browser.keep("cookies-refused")


def test_sound_needs_a_gesture_and_the_page_says_so_before(
    start: Start, service: RunningService, paused: Steering
) -> None:
    """The waiting page says that the sound is not on yet and where each browser permits it; the button turns it on."""
    with start() as browser:
        join(browser, service)
        browser.await_text("Le son n’est pas encore activé")
        assert browser.count("[data-do=sound]") == 1
        browser.click("details.sound-help summary")
        browser.await_text("Lecture automatique", css="details.sound-help")
        browser.click("[data-do=sound]")
        until(
            lambda: re.search("Le son est activé|n’a pas permis le son", browser.text()), 20,
            "the page says whether the sound is on",
        )  # fmt: skip


def test_the_device_is_one_on_every_page(start: Start, service: RunningService, paused: Steering) -> None:
    """Join, sign-in and review are told the same of the computer, with all pointers beside the first."""
    probe = "Array.from(document.querySelectorAll('[data-probe]'), (field) => field.value)"
    with start() as browser:
        browser.open(f"{service.url}{ROOM}")
        first = browser.run(probe)
        assert len(first) == 4 and first[0].isdecimal() and first[1] in ("fine", "coarse", "none")
        browser.open(f"{service.url}/connexion")
        assert browser.run(probe) == first
