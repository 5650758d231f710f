"""Documents that a release before encryption left plain: sealed by `guichet keys rotate`, while people work.

A batch is one short transaction, in which a document's blocks move from `document` to `document_file`, sealed, so that
they stand plain or sealed and never neither. It may be stopped anywhere and begun again.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.letters.sealing import PURPOSE, place
from casework.letters.store import document_file
from casework.store import document
from foundation.encryption.fields import FieldCipher
from foundation.encryption.rotation import AT_ONCE, Key, Rotation, RotationBatch

d, f = document.c, document_file.c

NAME = "document"


def rotation(secret_keys: Sequence[str], at_once: int = AT_ONCE) -> Rotation:
    """The plain documents under the newest key."""
    fields = FieldCipher(secret_keys, PURPOSE)

    async def count(conn: AsyncConnection) -> int:
        plain = sa.select(sa.func.count()).select_from(document).where(d.blocks != documents.EMPTY)
        return int((await conn.execute(plain)).scalar_one())

    async def batch(conn: AsyncConnection, after: Key | None) -> RotationBatch | None:
        wanted = sa.select(d.id, d.account, d.blocks).where(d.blocks != documents.EMPTY)
        if after is not None:
            wanted = wanted.where(d.id > after[0])
        rows = (await conn.execute(wanted.order_by(d.id).limit(at_once))).all()
        if not rows:
            return None
        sealed = [await _seal(conn, fields, row) for row in rows]
        return RotationBatch((rows[-1].id,), len(rows), sealed.count(True), sealed.count(False))

    return Rotation(NAME, count, batch)


async def _seal(conn: AsyncConnection, fields: FieldCipher, row: Any) -> bool:
    """Move the blocks of one document; False where its PDF, which lies under the same key, opens with none."""
    found = sa.select(f.key, f.pdf).where(f.document == row.id)
    kept = (await conn.execute(found)).one_or_none()
    if kept is None:
        await documents.number_all(conn, row.account)
        kept = (await conn.execute(found)).one()
    values: dict[str, Any] = {
        "key": fields.newest,
        "blocks": fields.seal_bytes(row.blocks.encode(), place(row.id, "blocks")),
    }
    if kept.pdf is not None and kept.key != fields.newest:
        pdf = fields.open_bytes(kept.key, kept.pdf, place(row.id, "pdf"))
        if pdf is None:
            return False
        values["pdf"] = fields.seal_bytes(pdf, place(row.id, "pdf"))
    same = sa.update(document_file).where(f.document == row.id, f.key.is_not_distinct_from(kept.key))
    if (await conn.execute(same.values(values))).rowcount:
        await conn.execute(sa.update(document).where(d.id == row.id).values(blocks=documents.EMPTY))
    return True
