"""The bodies of the operators' API, as they come (`docs/contract.md`, Operator)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.operators.totp import LONGEST_CODE


class OperatorSignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/session`; `code` is that of the second factor, for those who have one."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    password: Annotated[str, Meta(max_length=LONGEST_SECRET)]
    code: Annotated[str, Meta(max_length=LONGEST_CODE)] | None = None


class PeriodDraft(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/periods`. What is left out is the programme's."""

    id: str
    programme: str
    opens_at: str
    closes_at: str | None = None
    cap: int | None = None
    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    token_seconds: int | None = None
    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None
    reason: str | None = None


class PeriodCorrection(msgspec.Struct, frozen=True):
    """Body of `PATCH .../periods/{id}`: what is corrected in a draft. What is left out stays; `programme` and `id` may
    come along, and stay too."""

    id: str | None = None
    programme: str | None = None
    opens_at: str | None = None
    closes_at: str | None = None
    cap: int | None = None
    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    token_seconds: int | None = None
    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None
    reason: str | None = None
    version: int | None = None


class Move(msgspec.Struct, frozen=True):
    """Body of a move. All of it may be left out: `notice` is for a resumption, `override_reason` for an announcement
    that the readiness check keeps back, `version` is what the operator saw."""

    notice: str | None = None
    override_reason: str | None = None
    version: int | None = None


class Arming(msgspec.Struct, frozen=True):
    """Body of `POST .../arm`: what was announced, typed again by a second person."""

    cap: int | None = None
    opens_at: str | None = None
    override_reason: str | None = None
    version: int | None = None


class AnnulReason(msgspec.Struct, frozen=True):
    """Body of `POST .../annul`. Everybody is told; a second person may leave it out."""

    reason: str | None = None


class ModeChange(msgspec.Struct, frozen=True):
    """Body of `PUT .../mode`: who is first. What is left out is the programme's."""

    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None
    version: int | None = None


class PublicValue(msgspec.Struct, frozen=True):
    """Body of `PUT .../value`: the public value of a draw."""

    value: str
    version: int | None = None


class SeenVersion(msgspec.Struct, frozen=True):
    """Body of a change that says nothing else: the `version` that the operator saw."""

    version: int | None = None


class PaceChange(msgspec.Struct, frozen=True):
    """Body of `PATCH .../pace`. A pace of nobody before the opening needs a `reason`."""

    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    reason: str | None = None
    version: int | None = None


class AccommodationGrant(msgspec.Struct, frozen=True):
    """Body of `PUT /api/v1/operator/accommodations`. The user name is in no address."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    factor: float


class NoticeText(msgspec.Struct, frozen=True):
    """Body of `PUT .../notice`."""

    text: str
    version: int | None = None


class StopOrder(msgspec.Struct, frozen=True):
    """Body of `POST .../stop`. No reason is needed: stopping is quick."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
