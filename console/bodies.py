"""The bodies of the operators' API, as they come (`docs/contract.md`, Operator)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME


class OperatorSignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/session`."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    password: Annotated[str, Meta(max_length=LONGEST_SECRET)]


class PeriodDraft(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/periods`. What is left out is the programme's."""

    id: str
    programme: str
    opens_at: str
    closes_at: str | None = None
    cap: int | None = None
    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None


class ModeChange(msgspec.Struct, frozen=True):
    """Body of `PUT .../mode`: who is first. What is left out is the programme's."""

    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None


class PublicValue(msgspec.Struct, frozen=True):
    """Body of `PUT .../value`: the public value of a draw."""

    value: str


class PaceChange(msgspec.Struct, frozen=True):
    """Body of `PATCH .../pace`."""

    calls_per_minute: int | None = None
    most_live_tokens: int | None = None


class AccommodationGrant(msgspec.Struct, frozen=True):
    """Body of `PUT /api/v1/operator/accommodations`. The user name is in no address."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    factor: float


class NoticeText(msgspec.Struct, frozen=True):
    """Body of `PUT .../notice`."""

    text: str


class StopOrder(msgspec.Struct, frozen=True):
    """Body of `POST .../stop`. No reason is needed: stopping is quick."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
