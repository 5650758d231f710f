"""Firefox ESR over WebDriver BiDi, which it speaks by itself: no geckodriver is needed, and Debian 12 has none."""

import contextlib
import json
import shutil
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import ClientConnection, connect

from tests.support.drivers.driven import SECONDS, DrivenBrowser, folder, process

PREFERENCES: Final[dict[str, Any]] = {
    "intl.accept_languages": "fr-ca, fr, en",
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "services.settings.server": "data:,none",
}
"""A browser that speaks to nobody by itself. What a person would have is left as it is: above all, no sound without a
gesture."""

COOKIES_REFUSED: Final = {"network.cookie.cookieBehavior": 2}

NO_SCRIPTS: Final = {"javascript.enabled": False}


def path() -> str:
    """Where Firefox is; empty when there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox") or ""


class Firefox(DrivenBrowser):
    """One window, over one connection. What it says unasked is kept while an answer is waited for."""

    name = "firefox"

    def __init__(self, connection: ClientConnection, group: int) -> None:
        self.connection, self.group = connection, group
        self.asked = 0
        self.noted: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        # The tab it starts with may be one of its own pages, from which not every address can be reached.
        self.tab: str = self.call("browsingContext.create", type="tab")["context"]

    def call(self, method: str, /, **parameters: Any) -> Any:
        """One command and its result. AssertionError with what Firefox says of a command that failed."""
        self.asked += 1
        self.connection.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.connection.recv(timeout=SECONDS))
            if told.get("id") == self.asked:
                assert told["type"] == "success", f"{method}: {told.get('error')}: {told.get('message')}"
                return told["result"]
            self._note(told)

    def _note(self, told: dict[str, Any]) -> None:
        entry = told.get("params", {})
        if told.get("method") == "log.entryAdded" and (entry["type"], entry["level"]) == (
            "javascript",
            "error",
        ):
            self.noted.append(str(entry["text"]))

    def open(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def address(self) -> str:
        return str(self.call("browsingContext.getTree", root=self.tab)["contexts"][0]["url"])

    def _nodes(self, css: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(
            "browsingContext.locateNodes", context=self.tab, locator={"type": "css", "value": css}
        )["nodes"]
        return found

    def count(self, css: str) -> int:
        return len(self._nodes(css))

    def click(self, css: str) -> None:
        element = {"sharedId": self._nodes(css)[0]["sharedId"]}
        with contextlib.suppress(
            AssertionError
        ):  # where scripts are off, Firefox scrolls by itself or not at all
            self.call(
                "script.callFunction", target={"context": self.tab}, awaitPromise=False, arguments=[element],
                functionDeclaration="(one) => one.scrollIntoView({ block: 'center', behavior: 'instant' })",
            )  # fmt: skip
        self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {
                        "type": "pointerMove",
                        "x": 0,
                        "y": 0,
                        "origin": {"type": "element", "element": element},
                    },
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def type(self, css: str, text: str) -> None:
        self.click(css)
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": keys})

    def _act(self, actions: dict[str, Any]) -> None:
        self.call("input.performActions", context=self.tab, actions=[actions])

    def run(self, expression: str) -> Any:
        told = self.call(
            "script.evaluate", expression=f"JSON.stringify({expression})", target={"context": self.tab},
            awaitPromise=True,
        )  # fmt: skip
        assert told["type"] == "success", told
        return json.loads(told["result"].get("value", "null"))

    def faults(self) -> list[str]:
        self.address()  # what was said meanwhile is read with the next answer
        return self.noted

    def history(self, steps: int) -> None:
        self.call("browsingContext.traverseHistory", context=self.tab, delta=steps)

    @contextlib.contextmanager
    def cover(self) -> Iterator[None]:
        other = self.call("browsingContext.create", type="tab", background=False)["context"]
        self.call("browsingContext.activate", context=other)
        try:
            yield
        finally:
            self.call("browsingContext.close", context=other)
            self.call("browsingContext.activate", context=self.tab)

    def picture(self) -> bytes:
        return b64decode(self.call("browsingContext.captureScreenshot", context=self.tab)["data"])


@contextlib.contextmanager
def firefox(*preferences: dict[str, Any]) -> Iterator[Firefox]:
    """A Firefox without a window on the screen, with a profile of its own."""
    with folder("firefox-") as profile:
        written = dict(PREFERENCES)
        for more in preferences:
            written |= more
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in written.items())
        )
        command = [
            path(),
            "--headless",
            "--no-remote",
            "--remote-debugging-port",
            "0",
            "--profile",
            str(profile),
        ]
        with process(command, {"HOME": str(profile)}) as started:
            with connect(f"{address_of(profile)}/session", max_size=None, ping_interval=None) as connection:
                yield Firefox(connection, started.group)


def address_of(profile: Path) -> str:
    """Where a Firefox with this profile listens: it writes that into a file there."""
    file, deadline = profile / "WebDriverBiDiServer.json", time.monotonic() + SECONDS
    while True:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            told = json.loads(file.read_text("utf-8"))
            return f"ws://{told['ws_host']}:{told['ws_port']}"
        assert time.monotonic() < deadline, f"Firefox did not listen in {SECONDS:.0f} s"
