"""The answers of drafts under the newest key, and those of an earlier release encrypted at all."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.encryption.rotation import AT_ONCE, Key, Rotation, RotationBatch, of_rows
from foundation.sql.tables import insert_for
from submission.drafts import repository, store
from submission.drafts.encryption import (
    DraftCiphers,
    SealedSection,
    UnreadableAnswers,
    past_place,
    place_of,
)

_d, _section = store.draft, store.draft_section


def rotations(ciphers: DraftCiphers) -> list[Rotation]:
    """Every table in which answers stand."""

    def resealed(place: str, row: Any) -> dict[str, Any] | None:
        if row.key == ciphers.fields.newest:
            return {}
        try:
            answers = ciphers.open(place, SealedSection(row.key, row.answers))
        except (UnreadableAnswers, msgspec.DecodeError):
            return None
        sealed = ciphers.seal(place, answers)
        return {"key": sealed.key, "answers": sealed.answers}

    return [
        _plain(ciphers),
        of_rows(_section, ("key", "answers"), lambda row: resealed(place_of(row.draft, row.section), row)),
        of_rows(
            store.draft_past, ("key", "answers"), lambda row: resealed(past_place(row.uid, row.section), row)
        ),
    ]


def _plain(ciphers: DraftCiphers) -> Rotation:
    """Drafts that an earlier release wrote, whose answers stand plain in their row."""
    is_plain = _d.c.content.is_not(None)

    async def count(conn: AsyncConnection) -> int:
        found = await conn.execute(sa.select(sa.func.count()).select_from(_d).where(is_plain))
        return int(found.scalar_one())

    async def batch(conn: AsyncConnection, after: Key | None) -> RotationBatch | None:
        behind = (is_plain, _d.c.id > (after[0] if after else 0))
        wanted = sa.select(_d.c.id, _d.c.content, _d.c.updated_at).where(*behind).order_by(_d.c.id)
        rows = (await conn.execute(wanted.limit(AT_ONCE).with_for_update())).all()
        if not rows:
            return None
        sections = [
            repository.section_row(ciphers, row.id, name, one.answers, one.version, row.updated_at)
            for row in rows
            for name, one in repository.plain_sections(row.content, row.updated_at).items()
        ]
        if sections:
            await conn.execute(insert_for(conn, _section).on_conflict_do_nothing(), sections)
        ids = [row.id for row in rows]
        encrypted = sa.update(_d).where(_d.c.id.in_(ids)).values(content=None, revision=_d.c.revision + 1)
        await conn.execute(encrypted)
        return RotationBatch((rows[-1].id,), len(rows), len(rows))

    return Rotation("draft", count, batch)
