"""HTTP answers and WebSocket frames, taken from what a connection has brought so far. No I/O."""

import re
import zlib
from typing import Final, NamedTuple

LENGTH: Final = b"\r\ncontent-length:"

CHUNKED: Final = b"\r\ntransfer-encoding: chunked"

WITHOUT_BODY: Final = (b"204", b"304")

TEXT: Final = 0x81


class ServerAnswer(NamedTuple):
    """An answer as it was sent, its body still compressed; or a frame, with status 0 and an empty head."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        found = re.search(rb"^" + name.encode() + rb": *([^\r]*)", self.head, re.I | re.M)
        return found[1].decode("latin-1") if found else ""

    def text(self) -> str:
        """Its body as text. Raises SystemExit for a compression that was not asked for."""
        coding = self.header("content-encoding")
        if coding not in {"", "identity", "gzip"}:
            raise SystemExit(f"only gzip was asked for, and the answer is {coding}")
        return (zlib.decompress(self.body, 31) if coding == "gzip" else self.body).decode()


def take_answer(data: bytes) -> tuple[ServerAnswer, bytes] | None:
    """The first whole answer and what follows it; None while more has to come. An early hint is passed over."""
    end = data.find(b"\r\n\r\n")
    while end >= 0 and data[9:10] == b"1" and data[9:12] != b"101":
        data = data[end + 4 :]
        end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    begin, status = end + 4, data[9:12]
    low = data[: end + 2].lower()
    if status in WITHOUT_BODY or status == b"101":
        return ServerAnswer(int(status), data[:begin], b""), data[begin:]
    at = low.find(LENGTH)
    if at >= 0:
        done = begin + int(low[at + len(LENGTH) : low.index(b"\r\n", at + 2)])
        return (
            (ServerAnswer(int(status), data[:begin], data[begin:done]), data[done:])
            if len(data) >= done
            else None
        )
    if CHUNKED not in low:
        raise SystemExit(f"an answer does not say where it ends: {data[:300]!r}")
    body, at = [], begin
    while (line := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:line].partition(b";")[0], 16)
        if len(data) < line + 4 + size:
            return None
        body.append(data[line + 2 : line + 2 + size])
        at = line + 4 + size
        if not size:
            return ServerAnswer(int(status), data[:begin], b"".join(body)), data[at:]
    return None


def take_frame(data: bytes) -> tuple[ServerAnswer, bytes] | None:
    """The first whole text frame and what follows it; None while more has to come. Pings are passed over.

    Raises SystemExit when the other side closes, or sends what no text frame is.
    """
    while len(data) >= 2:
        length, begin = data[1], 2
        if length == 126:
            if len(data) < 4:
                return None
            length, begin = int.from_bytes(data[2:4], "big"), 4
        if len(data) < begin + length:
            return None
        if data[0] == TEXT:
            return ServerAnswer(0, b"", data[begin : begin + length]), data[begin + length :]
        if data[0] != 0x89:
            raise SystemExit(f"a frame was awaited, and this came: {data[:40]!r}")
        data = data[begin + length :]
    return None
