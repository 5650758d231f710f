"""The transaction of saves: sections with their next version, drafts that begin, texts that lost.

The drafts are locked first. One that somebody changed since it was looked at is left alone and not in the answer: who
asked looks again.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.direct import DirectLook, DirectWrite
from foundation.sql.tables import among, insert_for
from submission.drafts import repository, store
from submission.drafts.encryption import DraftCiphers, OpenedSections, StoredSection, past_place
from submission.drafts.lifetime import reminders
from submission.drafts.repository import LIVE, Draft
from submission.forms.answers import SectionAnswers

MOST_PAST: Final = 20
"""Texts that are kept of one draft after conflicts; the oldest go first."""

_d, _section, _past = store.draft, store.draft_section, store.draft_past


class SectionChange(NamedTuple):
    """A section as it is to be from now on. `draft` as it was looked at; None for one that begins with it."""

    account: int
    programme: str
    form_version: str
    kept_until: int
    draft: Draft | None
    section: str
    answers: SectionAnswers
    version: int
    read_again: str | None
    look_at: int


class ConflictTexts(NamedTuple):
    """Two texts of one section: the one that stands, and the one that came upon an older version."""

    draft: Draft
    section: str
    stored: StoredSection
    refused: SectionAnswers


def is_single(changes: Mapping[int, SectionChange], lost: Collection[ConflictTexts]) -> bool:
    """Whether `write` is one statement on PostgreSQL: no draft begins with these changes, and no text is kept."""
    return not lost and all(one.draft is not None for one in changes.values())


async def write(
    conn: AsyncConnection,
    ciphers: DraftCiphers,
    changes: Mapping[int, SectionChange],
    lost: Iterable[ConflictTexts],
    now: int,
) -> dict[int, Draft]:
    """Write these changes, and keep these texts. The drafts as they are afterwards, of those that were written."""
    await keep_texts(conn, ciphers, lost, now)
    begun = await _begin(conn, {n: one for n, one in changes.items() if one.draft is None}, now)
    drafts = {n: one.draft for n, one in changes.items() if one.draft is not None} | begun
    if not drafts:
        return {}
    fresh = await _on_store(conn, _Written(ciphers, drafts, changes, now))
    after = {n: _after(draft, changes[n], now) for n, draft in drafts.items() if draft.id in fresh}
    for draft in after.values():
        ciphers.remember(repository.state_of(draft), draft.sections)
    return after


async def _begin(conn: AsyncConnection, changes: Mapping[int, SectionChange], now: int) -> dict[int, Draft]:
    """The drafts that these begin; of two at once the second finds the first's, which it did not look at."""
    begun: dict[int, Draft] = {}
    for n, change in changes.items():
        values = {
            "account": change.account, "programme": change.programme, "form_version": change.form_version,
            "revision": 0, "begun_at": now, "kept_until": change.kept_until, "updated_at": now,
        }  # fmt: skip
        statement = (
            insert_for(conn, _d)
            .values(values)
            .on_conflict_do_nothing(index_elements=[_d.c.account, _d.c.programme], index_where=LIVE_ONLY)
        )
        id = (await conn.execute(statement.returning(_d.c.id))).scalar_one_or_none()
        if id is not None:
            begun[n] = Draft(
                id=id, account=change.account, programme=change.programme, form_version=change.form_version,
                revision=0, begun_at=now, stored_until=change.kept_until, updated_at=now, sections={},
            )  # fmt: skip
            await reminders.stage_look(conn, id, change.look_at, now)
    return begun


LIVE_ONLY = sa.text("destroyed_at is null")
"""The condition of the index, as both stores want it said."""


class _Written(NamedTuple):
    """What is to be written at `now`: the drafts as they were looked at, and what changes in each."""

    ciphers: DraftCiphers
    drafts: Mapping[int, Draft]
    changes: Mapping[int, SectionChange]
    now: int

    def sections(self, draft: Draft, change: SectionChange) -> list[dict[str, Any]]:
        """The rows of a draft: the changed section, and where an earlier release wrote it all others, which were plain
        until now."""
        row = repository.section_row(
            self.ciphers, draft.id, change.section, change.answers, change.version, self.now
        )
        row["read_again"] = change.read_again
        if not draft.is_plain:
            return [row]
        others = [
            repository.section_row(self.ciphers, draft.id, name, one.answers, one.version, one.updated_at)
            for name, one in draft.sections.items()
            if name != change.section
        ]
        return [row, *others]


_STANDING = DirectLook(sa.select(_d.c.id, _d.c.revision, _d.c.updated_at).where(among(_d.c.id, "ids"), LIVE))

_TOUCHED = DirectWrite(
    sa.update(_d)
    .where(_d.c.id == sa.bindparam("draft"))
    .values(
        revision=_d.c.revision + 1, updated_at=sa.bindparam("now"), content=None,
        form_version=sa.func.coalesce(_d.c.form_version, sa.bindparam("pinned")),
    )
)  # fmt: skip

_CHANGED = ("version", "key", "answers", "updated_at", "read_again")


def _upsert() -> sa.Insert:
    insert = sqlite.insert(_section)
    changed = {name: insert.excluded[name] for name in _CHANGED}
    return insert.on_conflict_do_update(index_elements=[_section.c.draft, _section.c.section], set_=changed)


_UPSERT = DirectWrite(_upsert())


