"""Registrations that wait, under the newest key: their content, and the blind indexes of address and code."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.personal_data.fields import PersonalFields, UnreadableField
from accounts.registration import codes
from accounts.registration.confirming import content_of
from accounts.registration.registering import CONTENT
from accounts.registration.services import codes_of
from accounts.registration.store import registration
from foundation.encryption.rotation import Rotation, of_rows


def rotation(secret_keys: Sequence[str]) -> Rotation:
    """All of them. Those of an account that was there before take the index of its address with it
    (`accounts/personal_data/rotation.py`)."""
    personal, index = PersonalFields(secret_keys), codes_of(secret_keys)

    def resealed(row: Any) -> Mapping[str, Any] | None:
        made = (codes.code_of(secret, row.serial) for secret in secret_keys)
        code = next((one for one in made if row.code_key in index.sought(one)), None)
        values = {} if code is None else {"code_key": index.stored(code)}
        if row.content is not None:
            try:
                text = personal.opened(row.username, CONTENT, row.content)
                values["email_key"] = personal.emails.stored(content_of(personal, row).email.canonical)
            except UnreadableField:
                return None
            if not personal.is_newest(row.content):
                values["content"] = personal.seal(row.username, CONTENT, text)
        return {name: value for name, value in values.items() if value != getattr(row, name)}

    return of_rows(registration, ("content", "email_key", "code_key"), resealed)
