"""The mail that the demo's server took: a file each in one folder, which all web processes read.

The newest ones are kept. A file has its name before it can be seen, so nobody reads half a message.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from foundation.clock import rfc3339

MOST = 2_000
"""Messages that are kept: more than a demo's accounts ask for in an afternoon."""

SHOWN = 100
"""Messages on the page, and in the list unless more are asked for."""

_ADDRESS = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)]")


class KeptMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it was taken. `at`: instant."""

    to: str
    sender: str
    subject: str
    text: str
    message_id: str
    at: int
    id: str = ""

    def described(self) -> dict[str, object]:
        """As `/demo/courriels.json` has it."""
        links = [part.href for part in self.parts() if part.href]
        return {
            "id": self.id,
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "message_id": self.message_id,
            "at": rfc3339(self.at),
            "links": links,
        }

    def parts(self) -> list["TextPart"]:
        """The text, in pieces that are links and pieces that are not."""
        found, end = [], 0
        for link in _ADDRESS.finditer(self.text):
            found += [TextPart(self.text[end : link.start()]), TextPart(link[0], link[0])]
            end = link.end()
        return [part for part in (*found, TextPart(self.text[end:])) if part.text]


class TextPart(msgspec.Struct, frozen=True):
    """A piece of a text, and where it leads if it is a link."""

    text: str
    href: str = ""


class KeptMail:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counter = itertools.count()

    def keep(self, message: KeptMessage) -> None:
        """Write one, and forget the oldest of too many."""
        self._folder.mkdir(exist_ok=True, mode=0o700)
        name = f"{message.at:015d}-{next(self._counter):06d}"
        fresh = self._folder / f"{name}.new"
        fresh.write_bytes(msgspec.json.encode(message))
        fresh.replace(self._folder / f"{name}.json")
        for old in self._names()[MOST:]:
            (self._folder / f"{old}.json").unlink(missing_ok=True)

    def newest(self, to: str = "", most: int = SHOWN) -> list[KeptMessage]:
        """The newest first; those to one address, however it is written, where one is given."""
        return list(itertools.islice(self._read(to.strip().casefold()), most))

    def _read(self, to: str) -> Iterator[KeptMessage]:
        for name in self._names():
            try:
                raw = (self._folder / f"{name}.json").read_bytes()
            except FileNotFoundError:  # it was the oldest of too many
                continue
            message = msgspec.json.decode(raw, type=KeptMessage)
            if to in ("", message.to.casefold()):
                yield msgspec.structs.replace(message, id=name)

    def _names(self) -> list[str]:
        return sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)
