"""Programmes: one TOML file each, read once, strict, frozen.

A programme is what is applied for; a period is one intake of it. A file that is wrong is refused at start with a
sentence that names the file, the key and the reason: a key that is not known too, because a misspelt rule is a missing
rule, and a programme half-understood would run a whole day by wrong rules.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from foundation.clock import montreal, montreal_instant
from quota.offices.office_addresses import OfficeAddress, OfficeUse, load_offices, of_programme, office

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]

Sentence = Annotated[str, Meta(min_length=1, max_length=200)]


class ProgrammeError(Exception):
    """A programme file cannot be used. The message names the file, the key and the reason."""


class QueueRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people are let out of the line. The pace is where a period starts; operators steer it (WR-04).

    `mode`: in order of arrival (`fifo`), or early arrivals in an order drawn at the opening (`draw`, announced like the
    other rules: WR-18). Of the latter, how long before the opening entries are taken, and what the public value is.
    """

    mode: Literal["fifo", "draw"]
    entries_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 30
    public_value: Sentence | None = None
    calls_per_minute: Annotated[int, Meta(ge=0, le=100_000)]
    most_live_tokens: Annotated[int, Meta(ge=1, le=100_000)]


class WindowRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a period of this programme opens and closes unless its operator says otherwise, in Montréal time (WR-14).

    `days` counts the opening day. With `notice_hours`, a period is announced at least so long before it opens (WR-18).
    """

    opens: Annotated[time, Meta(tz=False)] = time(8, 30)
    closes: Annotated[time, Meta(tz=False)] = time(23, 59)
    days: Annotated[int, Meta(ge=1, le=366)] = 1
    notice_hours: Annotated[int, Meta(ge=0, le=720)] = 0

    def opens_on(self, day: date) -> int:
        """The opening instant of a period that opens on this day. Raises ValueError when the hour changes just then."""
        return montreal_instant(datetime.combine(day, self.opens))

    def closes_on(self, day: date) -> int:
        """The closing instant of a period that closes on this day. Raises ValueError as `opens_on` does."""
        return montreal_instant(datetime.combine(day, self.closes))

    def closes_after(self, opens_at: int) -> int:
        """The closing instant of a period that opens at this one. Raises ValueError as `opens_on` does."""
        return self.closes_on(montreal(opens_at).date() + timedelta(days=self.days - 1))


class CapRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many are taken: base and announced margin (QU-01). `announced` is the day of the news item, only shown."""

    base: Annotated[int, Meta(ge=1, le=1_000_000)]
    margin: Annotated[int, Meta(ge=0, le=100_000)]
    announced: date | None = None
    margin_override_reason: Sentence | None = None

    @property
    def total(self) -> int:
        return self.base + self.margin


class TokenRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The right to submit: how long it works, in seconds of service (SW-01); and the least and the most that a period
    may say instead without a reason."""

    seconds: Annotated[int, Meta(ge=30, le=3600)]
    least_seconds: Annotated[int, Meta(ge=1, le=3600)] = 30
    most_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 3600


class AccountRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose accounts take part: those made before this local time, in Montréal (WR-16). Without it, all."""

    created_before: Annotated[datetime, Meta(tz=False)] | None = None

    @property
    def created_before_at(self) -> int | None:
        return None if self.created_before is None else montreal_instant(self.created_before)


class DraftRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is filled in beforehand: how many days a draft is kept, for how many more it can be recovered, the name of
    the form if it is not the programme's own, and which of its sections a complete one has: all of them unless some are
    named."""

    days: Annotated[int, Meta(ge=1, le=366)] = 90
    recover_days: Annotated[int, Meta(ge=1, le=366)] = 30
    form: Slug | None = None
    sections: tuple[Slug, ...] = ()


class SessionRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long one visit to the account lasts, in minutes, from the sign-in (WR-17)."""

    minutes: Annotated[int, Meta(ge=5, le=600)] = 60


class DeviceRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a computer may run to apply (DV-01); the names are the device rule's families."""

    allow: Annotated[
        frozenset[Literal["windows", "macos", "linux", "chromeos", "harmonyos"]], Meta(min_length=1)
    ]


Cents = Annotated[int, Meta(ge=0, le=100_000_00)]


class PaymentRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days to pay in, counted from the submission (QU-05); then `grace_days`, in business days, for which the office
    waits for what its mailroom has not entered yet (PY-05); how many days before the last one people are reminded; and
    for how many after a deletion the postal address is kept, to return what comes still.

    `policy` says when anything is due (PY-10): within those days (`within_days`), or never (`none`): a file is then
    opened as soon as it is submitted, and nothing of the rest applies. « With the application » is refused: nobody pays
    while their place is held.

    `on_unpaid` says what becomes of the place of an application that was not paid (QU-05): it stays taken
    (`keep_closed`), or a further period may offer it again (`reopen`, `quota/released/places.py`). Its rank is given to
    nobody either way, and `accepted` never goes down. `refund_alone` is how much, in cents, one member of staff lets go
    back alone; more takes two (P17).
    """

    policy: Literal["within_days", "none", "with_application"] = "within_days"
    days: Annotated[int, Meta(ge=1, le=366)] = 30
    grace_days: Annotated[int, Meta(ge=0, le=60)] = 5
    reminders: tuple[Annotated[int, Meta(ge=1, le=365)], ...] = (14, 3, 1)
    return_days: Annotated[int, Meta(ge=1, le=730)] = 90
    on_unpaid: Literal["keep_closed", "reopen"] = "keep_closed"
    refund_alone: Cents = 1_000_00

    @property
    def asks_fees(self) -> bool:
        """Whether an application costs anything."""
        return self.policy != "none"

    @property
    def due_days(self) -> int:
        """The days to pay in; 0 where nothing is due."""
        return self.days if self.asks_fees else 0


class FeeRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the fee table: what each person costs, in cents, when the application is submitted on `since` or later
    (PY-09). `sample`: the amounts are examples, and every page that shows them says so."""

    since: date
    principal: Cents
    spouse: Cents | None = None
    dependant: Cents | None = None
    sample: bool = False


class FeeCount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is counted beside the principal: the yes/no field of the form, such as `children.comes`, that says of each
    person whether they come along. Without it nobody of that kind is counted."""

    spouse: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")] | None = None
    dependant: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")] | None = None


class RepresentativeRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which representatives, declared on file, may sign for the candidate at the submission (RP-01); the names are
    kinds of `accounts/representatives/states.py`. An empty list: the candidate alone."""

    may_sign: frozenset[Literal["lawyer", "notary", "consultant", "relative"]] = frozenset({"lawyer"})


class StreamRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stream whose people may apply at any time, without room, window or cap (EX-01): its name, what the number that
    proves it is called, and where that number is found."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,40}$")]
    name: Sentence
    proof_label: Sentence
    proof_hint: Sentence | None = None


class RegistrationWindow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When accounts may be made (AC-07), in Montréal time: from `opens` until `closes`, or until further notice; or, as
    long as the day is not known, `not_later_than` a day. `note` is what people are told of it besides."""

    opens: Annotated[datetime, Meta(tz=False)] | None = None
    closes: Annotated[datetime, Meta(tz=False)] | None = None
    not_later_than: date | None = None
    note: Sentence | None = None

    @property
    def opens_at(self) -> int | None:
        return None if self.opens is None else montreal_instant(self.opens)

    @property
    def closes_at(self) -> int | None:
        return None if self.closes is None else montreal_instant(self.closes)


class Programme(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One programme file as a value. `offices` are not of the file: they stand in the one of offices beside it."""

    id: Slug
    name: Sentence
    ministry: Sentence
    languages: Annotated[tuple[Literal["fr", "en"], ...], Meta(min_length=1)]
    queue: QueueRules
    window: WindowRules = WindowRules()
    cap: CapRules
    token: TokenRules
    accounts: AccountRules = AccountRules()
    draft: DraftRules
    session: SessionRules = SessionRules()
    device: DeviceRules
    payment: PaymentRules = PaymentRules()
    fees: tuple[FeeRow, ...] = ()
    fee_count: FeeCount = FeeCount()
    representatives: RepresentativeRules = RepresentativeRules()
    registration: tuple[RegistrationWindow, ...] = ()
    streams: tuple[StreamRules, ...] = ()
    offices: tuple[OfficeAddress, ...] = ()

    def office(self, use: OfficeUse, day: date) -> OfficeAddress | None:
        """The address for a use on a day (DC-07); None where no file says one."""
        return office(self.offices, use, day)

    def stream(self, id: str) -> StreamRules | None:
        """The stream of this id, or None."""
        return next((one for one in self.streams if one.id == id), None)


def load(path: Path) -> Programme:
    """Read one programme file. Raises ProgrammeError."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise ProgrammeError(f"{path}: cannot be read as UTF-8 text ({problem}).") from problem
    except tomllib.TOMLDecodeError as problem:
        raise ProgrammeError(f"{path}: not valid TOML: {problem}.") from problem
    try:
        programme = msgspec.convert(content, Programme)
    except msgspec.ValidationError as problem:
        raise ProgrammeError(_sentence(path, str(problem))) from problem
    for key, reason in _contradictions(path, programme).items():
        raise ProgrammeError(f"{path}: key {key}: {reason}.")
    return programme


def load_all(folder: Path) -> dict[str, Programme]:
    """Every programme of a folder by id, with its offices. Raises OfficeError, and ProgrammeError, also for none."""
    programmes = {path.stem: load(path) for path in sorted(folder.glob("*.toml"))}
    if not programmes:
        raise ProgrammeError(f"{folder}: no programme file (*.toml) is here.")
    rows = load_offices(folder)
    return {
        id: msgspec.structs.replace(one, offices=of_programme(rows, id)) for id, one in programmes.items()
    }


def office_of_all(programmes: Mapping[str, Programme], use: OfficeUse, day: date) -> OfficeAddress | None:
    """The address for a use that is of no programme in particular; each of them knows it. None where there is none."""
    rows = next((one.offices for one in programmes.values()), ())
    return office([one for one in rows if not one.programmes], use, day)


def shown(programme: Programme) -> dict[str, Any]:
    """The programme as the operators' API gives it: the file, with the numbers one looks for on top."""
    content: dict[str, Any] = msgspec.to_builtins(programme, order="deterministic")
    del content["offices"]
    return content | {
        "calls_per_minute": programme.queue.calls_per_minute,
        "most_live_tokens": programme.queue.most_live_tokens,
        "token_seconds": programme.token.seconds,
        "cap_total": programme.cap.total,
    }


