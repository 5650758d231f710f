"""The form of a candidate's sign-in: what it asks for, what is wrong with what was typed, and what becomes of it.

Two pages show it: the sign-in that follows a file at any time, and that of a number that was called.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from accounts import sessions, states
from accounts.candidates import LEAST_QUESTIONS, LONGEST_SECRET, LONGEST_USERNAME
from accounts.normalisation import is_blank
from accounts.services import AccountServices
from accounts.sessions import SignedIn
from accounts.sign_in import Credentials
from foundation.errors import Refusal
from server.requests import see_other
from server.responses import response_of

LONGEST = {"username": LONGEST_USERNAME}
"""By field, in characters; LONGEST_SECRET for the fields not named here."""

Attempt = Callable[[Credentials], Awaitable[SignedIn]]

Show = Callable[[Mapping[str, str], Refusal | None], Response]
"""The form again: with what to correct by field, and the refusal if there was one."""


async def posted(
    services: AccountServices, fields: Mapping[str, str], attempt: Attempt, then: str, show: Show
) -> Response:
    """What a posted sign-in is answered: the form again, or the session and the way to `then`."""
    if errors := wrong(fields):
        return show(errors, None)
    try:
        signed_in = await attempt(credentials_of(fields))
    except Refusal as refusal:
        return show(states.CORRECTIONS.get(refusal.code, {}), refusal)
    answer = response_of(see_other(then))
    sessions.remember(answer, services, signed_in)
    return answer


def wrong(fields: Mapping[str, str]) -> dict[str, str]:
    """What was left empty or is longer than anybody's, field by field, in the form's order."""
    found = {}
    for field in ("username", "password", *states.ANSWER_FIELDS):
        text = fields.get(field, "")
        if is_blank(text) and field in states.EMPTY:
            found[field] = states.EMPTY[field]
        elif len(text) > LONGEST.get(field, LONGEST_SECRET):
            found[field] = states.TOO_LONG
    return found


def credentials_of(fields: Mapping[str, str]) -> Credentials:
    """What was typed; answer fields stay empty for an account that has fewer questions than the form has fields."""
    answers = [fields.get(field, "") for field in states.ANSWER_FIELDS]
    return Credentials(
        username=fields["username"],
        password=fields["password"],
        answers=[answer for answer in answers if not is_blank(answer)],
        code=fields.get("code", ""),
    )


def context(action: str, typed: Mapping[str, str], note: str, signed_in_as: str = "") -> dict[str, Any]:
    """What the page needs besides refusal and errors; the password is never written back into it, the answers are.

    `signed_in_as` is the account of this browser's session, where the person is asked for another one.
    """
    whose = states.SIGNED_IN_AS.format(signed_in_as) if signed_in_as else ""
    return {
        "action": action,
        "note": f"{whose} {states.NOTES.get(note, '')}".strip(),
        "ordinals": states.ORDINALS,
        "least": LEAST_QUESTIONS,
        "secret": bool(typed),
        "typed": {name: text for name, text in typed.items() if name not in ("password", "code")},
    }
