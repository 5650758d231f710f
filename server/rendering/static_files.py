"""Static files, served from memory with ready headers: put together, made small and compressed when the process starts.

Their addresses carry a hash of what they hold, so browsers and proxies may keep them for a year. Each feature brings
its own folder `static/`; to browsers they are one, so a name stands in one of them only.
"""

import hashlib
from collections.abc import Container, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path
from typing import Final, NamedTuple

import rcssmin
import rjsmin

from foundation.errors import Code, Refusal
from server.rendering.byte_ranges import Unsatisfiable, wanted
from server.rendering.compression import SMALLEST, Coding, choose, once
from server.requests import NOTHING, Answer, Headers, Incoming, Respond

LASTS_SECONDS = 31_536_000
"""A year: an address with a hash never holds anything else."""

LASTING: Final = b"public, max-age=%d, immutable" % LASTS_SECONDS

UNSURE: Final = b"no-cache"
"""While releases change, a page of the new one may ask a process of the old one: that is not for a year."""

LEAST_COMPRESSED: Final = 256
"""Bytes: what is shorter hardly shrinks, and the header that says so takes 24."""

TEXTS: Final = frozenset({".css", ".js", ".svg"})
"""What is worth compressing."""

MOST_READY, LONGEST_READY = 2000, 128
"""Answers that stand ready, and the bytes of query and `Accept-Encoding` of one: browsers ask in the same few ways."""

ADDRESS: Final = "/static/{name}"


def folder_of(package: str) -> Path:
    """Where the static files of a package of ours are, which may be nowhere."""
    return Path(str(files(package))) / "static"


class StaticFile(NamedTuple):
    """One file as it is served: its whole text by coding, and the hash in its address."""

    copies: Mapping[Coding, bytes]
    content_type: bytes
    digest: str
    query: bytes
    """That of its address, as pages write it now."""
    tags: frozenset[bytes]
    """Its entity tags, one a coding."""


class StaticNames:
    """The static files of these packages by name; `bundles` are names for several files put together, in order."""

    def __init__(self, packages: Sequence[str], bundles: Mapping[str, Sequence[str]] | None = None) -> None:
        self.folders = [folder for folder in map(folder_of, packages) if folder.is_dir()]
        self.bundles = dict(bundles or {})
        self.file = cache(self._file)

    def path(self, name: str) -> Path:
        """The file of this name. FileNotFoundError for one that is not there."""
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise FileNotFoundError(name)

    def parts(self, name: str) -> Sequence[str]:
        """The files that this one is made of: itself, unless it is a bundle."""
        return self.bundles.get(name, (name,))

    def address(self, name: str) -> str:
        """The address of a static file, with a hash of what it holds. FileNotFoundError for one that is not there."""
        return f"/static/{name}?v={self.file(name).digest}"

    @cached_property
    def all(self) -> Mapping[str, StaticFile]:
        """Every file there is, by name; made at the first call, which takes a tenth of a second."""
        alone = {path.name for folder in self.folders for path in folder.iterdir() if path.is_file()}
        return {name: self.file(name) for name in sorted(alone | set(self.bundles))}

    def _file(self, name: str) -> StaticFile:
        body = b"\n".join(self.path(part).read_bytes() for part in self.parts(name))
        suffix = Path(name).suffix
        body = smaller(body, suffix)
        copies = {Coding.IDENTITY: body}
        if suffix in TEXTS and len(body) >= LEAST_COMPRESSED:
            copies |= {coding: once(body, coding) for coding in SMALLEST}
        kind = guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        digest = hashlib.sha256(body).hexdigest()[:10]
        tags = frozenset(tag_of(digest, coding) for coding in Coding)
        return StaticFile(copies, f"{kind}{charset}".encode(), digest, f"v={digest}".encode(), tags)


def smaller(body: bytes, suffix: str) -> bytes:
    """The same script or style without comments and blanks: a sixth less after compression."""
    if suffix == ".js":
        return bytes(rjsmin.jsmin(body, keep_bang_comments=True))
    if suffix == ".css":
        return bytes(rcssmin.cssmin(body, keep_bang_comments=True))
    return body


