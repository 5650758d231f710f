"""P15 of what amendments cost: what was asked for, what came and went back, and what has effect, supplement by
supplement. Pure.

The service keeps one row a supplement; here its events and the movements of its file are summed up again, and all three
must say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ENDS, status_of
from casework.payments.movements import Movement, balance, completed_by
from casework.payments.states import AWAITS_SUPPLEMENT
from casework.payments.supplements.rows import Supplement, SupplementState
from evidence.books import (
    Books,
    BrokenPromise,
    FileEventRow,
    SubmissionRow,
    SupplementRow,
    found,
)
from evidence.money.recount_money import moved_of
from evidence.promises import Promise
from foundation.money import dollars
from submission import fees
from submission.states import SubmissionStatus

NOT_ASKED = "the fee of an amendment is not what its amendment asked for"

OTHERWISE = "the fee of an amendment stands otherwise than its file's events say"

NOT_HERE = "the fee of an amendment is paid, and the movements do not make it up"

NOT_APPLIED = "the whole fee of an amendment came in time, and it has no effect"

LAPSED_PAID = "an amendment lapsed or was given up though its whole fee had come in time"

TOO_EARLY = "an amendment was taken into account before its fee was here"


class ToldSupplement(msgspec.Struct, kw_only=True):
    """What the events of a file say of one supplement: what was asked for, by which day, where it stands, and the
    instants at which its money was recorded as here."""

    cents: int
    pay_by: date
    state: SupplementState = SupplementState.AWAITED
    paid_at: list[int] = []
    paid_cents: list[int] = []


class FileSupplements(msgspec.Struct, frozen=True, kw_only=True):
    """All that the books have of the supplements of one file."""

    file: SubmissionRow
    rows: list[Supplement]
    events: list[FileEventRow]
    moved: list[Movement]
    going_back: int

    @property
    def status(self) -> FileStatus:
        return status_of(SubmissionStatus(self.file.status), (FileEventKind(one.kind) for one in self.events))

    @property
    def fee(self) -> int:
        """The cents of the fee itself."""
        fixed = fees.read(self.file.fee)
        return 0 if fixed is None else fixed.cents

    def named(self, serial: int) -> str:
        """A supplement without what is personal in it."""
        return f"submission {self.file.id}, rank {self.file.rank}, amendment {serial}"


def supplements_add_up(books: Books) -> list[BrokenPromise]:
    """Each check's findings."""
    files = list(_files(books))
    checks = {
        NOT_ASKED: asked_otherwise, OTHERWISE: stand_otherwise, NOT_HERE: not_here, NOT_APPLIED: not_applied,
        LAPSED_PAID: lapsed_though_paid,
    }  # fmt: skip
    return [
        *(
            broken
            for sentence, check in checks.items()
            for broken in found(Promise.P15, sentence, [row for file in files for row in check(file)])
        ),
        *found(Promise.P15, TOO_EARLY, _too_early(books, files)),
    ]


def asked_otherwise(of: FileSupplements) -> Iterator[str]:
    """Rows and amendments that do not ask for the same: an amount, a day (which only moves later), one without the
    other."""
    told, rows = told_of(of.events), {one.serial: one for one in of.rows}
    for serial in sorted(told.keys() | rows.keys()):
        said, row = told.get(serial), rows.get(serial)
        if said is None or row is None:
            yield f"{of.named(serial)}: {'no amendment asks for it' if said is None else 'no row has it'}"
        elif row.cents != said.cents or any(cents != said.cents for cents in said.paid_cents):
            amounts = [row.cents, *said.paid_cents]
            yield f"{of.named(serial)}: {_cents([said.cents])} asked for, and {_cents(amounts)} written"
        elif row.last_day < said.pay_by:
            yield f"{of.named(serial)}: payable until {said.pay_by}, and {row.last_day} written"


def stand_otherwise(of: FileSupplements) -> Iterator[str]:
    """Rows that are paid, lapsed or awaited, and events that say another of the three. What a file awaited that has
    ended lapses without an event."""
    told = told_of(of.events)
    for row in of.rows:
        said = told[row.serial].state if row.serial in told else SupplementState.AWAITED
        fell = row.state is SupplementState.LAPSED and said is SupplementState.AWAITED and of.status in ENDS
        if row.state is not said and not fell:
            yield f"{of.named(row.serial)}: {row.state}, and the events say {said}"


def not_here(of: FileSupplements) -> Iterator[str]:
    """Supplements of an open file that are paid, the newest first, as many as its money does not cover."""
    if of.status not in AWAITS_SUPPLEMENT:
        return
    paid = [one for one in of.rows if one.state is SupplementState.PAID]
    missing = of.fee + sum(one.cents for one in paid) - balance(of.moved)
    for one in reversed(paid):
        if missing <= 0:
            return
        yield f"{of.named(one.serial)}: {dollars(missing)} missing"
        missing -= one.cents


def not_applied(of: FileSupplements) -> Iterator[str]:
    """The supplement that is awaited, where the money of its open file covers it by its last day, and stays."""
    for one in of.rows:
        if one.state is SupplementState.AWAITED and of.status in AWAITS_SUPPLEMENT:
            settled = sum(other.cents for other in of.rows if other.state is SupplementState.PAID)
            wanted = of.fee + settled + one.cents
            is_here = balance(of.moved) - of.going_back >= wanted
            if is_here and _is_covered(of.moved, wanted, one.last_day):
                yield of.named(one.serial)