def _contradictions(path: Path, programme: Programme) -> Mapping[str, str]:
    """What the types cannot say, as key and reason; empty when the file holds together."""
    found: dict[str, str] = {}
    if programme.offices:
        found["offices"] = "stands in offices/offices.toml, beside the programmes"
    cap = programme.cap
    if programme.id != path.stem:
        found["id"] = f"is {programme.id}, but the file is called {path.name}; they must be the same"
    if "fr" not in programme.languages:
        found["languages"] = "must hold fr: every page is in French"
    if cap.margin and not 50 <= cap.margin <= 150 and cap.margin_override_reason is None:
        found["cap.margin"] = (
            f"is {cap.margin}; it must be 0 or 50 to 150, or margin_override_reason must say why it is not"
        )
    token = programme.token
    if not token.least_seconds <= token.seconds <= token.most_seconds:
        found["token.seconds"] = (
            f"is {token.seconds}; it must be from least_seconds ({token.least_seconds}) to most_seconds "
            f"({token.most_seconds})"
        )
    if len(set(programme.draft.sections)) < len(programme.draft.sections):
        found["draft.sections"] = "names a section twice"
    if len({one.id for one in programme.streams}) < len(programme.streams):
        found["streams"] = "has an id twice"
    found |= _of_registration(programme.registration)
    found |= _of_fees(programme)
    if programme.accounts.created_before is not None:
        try:
            montreal_instant(programme.accounts.created_before)
        except ValueError as problem:
            found["accounts.created_before"] = str(problem)
    return found


def _of_fees(programme: Programme) -> Mapping[str, str]:
    """What is wrong with the fee table and the rules of payment."""
    payment, rows = programme.payment, programme.fees
    if payment.policy == "with_application":
        return {
            "payment.policy": "is with_application, which is not served: fees are paid within days of the submission "
            "(within_days), or there are none (none)"
        }
    if not payment.asks_fees and (rows or programme.fee_count != FeeCount()):
        return {"payment.policy": "is none, and [[fees]] or [fee_count] say that something is asked for"}
    if not payment.asks_fees and payment.on_unpaid != "keep_closed":
        return {
            "payment.on_unpaid": f"is {payment.on_unpaid}, and the policy is none: no application is ever unpaid"
        }
    if any(day > payment.days for day in payment.reminders):
        return {"payment.reminders": f"has one before the {payment.days} days to pay have begun"}
    if list(rows) != sorted(rows, key=lambda row: row.since) or len({row.since for row in rows}) < len(rows):
        return {"fees": "must be in the order of their days, one row a day"}
    for kind in ("spouse", "dependant"):
        if getattr(programme.fee_count, kind) is not None and any(getattr(row, kind) is None for row in rows):
            return {"fees": f"must each have an amount of {kind}, who is counted"}
    return {}


def _of_registration(windows: tuple[RegistrationWindow, ...]) -> Mapping[str, str]:
    """What is wrong with the windows of registration: each has a date or a latest day, in order."""
    ended: int | None = 0
    for window in windows:
        if (window.opens is None) == (window.not_later_than is None):
            return {"registration": "a window has either opens, or not_later_than while its day is not known"}
        if window.closes is not None and window.opens is None:
            return {"registration": "a window whose day is not known has no closes"}
        try:
            opens_at, closes_at = window.opens_at, window.closes_at
        except ValueError as problem:
            return {"registration": str(problem)}
        if opens_at is None:
            continue
        if ended is None or opens_at < ended:
            return {"registration": "a window opens before the one above it has closed"}
        if closes_at is not None and closes_at <= opens_at:
            return {"registration": "a window closes before it opens"}
        ended = closes_at
    return {}


def _sentence(path: Path, problem: str) -> str:
    """msgspec says where and why in its own way; a person wants the key first."""
    reason, _, place = problem.partition(" - at `$")
    key = place.rstrip("`").replace("[...]", "").lstrip(".")
    if field := re.search(r"(unknown|missing required) field `(.+)`", reason):
        key = f"{key}.{field[2]}".lstrip(".")
        reason = "is not known" if field[1] == "unknown" else "is missing"
    return f"{path}: key {key or '(top)'}: {reason.replace('`', '')}."
