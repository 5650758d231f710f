"""Whose page a form is of. A browser has one session, and a sign-in as somebody else replaces it (a family at one
computer, a lawyer with two clients): what was typed in the page of one account is never done in another.

A page says it in a hidden field, which is no secret; what is signed in is decided by the session alone. A form without
the field is that of whoever is signed in.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from accounts import sessions
from accounts.services import AccountServices
from accounts.sessions import Session
from foundation.errors import Code, Refusal, RefusalCause

FIELD: Final = "whose"


def mark_of(session: Session) -> str:
    """What a page says of its account: enough to tell two apart. Pure."""
    return hashlib.sha256(f"page of account {session.owner}".encode()).hexdigest()[:24]


def shown(session: Session | None, typed: Mapping[str, str]) -> str:
    """The field of a form that is shown to this session; a form that comes back stays whose it was. Pure."""
    return typed.get(FIELD, "") or ("" if session is None else mark_of(session))


def is_anothers(refusal: Refusal | None) -> bool:
    """Whether a form was refused because its page is another account's. Pure."""
    return refusal is not None and refusal.fields.get("cause") == RefusalCause.SESSION_OF_ANOTHER


async def required(services: AccountServices, request: Request, fields: Mapping[str, str]) -> Session:
    """Who is signed in here and sent these fields.

    Refusals not_signed_in, session_ended; not_signed_in with `cause` where the page is of another account than is
    signed in by now.
    """
    session = await sessions.required(services, request)
    if fields.get(FIELD, "") not in {"", mark_of(session)}:
        raise Refusal(
            Code.NOT_SIGNED_IN, cause=RefusalCause.SESSION_OF_ANOTHER, signed_in_as=session.username
        )
    return session
