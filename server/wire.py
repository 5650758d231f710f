"""A socket that is written to without waiting: what the server offers, and the feed uses."""

from typing import Final, Protocol

PUSH: Final = "guichet.push"
"""The scope's extension in which a server offers its `Wire`."""


class WireProtocol(Protocol):
    """A socket that is written to without waiting. The server's own, where it has one."""

    def push(self, text: bytes, asking: bool = False) -> bool:
        """Send this text frame; nothing happens on a socket that is closed.

        `asking` asks for a sign of life along with it, which costs neither side a message of its own. Whether it was
        asked for: not while the last one has not come.
        """

    def unsent(self) -> int:
        """Bytes that the other side has not made room for."""

    def ping(self) -> None:
        """Ask for a sign of life; not while the last one has not come."""

    def silent(self) -> bool:
        """Whether a sign of life was asked for that has not come."""

    def end(self, code: int) -> None:
        """Close with this code, after what was pushed."""

    def abort(self) -> None:
        """Cut the connection: what was not sent is thrown away."""
