"""The transaction of saves: sections with their next version, drafts that begin, texts that lost.

The drafts are locked first. One that somebody changed since it was looked at is left alone and not in the answer: who
asked looks again.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.tables import among, insert_for, insert_of
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
    standing = await _lock(conn, [draft.id for draft in drafts.values()])
    fresh = {
        n: draft
        for n, draft in drafts.items()
        if standing.get(draft.id) == (draft.revision, draft.updated_at)
    }
    if not fresh:
        return {}
    await _sections(conn, ciphers, fresh, changes, now)
    await conn.execute(_TOUCHED, {"ids": [draft.id for draft in fresh.values()], "now": now})
    pins: dict[str, list[int]] = {}
    for n, draft in fresh.items():
        if draft.form_version is None:
            pins.setdefault(changes[n].form_version, []).append(draft.id)
    for pinned, ids in pins.items():
        await conn.execute(_PINNED, {"ids": ids, "pinned": pinned})
    after = {n: _after(draft, changes[n], now) for n, draft in fresh.items()}
    for draft in after.values():
        ciphers.remember(repository.state_of(draft), draft.sections)
    return after


_TOUCHED = (
    sa.update(_d)
    .where(among(_d.c.id, "ids"))
    .values(revision=_d.c.revision + 1, updated_at=sa.bindparam("now"), content=None)
)

_PINNED = sa.update(_d).where(among(_d.c.id, "ids")).values(form_version=sa.bindparam("pinned"))

_UPSERT_BY = (_section.c.draft, _section.c.section)

_CHANGED = ("version", "key", "answers", "updated_at", "read_again")


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


_STANDING = (
    sa.select(_d.c.id, _d.c.revision, _d.c.updated_at)
    .where(among(_d.c.id, "ids"), LIVE)
    .order_by(_d.c.id)
    .with_for_update()
)


async def _lock(conn: AsyncConnection, ids: list[int]) -> dict[int, tuple[int, int]]:
    """Revision and instant of the last change of these drafts, which nobody else changes until the end."""
    rows = await conn.execute(_STANDING, {"ids": ids})
    return {id: (revision, updated_at) for id, revision, updated_at in rows}


async def _sections(
    conn: AsyncConnection,
    ciphers: DraftCiphers,
    fresh: Mapping[int, Draft],
    changes: Mapping[int, SectionChange],
    now: int,
) -> None:
    """Each changed section, and of a draft of an earlier release all others, which were plain until now."""
    rows: list[dict[str, Any]] = []
    for n, draft in fresh.items():
        change = changes[n]
        rows.append(
            repository.section_row(ciphers, draft.id, change.section, change.answers, change.version, now)
            | {"read_again": change.read_again}
        )
        if draft.is_plain:
            rows += [
                repository.section_row(ciphers, draft.id, name, one.answers, one.version, one.updated_at)
                for name, one in draft.sections.items()
                if name != change.section
            ]
    if conn.dialect.name == "sqlite":
        await conn.execute(_upsert(conn.dialect.name), rows)
    else:
        together = {name: [row[name] for row in rows] for name in (one.name for one in _section.c)}
        await conn.execute(_upsert(conn.dialect.name), together)


@cache
def _upsert(dialect: str) -> sa.Insert:
    """The statement of every save, made once: to make it costs as much as to run it. PostgreSQL takes all rows as
    columns in one, where a list of statements costs its server several times as much."""
    insert = insert_of(dialect, _section)
    if dialect != "sqlite":
        columns = list(_section.c)
        given = [sa.bindparam(one.name, type_=postgresql.ARRAY(one.type)) for one in columns]
        rows = (
            sa.func.unnest(*given)
            .table_valued(*(sa.column(one.name, one.type) for one in columns))
            .render_derived()
        )
        insert = insert.from_select([one.name for one in columns], sa.select(*rows.c), include_defaults=False)
    changed = {name: insert.excluded[name] for name in _CHANGED}
    return insert.on_conflict_do_update(index_elements=_UPSERT_BY, set_=changed)


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
