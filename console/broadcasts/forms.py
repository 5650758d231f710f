"""What is typed for a broadcast, read: its text, and the filters of its audience. Pure."""

from collections.abc import Collection, Mapping
from typing import Final

from casework.files.states import STATUSES, FileStatus
from casework.mailbox import audiences, typed
from casework.mailbox.audiences import AUDIENCE_KINDS, Audience, AudienceKind
from casework.mailbox.typed import TypedMessage
from foundation.errors import Code, Refusal
from quota.programmes import Programme

STATUS_FIELD: Final = "status-"
"""Before the value of a status in the name of its box."""

LONGEST_NUMBER: Final = 9


def read(fields: Mapping[str, str], programmes: Collection[str]) -> tuple[TypedMessage, Audience]:
    """The message and its audience. Refusal invalid, at every field that is wrong."""
    wrong: list[dict[str, str]] = []
    said, audience = None, None
    try:
        said = typed.read(fields.get("title", ""), fields.get("text", ""))
    except Refusal as refusal:
        wrong += refusal.fields["fields"]
    try:
        audience = audiences.checked(_audience(fields, programmes))
    except Refusal as refusal:
        wrong += refusal.fields["fields"]
    if said is None or audience is None:
        raise Refusal(Code.INVALID, fields=wrong)
    return said, audience


def _audience(fields: Mapping[str, str], programmes: Collection[str]) -> Audience:
    kind = next((one for one in AudienceKind if one == fields.get("kind")), None)
    if kind is None:
        raise _invalid("kind", "Choisissez à qui ce message est destiné.")
    programme = fields.get("programme", "")
    if programme and programme not in programmes:
        raise _invalid("programme", "Choisissez un programme de la liste.")
    statuses = tuple(status for status in FileStatus if fields.get(f"{STATUS_FIELD}{status}"))
    return Audience(
        kind=kind, programme=programme or None, period=fields.get("period") or None, statuses=statuses
    )


def typed_of(said: TypedMessage, audience: Audience) -> dict[str, str]:
    """The fields of the form, as they were when this was typed."""
    boxes = {f"{STATUS_FIELD}{status}": "1" for status in audience.statuses}
    return boxes | {
        "title": said.title,
        "text": said.text,
        "kind": audience.kind,
        "programme": audience.programme or "",
        "period": audience.period or "",
    }


def audience_words(
    audience: Audience, programmes: Mapping[str, Programme], periods: Mapping[str, str]
) -> list[str]:
    """The filters, as staff read them."""
    words = [AUDIENCE_KINDS[audience.kind]]
    if audience.programme is not None:
        found = programmes.get(audience.programme)
        words.append(f"Programme : {audience.programme if found is None else found.name}")
    if audience.period is not None:
        words.append(f"Période : {periods.get(audience.period, audience.period)}")
    if audience.kind is AudienceKind.APPLICANTS:
        chosen = [STATUSES[status] for status in audience.statuses]
        words.append(
            f"Statut : {' ; '.join(chosen)}" if chosen else "Toutes les demandes qui ne sont pas terminées"
        )
    return words


def number_in(fields: Mapping[str, str], name: str) -> int:
    """A number that the page itself wrote into its form; 0, which is nobody's, for what is none."""
    text = fields.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def _invalid(name: str, why: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why}])
