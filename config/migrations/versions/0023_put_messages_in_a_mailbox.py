"""Put messages in a mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0023"

down_revision = "0022"

branch_labels = None

depends_on = None


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


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
    _broadcasts()


def _broadcasts() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column(
            "author", sa.Text(), nullable=False, comment="user name of staff, as two people are told apart"
        ),
        sa.Column(
            "approver", sa.Text(), nullable=True, comment="the second person; empty where none was needed"
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="no personal data: the same for everybody"),
        sa.Column("text", sa.Text(), nullable=False, comment="as it was typed; no personal data"),
        sa.Column("audience", sa.Text(), nullable=False, comment="JSON: casework/mailbox/audiences.py"),
        sa.Column("state", sa.Text(), nullable=False, comment="casework/mailbox/states.py"),
        sa.Column("version", sa.Integer(), nullable=False, comment="goes up with each change"),
        sa.Column("counted", sa.Integer(), nullable=True, comment="accounts it was confirmed for"),
        sa.Column(
            "written_at", sa.BigInteger(), nullable=False, comment="instant of the last change by its author"
        ),
        sa.Column(
            "asked_at", sa.BigInteger(), nullable=True, comment="instant at which its author confirmed it"
        ),
        sa.Column("started_at", sa.BigInteger(), nullable=True, comment="instant since which it is sent"),
        sa.Column(
            "ended_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which it was sent whole, stopped or dropped",
        ),
        sa.CheckConstraint("approver <> author", name=op.f("ck_broadcast_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    op.create_table(
        "broadcast_recipient",
        sa.Column("broadcast", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=True, comment="the file it is about"),
        sa.Column("batch", sa.Integer(), nullable=False, comment="1..n: who is sent to in one transaction"),
        sa.Column("message", sa.Text(), nullable=True, comment="empty until it is delivered"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_broadcast_recipient_account")),
        sa.ForeignKeyConstraint(
            ["broadcast"], ["broadcast.id"], name=op.f("fk_broadcast_recipient_broadcast")
        ),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_broadcast_recipient_message")),
        sa.ForeignKeyConstraint(
            ["submission"], ["submission.id"], name=op.f("fk_broadcast_recipient_submission")
        ),
        sa.PrimaryKeyConstraint("broadcast", "account", name=op.f("pk_broadcast_recipient")),
    )
    op.create_index("ix_broadcast_recipient_batch", "broadcast_recipient", ["broadcast", "batch"])
    op.create_index("ix_broadcast_recipient_account", "broadcast_recipient", ["account"])


def downgrade() -> None:
    op.drop_table("broadcast_recipient")
    op.drop_table("broadcast")
    op.drop_table("message_attachment")
    op.drop_table("message")
