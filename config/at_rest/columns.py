"""Every encrypted column of the installation, and how `guichet keys rotate` writes them anew.

The registry: table, column, the cipher of its purpose, and what a text is bound to. Whoever adds an encrypted column
adds its row here; a test looks for columns that say « encrypted » and stand in no row.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.email_change.store import email_change
from accounts.invitations import rotation as invitation_rotation
from accounts.linkage import keys
from accounts.linkage import store as linkage_store
from accounts.personal_data import rotation as personal_rotation
from accounts.personal_data.fields import PersonalFields
from accounts.registration import rotation as registration_rotation
from accounts.representatives import store as representatives_store
from accounts.reviews import store as reviews_store
from accounts.second_factor import totp
from accounts.second_factor.store import second_factor
from casework.amendments import sealing as amendment_sealing
from casework.amendments import store as amendments_store
from casework.checklists import services as checklist_services
from casework.checklists import store as checklists_store
from casework.decisions import store as decisions_store
from casework.decisions.services import reason_place
from casework.letters import plain_documents
from casework.letters import sealing as document_sealing
from casework.mailbox import services as mailbox_services
from casework.mailbox.store import message
from casework.mailroom.guessing.hints import PURPOSE as MAIL_PURPOSE
from casework.mailroom.guessing.hints import field as hints_field
from casework.mailroom.store import mail_item
from casework.payments import store as payments_store
from foundation.encryption.fields import FieldCipher
from foundation.encryption.rotation import EncryptedColumn, Key, Rotation, RotationBatch, of_columns
from foundation.mail import sealing
from foundation.mail.store import mail
from submission import store as submission_store
from submission.drafts.encryption import DraftCiphers
from submission.drafts.rotation import rotations as draft_rotations
from submission.exempt import rotation as claim_rotation
from submission.signing import frozen


def rotations(secret_keys: Sequence[str]) -> list[Rotation]:
    """All of them, under these keys: the first one writes."""
    candidate, reviews = FieldCipher(secret_keys, "candidate"), keys.cipher(secret_keys)
    letters, details = FieldCipher(secret_keys, sealing.PURPOSE), FieldCipher(secret_keys, "representative")
    seals = frozen.cipher(secret_keys)
    personal = PersonalFields(secret_keys)
    return [
        _accounts(PersonalFields(secret_keys)),
        *draft_rotations(DraftCiphers(secret_keys)),
        document_sealing.rotation(secret_keys),
        plain_documents.rotation(secret_keys),
        of_columns(accounts_store.operator, [
            EncryptedColumn(name, totp.cipher(secret_keys), bound)
            for name, bound in (
                ("totp_secret", lambda row: totp.field(row.username)),
                ("totp_pending", lambda row: totp.field(row.username)),
                ("codes", lambda row: totp.codes_field(row.username)),
            )
        ]),
        of_columns(second_factor, [
            EncryptedColumn(name, totp.cipher(secret_keys), bound)
            for name, bound in (
                ("secret", lambda row: totp.candidate_field(row.account, "secret")),
                ("pending", lambda row: totp.candidate_field(row.account, "secret")),
                ("codes", lambda row: totp.candidate_field(row.account, "codes")),
            )
        ]),
        of_columns(email_change, [
            EncryptedColumn("email", candidate, lambda row: f"account:{row.account}:email_change"),
        ]),
        registration_rotation.rotation(secret_keys),
        invitation_rotation.rotation(secret_keys),
        of_columns(representatives_store.representative, [
            EncryptedColumn("details", details, lambda row: f"representative:{row.id}:details"),
        ]),
        of_columns(submission_store.signature, [
            EncryptedColumn("sealed", seals, lambda row: frozen.place(row.receipt)),
        ]),
        of_columns(mail_item, [
            EncryptedColumn("hints", FieldCipher(secret_keys, MAIL_PURPOSE), lambda row: hints_field(row.key)),
        ]),
        claim_rotation.rotation(secret_keys),
        of_columns(mail, [
            EncryptedColumn("recipient", letters, lambda row: sealing.field(row.key, "recipient")),
            EncryptedColumn("text", letters, lambda row: sealing.field(row.key, "text")),
        ]),
        of_columns(message, [
            EncryptedColumn(
                "blocks", PersonalFields(secret_keys).messages, lambda row: mailbox_services.place(row.id)
            ),
        ]),
        of_columns(amendments_store.amendment, [
            EncryptedColumn(
                "content", personal.amendments,
                lambda row: amendment_sealing.content_place(row.submission, row.serial),
            ),
        ]),
        of_columns(amendments_store.amendment_review, [
            EncryptedColumn(
                "text", personal.amendments, lambda row: amendment_sealing.question_place(row.amendment, row.at)
            ),
        ]),
        of_columns(checklists_store.checklist_item, [
            EncryptedColumn(
                "name", personal.checklists, lambda row: checklist_services.name_place(row.submission, row.number)
            ),
        ]),
        of_columns(checklists_store.checklist_item_event, [
            EncryptedColumn(
                "text", personal.checklists,
                lambda row: checklist_services.text_place(row.submission, row.number, row.act, row.at),
            ),
        ]),
        of_columns(decisions_store.decision, [
            EncryptedColumn(
                "reason", personal.decisions, lambda row: reason_place(row.submission, row.serial)
            ),
        ]),
        of_columns(payments_store.tombstone, [
            EncryptedColumn("address", FieldCipher(secret_keys, "message"),
                            lambda row: f"tombstone:{row.submission}:address"),
        ]),
        of_columns(reviews_store.review, [
            EncryptedColumn("signals", reviews, lambda row: f"review:{row.about}:signals"),
        ]),
        of_columns(reviews_store.review_event, [
            EncryptedColumn(
                "text", reviews, lambda row: f"review_event:{row.review}:{row.act}:{row.at}:text"
            ),
        ]),
        of_columns(linkage_store.paper_record, [
            EncryptedColumn("identity", reviews, lambda row: f"paper_record:{row.row_digest}:identity"),
        ]),
        of_columns(linkage_store.linkage_key, [
            EncryptedColumn("key", reviews, lambda _: keys.FIELD),
        ]),
    ]  # fmt: skip


def _accounts(personal: PersonalFields) -> Rotation:
    """Accounts, whose blind indexes are made anew with their addresses."""
    table: Any = accounts_store.account

    async def count(conn: AsyncConnection) -> int:
        return await of_columns(table, []).total(conn)

    async def batch(conn: AsyncConnection, after: Key | None) -> RotationBatch | None:
        sealed = await personal_rotation.seal_some(conn, personal, after[0] if after else 0)
        return (
            None
            if sealed is None
            else RotationBatch((sealed.last,), personal_rotation.AT_ONCE, sealed.written)
        )

    return Rotation("account", count, batch)
