"""What the mailroom's forms carry, read and shown again. Pure."""

import secrets
from collections.abc import Mapping
from datetime import date

from casework.mailroom.correcting.corrections import TypedCorrection
from casework.mailroom.entries import TypedMail
from foundation.errors import Refusal

LONGEST_FIELD = 2_000


def typed_mail(fields: Mapping[str, str]) -> TypedMail:
    """An entry as it was typed; a field that did not come is empty, and a NUL is nothing."""
    return TypedMail(**{name: text_of(fields, name) for name in TypedMail.__struct_fields__})


def text_of(fields: Mapping[str, str], name: str) -> str:
    """One field, no longer than anything is."""
    return fields.get(name, "")[:LONGEST_FIELD].replace("\x00", "")


def whole(text: str) -> int | None:
    """The number of an item in an address; nonsense is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def new_key() -> str:
    """Of a form: one entry, however often it is sent."""
    return secrets.token_urlsafe(18)


def errors_of(refusal: Refusal) -> dict[str, str]:
    """The sentence of each wrong field."""
    return {field["name"]: field["reason"] for field in refusal.fields.get("fields", [])}


def remembered(text: str, today: date) -> str:
    """The day of reception that a new form begins with: the last one that was entered, otherwise today."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return today.isoformat()


def changed(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """What is told differently now, as sentences of before and of now; either is empty where there is none."""
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    longest = max(len(gone), len(come))
    return list(zip(gone + [""] * (longest - len(gone)), come + [""] * (longest - len(come)), strict=True))


def typed_correction(fields: Mapping[str, str]) -> TypedCorrection:
    """What is proposed to be put right, as it was typed."""
    return TypedCorrection(
        received_on=text_of(fields, "received_on"), postmarked_on=text_of(fields, "postmarked_on"),
        undoes=bool(text_of(fields, "undoes")), reason=text_of(fields, "reason"),
    )  # fmt: skip
