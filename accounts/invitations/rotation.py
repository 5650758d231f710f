"""Invitations under the newest key: their content, and the blind indexes of their link and of their address."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from accounts.invitations.inviting import CONTENT, InvitedPerson, place
from accounts.invitations.services import codes_of
from accounts.invitations.store import invitation
from accounts.personal_data.fields import PersonalFields, UnreadableField
from foundation.encryption.rotation import Rotation, of_rows


def rotation(secret_keys: Sequence[str]) -> Rotation:
    """All of them. A link stays good without the key under which it was sent, for its code stands in the content."""
    personal, codes = PersonalFields(secret_keys), codes_of(secret_keys)

    def resealed(row: Any) -> Mapping[str, Any] | None:
        if row.content is None:  # used, or past: an earlier release left the index of the address
            return {"email_key": ""} if row.email_key else {}
        try:
            text = personal.opened(place(row.code_key), CONTENT, row.content)
        except UnreadableField:
            return None
        person = msgspec.json.decode(text, type=InvitedPerson)
        # Those of earlier releases do not hold their code: their link is good as long as its key is kept.
        code_key = codes.stored(person.code) if person.code else row.code_key
        email_key = personal.emails.stored(person.email.canonical)
        is_newest = personal.is_newest(row.content)
        if is_newest and (code_key, email_key) == (row.code_key, row.email_key):
            return {}
        return {
            "code_key": code_key,
            "content": personal.seal(place(code_key), CONTENT, text),
            "email_key": email_key,
        }

    return of_rows(invitation, ("code_key", "content", "email_key"), resealed)
