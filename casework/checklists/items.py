"""A list as it stands: its items folded from what happened to each, and by when each is awaited. The fold is pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.checklists import store
from casework.checklists.rules import DayRules, ItemFormat, PersonKind, PostalAddress
from casework.checklists.services import ChecklistCipher
from casework.checklists.states import SETTLED, ItemAct, ItemState, item_moved
from casework.files.numbers import numbered
from foundation.calendar.closures import PUBLIC_SERVICE, Closures
from foundation.calendar.proclaimed import closures
from foundation.calendar.spans import Deadline, calendar_days
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row

c, i, e = store.checklist, store.checklist_item, store.checklist_item_event

RECEIPT_PREFIX = "P"


class ItemEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done about an item: `at` is the instant at which it was recorded, `on_day` the day that
    counts, `text` the explanation or the reason."""

    id: int
    act: ItemAct
    at: int
    on_day: date
    actor: str
    role: str | None = None
    text: str | None = None
    tracking: str | None = None
    told_at: int | None = None

    @property
    def receipt(self) -> str:
        """The number of the receipt for what came, with check digits."""
        return numbered(RECEIPT_PREFIX, self.id)


class ChecklistItem(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a list, with what happened to it in order. `name` is the person's, `asked_on` the day on which
    it was first asked."""

    number: int
    key: str
    person: PersonKind
    name: str
    title: str
    help: str
    format: ItemFormat
    translation: bool
    give_back: bool
    address: str
    asked_on: date
    events: Sequence[ItemEvent] = ()

    @property
    def state(self) -> ItemState:
        return state_of(self.events)

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def received(self) -> ItemEvent | None:
        """The receipt that counts; None where nothing is here."""
        return _standing(self.events, ItemAct.RECEIVE, ItemAct.UNDO_RECEIPT)

    @property
    def explanation(self) -> ItemEvent | None:
        """The last explanation, if there is one."""
        return _standing(self.events, ItemAct.EXPLAIN, None)

    @property
    def last_word(self) -> ItemEvent | None:
        """The last act with a reason that the candidate reads."""
        return next(
            (
                one
                for one in reversed(self.events)
                if one.act in {ItemAct.REFUSE, ItemAct.WAIVE, ItemAct.ASK_AGAIN}
            ),
            None,
        )

    @property
    def given_back(self) -> ItemEvent | None:
        """When the original that is here, or was refused, went back; None while it has not."""
        last = _standing(self.events, ItemAct.GIVE_BACK, None)
        received = self.received
        return last if last is not None and (received is None or received.id < last.id) else None

    @property
    def is_to_give_back(self) -> bool:
        """Whether an original is here that must go back (DC-06)."""
        return self.give_back and self.received is not None and self.given_back is None


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """A list that went out, and where it stands."""

    submission: int
    programme: str
    version: str
    rules: str
    answers: str
    sent_at: int
    sent_on: date
    days: DayRules
    addresses: Sequence[PostalAddress]
    items: Sequence[ChecklistItem]
    closures: Closures = PUBLIC_SERVICE
    """The days on which offices are closed, as they stood when the list was read."""

    @property
    def open_items(self) -> list[ChecklistItem]:
        """What is still awaited, from the candidate or from an agent."""
        return [item for item in self.items if not item.is_settled]

    @property
    def awaited(self) -> list[ChecklistItem]:
        """What the candidate still has to send or to explain."""
        return [item for item in self.items if item.state in {ItemState.ASKED, ItemState.REFUSED}]

    @property
    def is_complete(self) -> bool:
        return not self.open_items

    def item(self, number: int) -> ChecklistItem:
        """The item of this number. Refusal not_found."""
        found = next((item for item in self.items if item.number == number), None)
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return found

    def deadline(self, item: ChecklistItem | None = None) -> Deadline:
        """By when the list, or one of its items, is awaited (DC-02): an item that was asked for again has days of its
        own, and never fewer than the list."""
        whole = calendar_days(self.sent_on, self.days.to_send, self.closures)
        if item is None:
            return max((self.deadline(one) for one in self.open_items), key=_last_day, default=whole)
        first = calendar_days(item.asked_on, self.days.to_send, self.closures)
        asked = [one.on_day for one in item.events if one.act in {ItemAct.REFUSE, ItemAct.ASK_AGAIN}]
        again = [calendar_days(day, self.days.again, self.closures) for day in asked]
        return max([whole, first, *again], key=_last_day)

    def days_late(self, item: ChecklistItem) -> int:
        """How many days after its last day an item was received; 0 in time. The day of reception counts."""
        if item.received is None:
            return 0
        before = [one for one in item.events if one.id < item.received.id]
        due = self.deadline(msgspec.structs.replace(item, events=before))
        return max(0, (item.received.on_day - due.last_day).days)


def state_of(events: Sequence[ItemEvent]) -> ItemState:
    """Where an item stands after these events. What the table does not know in its place moves nothing."""
    state = before = ItemState.ASKED
    for event in events:
        after = item_moved(state, event.act)
        if after is None:
            continue
        if event.act is ItemAct.RECEIVE:
            before = before if state is ItemState.RECEIVED else state
        state = before if event.act is ItemAct.UNDO_RECEIPT else after
    return state


def _standing(events: Sequence[ItemEvent], act: ItemAct, undone_by: ItemAct | None) -> ItemEvent | None:
    found: ItemEvent | None = None
    for event in events:
        if event.act is act:
            found = event
        elif event.act is undone_by:
            found = None
    return found


def _last_day(one: Deadline) -> date:
    return one.last_day


async def find(conn: AsyncConnection, cipher: ChecklistCipher | None, submission: int) -> Checklist | None:
    """The list of a file; None while none went out. Without a cipher names and texts are empty: where things stand does
    not depend on them."""
    row = (await conn.execute(sa.select(c).where(c.c.submission == submission))).one_or_none()
    if row is None:
        return None
    happened: dict[int, list[ItemEvent]] = defaultdict(list)
    for event in await conn.execute(sa.select(e).where(e.c.submission == submission).order_by(e.c.id)):
        happened[event.number].append(_event(event, cipher))
    rows = await conn.execute(sa.select(i).where(i.c.submission == submission).order_by(i.c.number))
    return Checklist(
        submission=submission,
        programme=row.programme,
        version=row.version,
        rules=row.rules,
        answers=row.answers,
        sent_at=row.sent_at,
        sent_on=date.fromisoformat(row.sent_on),
        days=msgspec.json.decode(row.days, type=DayRules),
        addresses=msgspec.json.decode(row.addresses, type=list[PostalAddress]),
        items=[_item(one, cipher, happened[one.number]) for one in rows],
        closures=await closures(conn),
    )


async def required(conn: AsyncConnection, cipher: ChecklistCipher | None, submission: int) -> Checklist:
    """The same. Refusal not_found while none went out."""
    found = await find(conn, cipher, submission)
    if found is None:
        raise Refusal(Code.NOT_FOUND)
    return found


def _item(row: Any, cipher: ChecklistCipher | None, events: list[ItemEvent]) -> ChecklistItem:
    values = {name: value for name, value in plain_row(row).items() if name not in {"id", "submission"}}
    name = "" if cipher is None else cipher.opened_name(row.submission, row.number, row.name)
    return msgspec.convert(values | {"name": name, "events": events}, ChecklistItem)


def _event(row: Any, cipher: ChecklistCipher | None) -> ItemEvent:
    text = None
    if row.text is not None and cipher is not None:
        text = cipher.opened_text(row.submission, row.number, row.act, row.at, row.text)
    values = {name: getattr(row, name) for name in ItemEvent.__struct_fields__}
    return msgspec.convert(values | {"text": text}, ItemEvent)
