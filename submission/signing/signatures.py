"""Signatures: who signed what, in which words, when; written with the submission in one transaction (SW-03, RP-01).

A submission that an earlier release took has none: its answers are plain JSON in its own row, without labels, and are
read here in the labels of the form of then.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.disclosure import SigningVerdict
from accounts.representatives.signing import RepresentativeSignature
from foundation.encryption.fields import FieldCipher
from foundation.errors import Unavailable
from foundation.sql.bulk import BulkInsert
from submission import store
from submission.signing import declaration, earlier, frozen
from submission.signing.frozen import FrozenAnswers, FrozenText
from submission.states import Capacity

ELSEWHERE = "{}"
"""What stands for the answers in the row of a submission whose signature has them."""

g, s = store.signature, store.submission


class SignatureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as it is read again: `representative` is who signed for the candidate, by which ground
    (`accounts/representatives/disclosure.py: SigningGround`); `declaration` is the version of the text; instants in
    milliseconds."""

    capacity: Capacity
    representative: str | None
    ground: str | None
    signed_at: int
    declaration: str
    declaration_digest: str
    form_version: str
    content_digest: str


class SignedContent(msgspec.Struct, frozen=True, kw_only=True):
    """What was submitted, and its signature; none for a submission that an earlier release took."""

    answers: FrozenAnswers
    signature: SignatureRecord | None


def row_of(
    receipt: str,
    answers: FrozenText,
    capacity: Capacity,
    signer: SigningVerdict | None,
    signed_at: int,
    seals: FieldCipher,
) -> dict[str, Any]:
    """The row of a signature that is given now, in the newest words; `signer` where it is not the candidate."""
    return {
        "receipt": receipt,
        "capacity": capacity,
        "representative": None if signer is None else signer.representative,
        "ground": None if signer is None else signer.ground,
        "signed_at": signed_at,
        "declaration": declaration.NEWEST,
        "declaration_digest": declaration.digest(capacity),
        "form_version": answers.form_version,
        "content_digest": answers.digest,
        "sealed": seals.encrypt_deflated(answers.deflated, frozen.place(receipt)),
    }


def for_others(rows: Iterable[Mapping[str, Any]]) -> list[RepresentativeSignature]:
    """Of these rows the signatures that a representative gave for the candidate."""
    return [
        RepresentativeSignature(row["representative"], row["receipt"])
        for row in rows
        if row["representative"] is not None
    ]


WRITE = BulkInsert(
    store.signature,
    (
        "receipt", "capacity", "representative", "ground", "signed_at", "declaration", "declaration_digest",
        "form_version", "content_digest", "sealed",
    ),
)  # fmt: skip
"""Writes rows of `row_of`."""

NOTHING = '{"destroyed": {}}'
"""What stands in place of the answers of a row of an earlier release, once they are destroyed."""


async def destroy(conn: AsyncConnection, receipt: str, programme: str, seals: FieldCipher) -> None:
    """Destroy the answers of a submission. Who signed, when and in what words stays, with the digest of what was
    signed; in place of the answers stand none, so that whatever reads them reads an empty form."""
    empty = FrozenAnswers(programme, "", "", [])
    sealed = seals.encrypt(frozen.canonical(empty).decode(), frozen.place(receipt))
    await conn.execute(sa.update(store.signature).where(g.c.receipt == receipt).values(sealed=sealed))
    earlier_row = (s.c.receipt == receipt, s.c.content != ELSEWHERE)
    await conn.execute(sa.update(store.submission).where(*earlier_row).values(content=NOTHING))


_FIND = (
    sa.select(
        s.c.content, g.c.sealed, *(g.c[name] for name in SignatureRecord.__struct_fields__ if name != "capacity"),
        s.c.capacity,
    )
    .outerjoin(g, g.c.receipt == s.c.receipt)
    .where(s.c.receipt == sa.bindparam("of"))
)  # fmt: skip


async def find(conn: AsyncConnection, receipt: str, programme: str, seals: FieldCipher) -> SignedContent:
    """What was submitted under this receipt. Fails closed: Unavailable when none of the keys opens it."""
    row = (await conn.execute(_FIND, {"of": receipt})).one()
    if row.sealed is None:
        return SignedContent(answers=earlier.answers_of(programme, row.content), signature=None)
    text = frozen.open_sealed(row.sealed, receipt, seals)
    if text is None:
        raise Unavailable("keys")
    values = {name: getattr(row, name) for name in SignatureRecord.__struct_fields__}
    return SignedContent(answers=frozen.read(text), signature=msgspec.convert(values, SignatureRecord))
