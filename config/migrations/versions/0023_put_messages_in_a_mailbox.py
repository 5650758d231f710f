"""Put messages in a mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0023"

down_revision = "0022"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False, comment="random, for the address of the message"),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="what it is about"),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            nullable=True,
            comment="of the file it is about, with its check digits; empty for none",
        ),
        sa.Column(
            "title", sa.Text(), nullable=False, comment="stands in the e-mail notice: no personal data"
        ),
        sa.Column("blocks", sa.Text(), nullable=False, comment="encrypted JSON: casework/blocks.py"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: twice, one message"),
        sa.Column("author", sa.Text(), nullable=False, comment="user name of staff, or service"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "read_at", sa.BigInteger(), nullable=True, comment="instant at which its owner first opened it"
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_message_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index("ix_message_account_at", "message", ["account", "at"])
    op.create_table(
        "message_attachment",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="1..n"),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_message_attachment_document")),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_message_attachment_message")),
        sa.PrimaryKeyConstraint("message", "document", name=op.f("pk_message_attachment")),
    )


def downgrade() -> None:
    op.drop_table("message_attachment")
    op.drop_table("message")