async def _on_store(conn: AsyncConnection, written: _Written) -> set[int]:
    return await (_on_sqlite if conn.dialect.name == "sqlite" else _on_postgresql)(conn, written)


async def _on_sqlite(conn: AsyncConnection, written: _Written) -> set[int]:
    """The ids of those that nobody changed meanwhile, which are written. The whole store is locked already."""
    standing = await _standing(conn, [draft.id for draft in written.drafts.values()])
    touched: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    for n, draft in written.drafts.items():
        if standing.get(draft.id) == (draft.revision, draft.updated_at):
            change = written.changes[n]
            touched.append({"draft": draft.id, "pinned": change.form_version, "now": written.now})
            sections += written.sections(draft, change)
    if touched:
        await _TOUCHED.rows(conn, touched)
        await _UPSERT.rows(conn, sections)
    return {one["draft"] for one in touched}


async def _standing(conn: AsyncConnection, ids: list[int]) -> dict[int, tuple[int, int]]:
    """Revision and instant of the last change of these drafts, which nobody else changes until the end."""
    rows = await _STANDING.rows(conn, {"ids": ids})
    return {id: (revision, updated_at) for id, revision, updated_at in rows}


_WRITE = DirectLook(
    sa.text(
        """
    with asked as (
        select * from unnest(
            cast(:ids as bigint[]), cast(:revisions as bigint[]), cast(:instants as bigint[]), cast(:pins as text[])
        ) as a (id, revision, updated_at, pinned)
    ), standing as (
        select draft.id, asked.pinned from draft join asked on asked.id = draft.id
        and asked.revision = draft.revision and asked.updated_at = draft.updated_at
        where draft.destroyed_at is null order by draft.id for update of draft
    ), touched as (
        update draft set revision = draft.revision + 1, updated_at = cast(:now as bigint), content = null,
        form_version = coalesce(draft.form_version, standing.pinned)
        from standing where draft.id = standing.id returning draft.id
    ), given as (
        select * from unnest(
            cast(:draft as bigint[]), cast(:section as text[]), cast(:version as bigint[]), cast(:key as text[]),
            cast(:answers as bytea[]), cast(:updated_at as bigint[]), cast(:read_again as text[])
        ) as g (draft, section, version, key, answers, updated_at, read_again)
    ), written as (
        insert into draft_section (draft, section, version, key, answers, updated_at, read_again)
        select given.* from given join touched on touched.id = given.draft
        on conflict (draft, section) do update set version = excluded.version, key = excluded.key,
        answers = excluded.answers, updated_at = excluded.updated_at, read_again = excluded.read_again
    )
    select id from touched
    """
    )
)
"""The drafts that nobody changed since they were looked at, locked in the order of their ids, with their sections: one
way to the server, which reads each row once."""


async def _on_postgresql(conn: AsyncConnection, written: _Written) -> set[int]:
    """The same in one statement. What turns out to be stale was sealed for nothing: that is rare."""
    drafts = written.drafts
    sections = [row for n, draft in drafts.items() for row in written.sections(draft, written.changes[n])]
    values: dict[str, Any] = {
        "ids": [draft.id for draft in drafts.values()],
        "revisions": [draft.revision for draft in drafts.values()],
        "instants": [draft.updated_at for draft in drafts.values()],
        "pins": [written.changes[n].form_version for n in drafts],
        "now": written.now,
    }
    values |= {one.name: [row[one.name] for row in sections] for one in _section.c}
    return {id for (id,) in await _WRITE.rows(conn, values)}


def _after(draft: Draft, change: SectionChange, now: int) -> Draft:
    section = StoredSection(change.version, change.answers, now, change.read_again)
    return msgspec.structs.replace(
        draft,
        revision=draft.revision + 1,
        updated_at=now,
        is_plain=False,
        form_version=draft.form_version or change.form_version,
        sections=_opened(draft.sections).saved(change.section, section),
    )


def _opened(sections: dict[str, StoredSection]) -> OpenedSections:
    return sections if isinstance(sections, OpenedSections) else OpenedSections(sections)


async def keep_texts(
    conn: AsyncConnection, ciphers: DraftCiphers, lost: Iterable[ConflictTexts], now: int
) -> None:
    """Keep both texts of a conflict: the one that was refused, and the one that stands, which may be replaced next."""
    rows: list[dict[str, Any]] = []
    for one in lost:
        stands = f"{one.draft.id}.{one.section}.{one.stored.version}"
        for uid, version, answers in (
            (secrets.token_hex(16), one.stored.version, one.refused),
            (stands, one.stored.version, one.stored.answers),
        ):
            sealed = ciphers.seal(past_place(uid, one.section), answers)
            rows.append(
                {"uid": uid, "draft": one.draft.id, "section": one.section, "version": version, "key": sealed.key,
                 "answers": sealed.answers, "at": now}
            )  # fmt: skip
    if not rows:
        return
    await conn.execute(insert_for(conn, _past).on_conflict_do_nothing(index_elements=[_past.c.uid]), rows)
    for draft in {row["draft"] for row in rows}:
        kept = sa.select(_past.c.uid).where(_past.c.draft == draft).order_by(_past.c.at.desc(), _past.c.uid)
        oldest = _past.c.uid.not_in(kept.limit(MOST_PAST).scalar_subquery())
        await conn.execute(sa.delete(_past).where(_past.c.draft == draft, oldest))
