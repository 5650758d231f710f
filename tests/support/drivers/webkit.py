"""WebKitGTK over WebDriver: the engine of Safari, as Debian brings it, in a window on a screen that nobody sees."""

import contextlib
import os
import shutil
import socket
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from tests.conftest import until
from tests.support.drivers.driven import SECONDS, DrivenBrowser, Started, process

ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
"""The key by which WebDriver names an element, in every browser (W3C WebDriver, 12.1)."""

COOKIES_REFUSED: Final = "--cookies-policy=never"

NO_SCRIPTS: Final = "--enable-javascript=false"

FAULT: Final = "CONSOLE JS ERROR"
"""How WebKitGTK begins a line about an error of a script, where it is asked to write what the console says."""


def mini_browser() -> str:
    """The window around WebKitGTK that its driver starts; empty when there is none."""
    found = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    return str(found[-1]) if found else ""


def is_here() -> bool:
    return bool(shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and mini_browser())


class WebKit(DrivenBrowser):
    """One window, over HTTP: a call is a path below the session."""

    name = "webkit"
    covers = False

    def __init__(self, client: httpx.Client, driver: Started, arguments: Sequence[str]) -> None:
        self.client, self.driver, self.group = client, driver, driver.group
        console = "--enable-write-console-messages-to-stdout=true"
        options = {"binary": mini_browser(), "args": ["--automation", console, *arguments]}
        wanted = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        self.session = ""
        self.session = self.call("POST", "", capabilities={"alwaysMatch": wanted})["sessionId"]

    def call(self, method: str, path: str, /, **body: Any) -> Any:
        """One command and its value. AssertionError with what the driver says of a command that failed."""
        url = f"/session/{self.session}/{path}".rstrip("/")
        answer = self.client.request(method, url, json=body if method == "POST" else None)
        value = answer.json()["value"]
        assert answer.status_code == 200, f"{method} {path}: {value}"
        return value

    def open(self, url: str) -> None:
        self.call("POST", "url", url=url)

    def address(self) -> str:
        return str(self.call("GET", "url"))

    def _elements(self, css: str) -> list[str]:
        found = self.call("POST", "elements", using="css selector", value=css)
        return [one[ELEMENT] for one in found]

    def count(self, css: str) -> int:
        return len(self._elements(css))

    def click(self, css: str) -> None:
        element = self._elements(css)[0]
        with contextlib.suppress(
            AssertionError
        ):  # its driver gives up on what is just below the edge of the window
            script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' }); return null"
            self.call("POST", "execute/sync", script=script, args=[{ELEMENT: element}])
        self.call("POST", f"element/{element}/click")

    def type(self, css: str, text: str) -> None:
        self.call("POST", f"element/{self._elements(css)[0]}/value", text=text)

    def run(self, expression: str) -> Any:
        return self.call("POST", "execute/sync", script=f"return {expression}", args=[])

    def faults(self) -> list[str]:
        return [line for line in self.driver.said().splitlines() if FAULT in line]

    def history(self, steps: int) -> None:
        self.call("POST", "forward" if steps > 0 else "back")

    @contextlib.contextmanager
    def cover(self) -> Iterator[None]:
        here = self.call("GET", "window")
        other = self.call("POST", "window/new", type="tab")["handle"]
        self.call("POST", "window", handle=other)
        try:
            yield
        finally:
            self.call("DELETE", "window")
            self.call("POST", "window", handle=here)

    def picture(self) -> bytes:
        return b64decode(self.call("GET", "screenshot"))


@contextlib.contextmanager
def webkit(*arguments: str) -> Iterator[WebKit]:
    """A WebKitGTK on a screen of its own. Its language comes from `LANG`: without one `navigator.language` is "C"."""
    with screen() as display, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        environment = {"DISPLAY": display, "LANG": "fr_CA.UTF-8", "LANGUAGE": "fr_CA", "GDK_BACKEND": "x11"}
        driver = ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"]
        with process(driver, environment) as started:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, trust_env=False
            ) as client:
                until(lambda: answers(client), SECONDS, "WebKitWebDriver answers")
                browser = WebKit(client, started, arguments)
                try:
                    yield browser
                finally:
                    with contextlib.suppress(AssertionError, httpx.HTTPError):
                        client.delete(f"/session/{browser.session}")


def answers(client: httpx.Client) -> bool:
    try:
        return bool(client.get("/status").json()["value"]["ready"])
    except httpx.HTTPError:
        return False


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A screen in memory: the server chooses a free number and writes it to the descriptor that it is given."""
    read, write = os.pipe()
    os.set_inheritable(write, True)
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with process(command, keep=(write,)):
        os.close(write)
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
