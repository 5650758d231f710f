"""What a call of the contract is, as OpenAPI describes it, and what all calls of the staff may be refused with."""

from enum import StrEnum
from typing import Final

import msgspec

from foundation.errors import Code


class Credential(StrEnum):
    """What a call must bring: the names of the security schemes."""

    TICKET = "ticket"
    """The place in line, as a bearer or a cookie."""
    SESSION = "session"
    """A candidate's session."""
    OPERATOR = "operator"
    """An operator's session."""
    ANYBODY = "anybody"
    """A candidate's session, if there is one."""


class Call(msgspec.Struct, frozen=True):
    """One call. `answers`: status -> name of a schema, or "" for no content. `who`: what it must bring. `query`: what
    it may have in its address, each with what it is for."""

    method: str
    path: str
    summary: str
    answers: dict[int, str]
    who: Credential | None = None
    body: type | None = None
    codes: tuple[Code, ...] = ()
    query: tuple[tuple[str, str], ...] = ()


AT_THE_DESK: Final = (
    Code.NOT_SIGNED_IN,
    Code.SESSION_ENDED,
    Code.NOT_ALLOWED,
    Code.NOT_YOUR_ROLE,
    Code.SECOND_FACTOR_MISSING,
    Code.NOT_FOUND,
)
