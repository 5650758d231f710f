"""Whether a program that is no browser asks, and what it is told in English when it is refused for that.

Load generators and scripts are refused for what they do not send: the agent of a computer's browser, an origin of ours.
The words of the refusal are for people, in French and about devices; the hint beside them is for whoever wrote the
program. It changes no verdict: what a device is, is the device rule's to say.
"""

import re
from functools import lru_cache
from typing import Final

from foundation.errors import Code

HINTED: Final = frozenset({Code.DEVICE_REFUSED, Code.FOREIGN_ORIGIN})
"""Refusals that a program meets because of headers it does not send."""

LONGEST_AGENT: Final = 512
"""Characters of a User-Agent that are looked at."""

AN_AGENT: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
"""What a browser on a computer says, as an example."""

_NAMED = re.compile(r"[A-Za-z][\w .+-]*(/|$)")
"""A program says its name, and mostly its version: `curl/8.5.0`, `python-requests/2.32.3`, `node`."""

_BROWSERS = re.compile(r"(Mozilla|Opera)/\d")
"""Every browser on a computer begins so."""

_POSES = re.compile(r"PowerShell|HttpClient", re.IGNORECASE)
"""Programs that begin as a browser does."""

_HANDHELD = re.compile(
    r"\b(Mobi(le)?|Phone|MIDP|Symbian\w*|Series ?[46]0|UCWEB|UCBrowser|BlackBerry\w*|watchOS|Roku)\b|^Nokia",
    re.IGNORECASE,
)
"""Old phones, watches and televisions begin with their own names; they have a person in front of them."""


@lru_cache(1024)
def is_program(agent: str) -> bool:
    """Whether this User-Agent is a library's or a command's. None at all is: every browser sends one."""
    agent = agent[:LONGEST_AGENT].strip()
    if not agent or _POSES.search(agent):
        return True
    if _BROWSERS.match(agent) or _HANDHELD.search(agent):
        return False
    return _NAMED.match(agent) is not None


def hint(public_url: str) -> str:
    """Which headers a program sends in a browser's place, and where that is written."""
    return (
        "This request comes from a program, not from a browser. Send what a browser on a computer sends: "
        f"`User-Agent: {AN_AGENT}` (or another computer's browser's); with cookies also `Origin: {public_url}`, or "
        "send no `Origin` at all and show the ticket as `Authorization: Bearer <ticket>`; and when joining without the "
        "cookie `visitor` an `Idempotency-Key` of 128 random bits or more, one for each person."
    )
