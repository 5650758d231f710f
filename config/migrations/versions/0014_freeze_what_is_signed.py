"""Freeze what is signed: who signs, in which words, and the visible answers, sealed, with their digest."""

import sqlalchemy as sa
from alembic import op

revision = "0014"

down_revision = "0013"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.create_table(
        "signature",
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False, comment="who signed: candidate or lawyer"),
        sa.Column(
            "representative",
            sa.Text(),
            nullable=True,
            comment="who signed for the candidate: accounts/representatives/store.py",
        ),
        sa.Column(
            "ground",
            sa.Text(),
            nullable=True,
            comment="by which ground: active, or awaiting_procuration, which is flagged",
        ),
        sa.Column("signed_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "declaration", sa.Text(), nullable=False, comment="version: submission/signing/declaration.py"
        ),
        sa.Column(
            "declaration_digest", sa.Text(), nullable=False, comment="SHA-256 of the text that was shown"
        ),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column(
            "content_digest",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of the canonical JSON that is sealed",
        ),
        sa.Column("sealed", sa.Text(), nullable=False, comment="encrypted: submission/signing/frozen.py"),
        sa.ForeignKeyConstraint(["receipt"], ["submission.receipt"], name=op.f("fk_signature_receipt")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_signature")),
    )


def downgrade() -> None:
    op.drop_table("signature")
