"""The record as staff read it, whoever they are: what a filter chooses, what the page shows, and the same as CSV.

Who may read, and that reading is on the record, is the pages' affair.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response, StreamingResponse

from console.record import entries, spreadsheet
from console.record.entries import RecordFilter
from console.record.words import act_words, actor_words, entry_words, subject_words
from foundation import audit
from foundation.audit import Actor
from foundation.clock import MONTREAL, now_ms, rfc3339
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import ledger
from quota.store import PERIOD

EXPORT = "export"
"""The act of taking the record away; `detail` says which part of it."""

A_PAGE = 50
"""Lines on one page."""

LONGEST_SUBJECT = 80

FILTERS = ("periode", "qui", "acte", "genre", "sujet", "du", "au", "consultations")
"""The fields of the page's filter."""


def filter_of(
    query: Mapping[str, str], uids: Mapping[str, str], actors: list[str]
) -> tuple[RecordFilter, dict[str, str]]:
    """The page's filter, and what of it cannot be read, as field and reason in French. Days are Montréal's, whole."""
    wrong: dict[str, str] = {}
    days: dict[str, int | None] = {"du": None, "au": None}
    for name in days:
        if text := query.get(name, ""):
            try:
                day = date.fromisoformat(text) + timedelta(days=name == "au")
                days[name] = round(datetime.combine(day, time(), MONTREAL).timestamp() * 1000)
            except (ValueError, OverflowError):
                wrong[name] = "doit être une date telle que 2026-06-13"
    period, who = query.get("periode", ""), query.get("qui", "")
    if period and period not in uids:
        wrong["periode"] = "aucune période ne porte ce nom"
    known = {mark_of(name): name for name in actors}
    if who and who not in known:
        wrong["qui"] = "personne de ce nom n’est au registre"
    chosen: dict[str, Any] = {"since": days["du"], "until": days["au"]}
    kind, id = query.get("genre") or None, query.get("sujet", "").strip() or None
    if id is not None and (kind is None or len(id) > LONGEST_SUBJECT):
        wrong["sujet"] = "le numéro va avec un genre, qui est à choisir à côté"
    chosen |= {"period_uid": uids.get(period), "actor": known.get(who), "act": query.get("acte") or None}
    chosen |= {"subject_kind": kind, "subject_id": None if "sujet" in wrong else id}
    return RecordFilter(**chosen, looks="consultations" in query or query.get("acte") == audit.LOOK), wrong


def mark_of(name: str) -> str:
    """What stands for a person in an address: names do not go there (P11)."""
    return hashlib.sha256(f"registre {name}".encode()).hexdigest()[:12]


def whole(text: str) -> int | None:
    """A line's id in an address; nonsense is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


class ReadRecord(NamedTuple):
    """What a request asks of the record: the filter, what of it cannot be read, and what can be chosen."""

    chosen: RecordFilter
    wrong: dict[str, str]
    context: dict[str, Any]

    @property
    def subject(self) -> Subject | None:
        """The one thing that is asked about: whoever looks at it is on the record with it."""
        kind, id = self.chosen.subject_kind, self.chosen.subject_id
        return None if kind is None or id is None else Subject(kind, id)


async def read(db: Database, query: Mapping[str, str], address: str) -> ReadRecord:
    """One page of the record, newest first, as its template wants it. What cannot be read of the filter is said, and
    nothing is filtered by it. Raises Unavailable."""
    names = await db.read_long(entries.names)
    periods = await db.read(ledger.every)
    chosen, wrong = filter_of(query, {one.id: one.uid for one in periods}, names.actors)
    before = whole(query.get("avant", ""))
    found = await db.read_long(lambda conn: entries.newest(conn, chosen, A_PAGE + 1, before))
    now = now_ms()
    kept = {name: value for name, value in query.items() if name in FILTERS and value}
    more = kept | {"avant": str(found[A_PAGE - 1].id)} if len(found) > A_PAGE else None
    return ReadRecord(chosen, wrong, {
        "here": address, "query": query, "wrong": wrong,
        "lines": [entry_words(line, now) for line in found[:A_PAGE]],
        "periods": [one.id for one in periods],
        "actors": [(mark_of(name), actor_words(name)) for name in names.actors],
        "acts": sorted(((act, act_words(act)) for act in names.acts), key=lambda pair: pair[1]),
        "kinds": sorted(((kind, subject_words(kind)) for kind in names.kinds), key=lambda pair: pair[1]),
        "older": None if more is None else f"{address}?{urlencode(more)}",
        "newest": f"{address}?{urlencode(kept)}" if before is not None else None,
        "export": f"{address}.csv?{urlencode(kept)}",
    })  # fmt: skip


async def filtered(db: Database, query: Mapping[str, str]) -> tuple[RecordFilter, dict[str, str]]:
    """The filter alone, and what of it cannot be read. Raises Unavailable."""
    names = await db.read_long(entries.names)
    periods = await db.read(ledger.every)
    return filter_of(query, {one.id: one.uid for one in periods}, names.actors)


async def exported(db: Database, actor: Actor, chosen: RecordFilter) -> Response:
    """The lines that are chosen, oldest first, as a file. The export itself is on the record first, and is the last one
    that it may hold. Raises Unavailable."""
    now = now_ms()
    subject = None if chosen.period_uid is None else Subject(PERIOD, chosen.period_uid)
    instants = {name: getattr(chosen, name) for name in ("since", "until")}
    asked: dict[str, Any] = {name: rfc3339(at) for name, at in instants.items() if at is not None}
    asked |= {"only": chosen.act} if chosen.act else {}
    asked |= (
        {"about": f"{chosen.subject_kind} {chosen.subject_id or ''}".strip()} if chosen.subject_kind else {}
    )
    asked |= {"looks": True} if chosen.looks else {}

    async def record(conn: AsyncConnection) -> int:
        await audit.record(conn, actor, EXPORT, subject, now, **asked)
        return await entries.last_id(conn)

    through = await db.write(record)

    async def rows() -> AsyncIterator[bytes]:
        yield spreadsheet.header().encode()
        async for some in entries.oldest_first(db, chosen, through):
            yield spreadsheet.lines(some).encode()

    name = f"registre-{datetime.fromtimestamp(now / 1000, MONTREAL):%Y-%m-%d-%Hh%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(rows(), media_type="text/csv; charset=utf-8; header=present", headers=headers)
