"""What is held encrypted and is opened for the person whose it is: part of the registry of the export."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.email_change import settling
from accounts.email_change import store as email_change_store
from accounts.own_data.held import HeldRecords, rows_of
from accounts.personal_data.fields import PersonalFields
from accounts.reviews import cases
from accounts.reviews import store as reviews_store
from casework.payments import store as payments_store
from casework.payments.unpaid import deletion
from foundation.encryption.fields import FieldCipher
from foundation.sql.tables import plain_row
from submission import store as submission_store
from submission.drafts import repository
from submission.drafts import store as drafts_store
from submission.drafts.encryption import DraftCiphers, SealedSection, past_place
from submission.exempt import claims
from submission.exempt import store as exempt_store
from submission.exempt.claims import ProofSeals


def email_changes(personal: PersonalFields) -> HeldRecords:
    """With the new address of one that waits; a settled one has none any more."""
    moved = email_change_store.email_change
    hidden = ("confirm_key", "cancel_key")
    bare = rows_of("email_changes", "Les changements d’adresse de courriel", moved,
                   lambda account: moved.c.account == account, without=hidden)  # fmt: skip

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        return [
            row | {"email": row["email"] and personal.opened(str(account), settling.COLUMN, row["email"])}
            for row in await bare.read(conn, account)
        ]

    return msgspec.structs.replace(bare, read=read)


def exempt_claims(seals: ProofSeals) -> HeldRecords:
    """With the proof number as it was given."""
    table = exempt_store.exempt_claim
    bare = rows_of("exempt_claims", "Vos demandes en tout temps", table,
                   lambda account: table.c.account == account, without=("decided_by", "proof_key"))  # fmt: skip

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        rows = await bare.read(conn, account)
        return [row | {"proof": claims.opened_proof(seals, row)} for row in rows]

    return msgspec.structs.replace(bare, read=read)


def review_events(ciphers: FieldCipher) -> HeldRecords:
    """With what the person wrote there; what staff noted may be about somebody else."""
    review, event = reviews_store.review, reviews_store.review_event

    def met(account: int) -> sa.ColumnElement[bool]:
        theirs = sa.or_(review.c.account == account, review.c.other_account == account)
        return event.c.review.in_(sa.select(review.c.id).where(theirs))

    bare = rows_of("review_events", "Les étapes des vérifications", event, met)

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        own = sa.select(review.c.id).where(review.c.account == account)
        mine = set((await conn.execute(own)).scalars())
        found = []
        for row in await bare.read(conn, account):
            told = {name: value for name, value in row.items() if name not in ("actor", "text")}
            if row["text"] and row["actor"] == cases.BY_CANDIDATE and row["review"] in mine:
                told["text"] = cases.opened_text(ciphers, row["review"], row["act"], row["at"], row["text"])
            found.append(told)
        return found

    return msgspec.structs.replace(bare, read=read)


def drafts(ciphers: DraftCiphers) -> HeldRecords:
    """What was filled in, and the texts that were set aside after a conflict; of an ended one that it was there."""
    d, past = drafts_store.draft, drafts_store.draft_past

    async def texts(conn: AsyncConnection, draft: int) -> list[dict[str, Any]]:
        rows = await conn.execute(
            sa.select(past).where(past.c.draft == draft).order_by(past.c.at, past.c.uid)
        )
        return [
            {
                "section": row.section, "at": row.at,
                "answers": ciphers.open(past_place(row.uid, row.section), SealedSection(row.key, row.answers)),
            }
            for row in rows
        ]  # fmt: skip

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        live = await repository.of_accounts(conn, ciphers, [account])
        ended = await conn.execute(
            sa.select(d.c.id, d.c.programme, d.c.begun_at, d.c.destroyed_at, d.c.ended_by)
            .where(d.c.account == account, d.c.destroyed_at.is_not(None))
            .order_by(d.c.id)
        )
        return [
            {
                "programme": draft.programme, "form_version": draft.form_version, "begun_at": draft.begun_at,
                "updated_at": draft.updated_at, "sections": draft.answers, "set_aside": await texts(conn, draft.id),
            }
            for draft in live.values()
        ] + [plain_row(row) for row in ended]  # fmt: skip

    async def erase(conn: AsyncConnection, account: int) -> None:
        await repository.remove(conn, [account])

    tables = frozenset({d.name, drafts_store.draft_section.name, past.name})
    return HeldRecords(name="drafts", title="Vos brouillons", tables=tables, read=read, erase=erase)


def tombstones(personal: PersonalFields) -> HeldRecords:
    """With the address that is kept for a while, to return what comes by post."""
    table, s = payments_store.tombstone, submission_store.submission
    bare = rows_of(
        "tombstones", "Vos demandes supprimées", table,
        lambda account: table.c.submission.in_(sa.select(s.c.id).where(s.c.account == account)),
        kept_because="conservées avec la demande",
    )  # fmt: skip

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        return [
            row | {"address": row["address"]
                   and personal.messages.decrypt(row["address"], deletion.place(row["submission"]))}
            for row in await bare.read(conn, account)
        ]  # fmt: skip

    return msgspec.structs.replace(bare, read=read)