class StaticFiles:
    """The handler of `ADDRESS`; an address with the hash may be cached for a year, by a proxy too."""

    def __init__(self, names: StaticNames) -> None:
        self._files = names.all
        self._heads: dict[tuple[str, Coding, bool], tuple[Headers, Headers]] = {}
        self._ready: dict[tuple[str, bytes, bytes | None], tuple[StaticFile, Answer, Answer]] = {}

    def handle(self, came: Incoming, respond: Respond) -> None:
        """The file, a part of it (RFC 9110, 14), or that the client's copy is good. Refusal `not_found`."""
        name, taken = came.parameters["name"], came.headers
        ready = self._ready.get((name, came.query, taken.get(b"accept-encoding")))
        file, whole, unchanged = ready or self._made(name, came.query, taken.get(b"accept-encoding"))
        if b"range" in taken:
            respond(self._part(came, name, file, taken[b"range"]))
        elif b"if-none-match" in taken and is_kept(taken[b"if-none-match"], file.tags):
            respond(unchanged)
        else:
            respond(whole)

    def _made(
        self, name: str, query: bytes, accept_encoding: bytes | None
    ) -> tuple[StaticFile, Answer, Answer]:
        """The file, the answer that brings it, and the one that says that it has not changed."""
        file = self._files.get(name)
        if file is None:
            raise Refusal(Code.NOT_FOUND)
        coding = choose(accept_encoding, SMALLEST)
        if coding not in file.copies:
            coding = Coding.IDENTITY
        whole, unchanged = self._headers(name, file, coding, query == file.query)
        made = file, Answer(200, file.copies[coding], kind=whole), Answer(304, b"", kind=unchanged)
        if len(self._ready) < MOST_READY and len(accept_encoding or b"") + len(query) < LONGEST_READY:
            self._ready[name, query, accept_encoding] = made
        return made

    def _headers(self, name: str, file: StaticFile, coding: Coding, lasting: bool) -> tuple[Headers, Headers]:
        """Those of the file, and those that a client needs that has it (RFC 9110, 15.4.5)."""
        known = self._heads.get((name, coding, lasting))
        if known is None:
            unchanged: Headers = (
                (b"cache-control", LASTING if lasting else UNSURE),
                (b"etag", tag_of(file.digest, coding)),
            )
            if len(file.copies) > 1:
                unchanged += ((b"vary", b"accept-encoding"),)
            whole = ((b"content-type", file.content_type), (b"accept-ranges", b"bytes"), *unchanged)
            if coding is not Coding.IDENTITY:
                whole += ((b"content-encoding", coding.encode()),)
            known = self._heads[name, coding, lasting] = whole, unchanged
        return known

    def _part(self, came: Incoming, name: str, file: StaticFile, asked: bytes) -> Answer:
        """Of the file as it is: a part of a compressed text is of no use to anybody. All of it for what is no range of
        bytes, for several, and for somebody who holds a part of something else (`If-Range`)."""
        body = file.copies[Coding.IDENTITY]
        headers, _ = self._headers(name, file, Coding.IDENTITY, came.query == file.query)
        holds = came.headers.get(b"if-range")
        if holds is not None and holds.strip() != tag_of(file.digest, Coding.IDENTITY):
            return Answer(200, body, kind=headers)
        try:
            part = wanted(asked, len(body))
        except Unsatisfiable:
            return Answer(416, b"", ((b"content-range", b"bytes */%d" % len(body)),), kind=NOTHING)
        if part is None:
            return Answer(200, body, kind=headers)
        said = b"bytes %d-%d/%d" % (part.start, part.stop - 1, len(body))
        return Answer(206, body[part], ((b"content-range", said),), kind=headers)


def tag_of(digest: str, coding: Coding) -> bytes:
    """The entity tag: a strong one, so each coding has its own (RFC 9110, 8.8.3.3)."""
    return b'"%b"' % (digest if coding is Coding.IDENTITY else f"{digest}-{coding}").encode()


def is_kept(if_none_match: bytes, tags: Container[bytes]) -> bool:
    """Whether the client's copy, in whichever coding, is the file of these tags."""
    if if_none_match in tags or if_none_match.strip() == b"*":
        return True
    return any(tag.strip().removeprefix(b"W/") in tags for tag in if_none_match.split(b","))