def lapsed_though_paid(of: FileSupplements) -> Iterator[str]:
    """Supplements that lapsed, or were given up, of an open file while its money covered them by their last day: looked
    at each event that says so, with what had been settled until then."""
    rows = {one.serial: one for one in of.rows}
    for n, event in enumerate(of.events):
        serial = _detail(event).get("serial")
        if event.kind not in WITHOUT_EFFECT or serial not in rows:
            continue
        before = [one for one in of.moved if one.at < event.at]
        paid = (one.cents for one in told_of(of.events[:n]).values() if one.state is SupplementState.PAID)
        standing = status_of(SubmissionStatus.SUBMITTED, (FileEventKind(one.kind) for one in of.events[:n]))
        wanted = of.fee + sum(paid) + rows[serial].cents
        if standing in AWAITS_SUPPLEMENT and _is_covered(before, wanted, rows[serial].last_day):
            yield of.named(serial)


WITHOUT_EFFECT = frozenset({FileEventKind.AMENDMENT_LAPSED, FileEventKind.AMENDMENT_GIVEN_UP})
"""The events by which an amendment has no effect."""


def told_of(happened: Iterable[FileEventRow]) -> Mapping[int, ToldSupplement]:
    """What the events of a file say of its supplements, by the serial of the amendment."""
    told: dict[int, ToldSupplement] = {}
    for event in happened:
        if event.kind not in TOLD_BY:
            continue
        detail = _detail(event)
        if event.kind == FileEventKind.AMENDED and "cents" in detail:
            told[detail["serial"]] = ToldSupplement(
                cents=detail["cents"], pay_by=date.fromisoformat(detail["pay_by"])
            )
        elif (one := told.get(detail.get("serial", 0))) is not None:
            _moved_on(one, event, detail)
    return told


TOLD_BY = frozenset(
    {
        FileEventKind.AMENDED,
        FileEventKind.SUPPLEMENT_PAID,
        FileEventKind.SUPPLEMENT_REVERSED,
        FileEventKind.AMENDMENT_LAPSED,
        FileEventKind.AMENDMENT_GIVEN_UP,
        FileEventKind.AMENDMENT_RESTORED,
    }
)
"""The events that say something of a supplement."""


def _moved_on(one: ToldSupplement, event: FileEventRow, detail: Mapping[str, Any]) -> None:
    match event.kind:
        case FileEventKind.SUPPLEMENT_PAID:
            one.state = SupplementState.PAID
            one.paid_at.append(event.at)
            one.paid_cents.append(detail["cents"])
        case FileEventKind.SUPPLEMENT_REVERSED:
            one.state = SupplementState.LAPSED if detail.get("lapsed") else SupplementState.AWAITED
        case FileEventKind.AMENDMENT_LAPSED:
            one.state = SupplementState.LAPSED
        case FileEventKind.AMENDMENT_GIVEN_UP:
            one.state = SupplementState.GIVEN_UP
        case FileEventKind.AMENDMENT_RESTORED:
            one.state = SupplementState.AWAITED


def figures(books: Books) -> str:
    """What was asked for, how much of it is paid, awaited and lapsed, in one line; empty where nothing was."""
    rows = [supplement_of(row) for row in books.supplements]
    if not rows:
        return ""
    parts = [
        f"{len(mine)} {state} ({_cents([sum(one.cents for one in mine)])})"
        for state in SupplementState
        if (mine := [one for one in rows if one.state is state])
    ]
    return f"fees of amendments: {len(rows)} asked for; {', '.join(parts)}"


def supplement_of(row: SupplementRow) -> Supplement:
    """A row as the service reads it."""
    fee = fees.read(row.fee)
    assert fee is not None
    return Supplement(
        id=row.id, submission=row.submission, serial=row.serial, fee=fee, asked_at=0, pay_by=row.pay_by,
        paid_at=row.paid_at, lapsed_at=row.lapsed_at, given_up_at=row.given_up_at,
    )  # fmt: skip


def _too_early(books: Books, files: Iterable[FileSupplements]) -> Iterator[str]:
    told = {of.file.id: (of, told_of(of.events)) for of in files}
    for one in books.acknowledged:
        of, supplements = told.get(one.submission, (None, {}))
        asked = supplements.get(one.serial)
        if of is not None and asked is not None and not any(at <= one.at for at in asked.paid_at):
            yield of.named(one.serial)


def _files(books: Books) -> Iterator[FileSupplements]:
    """The files that a supplement is of, or whose events speak of one."""
    rows: dict[int, list[Supplement]] = defaultdict(list)
    events: dict[int, list[FileEventRow]] = defaultdict(list)
    for row in books.supplements:
        rows[row.submission].append(supplement_of(row))
    for event in sorted(books.file_events, key=lambda one: one.id):
        events[event.submission].append(event)
    moved = moved_of(books)
    for file in books.submissions:
        if file.id in rows or told_of(events[file.id]):
            yield FileSupplements(
                file=file,
                rows=rows[file.id],
                events=events[file.id],
                moved=moved[file.id],
                going_back=books.going_back.get(file.id, 0),
            )


def _is_covered(moved: list[Movement], cents: int, last_day: date) -> bool:
    completing = completed_by(moved, cents)
    return completing is not None and completing.on_day <= last_day


def _detail(event: FileEventRow) -> dict[str, Any]:
    return msgspec.json.decode(event.detail, type=dict[str, Any]) if event.detail != "{}" else {}


def _cents(amounts: Iterable[int]) -> str:
    return ", ".join(dollars(one) for one in amounts)
