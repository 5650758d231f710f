"""The bodies of the operators' API, as they come (`docs/contract.md`, Operator).

Bounds that are told (`told`) are in `/openapi.json`, and held where the act itself is judged, with the reason in
French; those of `Meta` alone are held here.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from accounts.accommodations import LEAST_FACTOR, MOST_FACTOR
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.second_factor.totp import LONGEST_CODE
from quota.draw_order import LONGEST_VALUE
from quota.period_bounds import DAY_SECONDS, LONGEST_NOTICE, LONGEST_REASON, MOST_AT_ONCE, MOST_PLACES, SLUG
from quota.states import Mode


def told(**schema: Any) -> Meta:
    """What `/openapi.json` says of a field; nothing is checked here."""
    return Meta(extra_json_schema=schema)


PeriodId = Annotated[str, told(pattern=f"^{SLUG.pattern}$")]

Instant = Annotated[
    str,
    told(
        description="RFC 3339, or a local time without offset (Montréal's); an opening or closing also a date alone",
        examples=["2026-06-13T08:30:00-04:00", "2026-06-13"],
    ),
]

Cap = Annotated[int, told(minimum=1, maximum=MOST_PLACES)]

Pace = Annotated[int, told(minimum=0, maximum=MOST_AT_ONCE)]

Live = Annotated[int, told(minimum=1, maximum=MOST_AT_ONCE)]

TokenSeconds = Annotated[int, told(minimum=1, maximum=DAY_SECONDS)]

ModeName = Annotated[str, told(enum=[mode.value for mode in Mode])]

OverrideReason = Annotated[str, Meta(max_length=LONGEST_REASON)]

ResumedNotice = Annotated[str, Meta(max_length=LONGEST_NOTICE)]
"""Held here: moves that do not look at them must not take what others refuse."""

Reason = Annotated[str, told(maxLength=LONGEST_REASON)]

Notice = Annotated[str, told(minLength=1, maxLength=LONGEST_NOTICE)]


class OperatorSignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/session`; `code` is that of the second factor, for those who have one."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    password: Annotated[str, Meta(max_length=LONGEST_SECRET)]
    code: Annotated[str, Meta(max_length=LONGEST_CODE)] | None = None


class PeriodDraft(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/periods`. What is left out is the programme's."""

    id: PeriodId
    programme: str
    opens_at: Instant
    closes_at: Instant | None = None
    cap: Cap | None = None
    calls_per_minute: Pace | None = None
    most_live_tokens: Live | None = None
    token_seconds: TokenSeconds | None = None
    mode: ModeName | None = None
    entries_from: Instant | None = None
    value_is: str | None = None
    reason: Reason | None = None
    from_released: bool = False


class PeriodCorrection(msgspec.Struct, frozen=True):
    """Body of `PATCH .../periods/{id}`: what is corrected in a draft. What is left out stays; `programme` and `id` may
    come along, and stay too."""

    id: PeriodId | None = None
    programme: str | None = None
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    cap: Cap | None = None
    calls_per_minute: Pace | None = None
    most_live_tokens: Live | None = None
    token_seconds: TokenSeconds | None = None
    mode: ModeName | None = None
    entries_from: Instant | None = None
    value_is: str | None = None
    reason: Reason | None = None
    version: int | None = None


class Move(msgspec.Struct, frozen=True):
    """Body of a move. All of it may be left out: `notice` is for a resumption, `override_reason` for an announcement
    that the readiness check keeps back, `version` is what the operator saw."""

    notice: ResumedNotice | None = None
    override_reason: OverrideReason | None = None
    version: int | None = None


class Arming(msgspec.Struct, frozen=True):
    """Body of `POST .../arm`: what was announced, typed again by a second person."""

    cap: Cap | None = None
    opens_at: Instant | None = None
    override_reason: OverrideReason | None = None
    version: int | None = None


class AnnulReason(msgspec.Struct, frozen=True):
    """Body of `POST .../annul`. Everybody is told; a second person may leave it out."""

    reason: Reason | None = None


class ModeChange(msgspec.Struct, frozen=True):
    """Body of `PUT .../mode`: who is first. What is left out is the programme's."""

    mode: ModeName | None = None
    entries_from: Instant | None = None
    value_is: str | None = None
    version: int | None = None


class PublicValue(msgspec.Struct, frozen=True):
    """Body of `PUT .../value`: the public value of a draw."""

    value: Annotated[str, told(minLength=1, maxLength=LONGEST_VALUE)]
    version: int | None = None


class SeenVersion(msgspec.Struct, frozen=True):
    """Body of a change that says nothing else: the `version` that the operator saw."""

    version: int | None = None


class PaceChange(msgspec.Struct, frozen=True):
    """Body of `PATCH .../pace`. A pace of nobody before the opening needs a `reason`."""

    calls_per_minute: Pace | None = None
    most_live_tokens: Live | None = None
    reason: Reason | None = None
    version: int | None = None


class AccommodationGrant(msgspec.Struct, frozen=True):
    """Body of `PUT /api/v1/operator/accommodations`. The user name is in no address."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    factor: Annotated[float, told(minimum=LEAST_FACTOR, maximum=MOST_FACTOR)]


class NoticeText(msgspec.Struct, frozen=True):
    """Body of `PUT .../notice`."""

    text: Notice
    version: int | None = None


class StopOrder(msgspec.Struct, frozen=True):
    """Body of `POST .../stop`. No reason is needed: stopping is quick."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
