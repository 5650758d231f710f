"""SQL: messages in accounts, and the documents that go with them."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

MESSAGE = "message"
"""Kind of subject, for the audit; its key is `message.id`."""

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random, for the address of the message"),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("subject_kind", sa.Text, nullable=False, comment="what it is about"),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("number", sa.Text, comment="of the file it is about, with its check digits; empty for none"),
    sa.Column("title", sa.Text, nullable=False, comment="stands in the e-mail notice: no personal data"),
    sa.Column("blocks", sa.Text, nullable=False, comment="encrypted JSON: casework/blocks.py"),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key: twice, one message"),
    sa.Column("author", sa.Text, nullable=False, comment="user name of staff, or service"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("read_at", sa.BigInteger, comment="instant at which its owner first opened it"),
    sa.Index("ix_message_account_at", "account", "at"),
)

message_attachment = sa.Table(
    "message_attachment",
    metadata,
    sa.Column("message", sa.Text, sa.ForeignKey("message.id"), primary_key=True),
    sa.Column("document", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, comment="1..n"),
)
"""A document of the same account that a message points at: it is filed once, and never copied."""

BROADCAST, BROADCAST_BATCH = "broadcast", "broadcast_batch"
"""Kinds of subjects: the key of the first is `broadcast.id`, of the second it and a batch's number, `17-3`."""

broadcast = sa.Table(
    "broadcast",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("author", sa.Text, nullable=False, comment="user name of staff, as two people are told apart"),
    sa.Column("approver", sa.Text, comment="the second person; empty where none was needed"),
    sa.Column("title", sa.Text, nullable=False, comment="no personal data: the same for everybody"),
    sa.Column("text", sa.Text, nullable=False, comment="as it was typed; no personal data"),
    sa.Column("audience", sa.Text, nullable=False, comment="JSON: casework/mailbox/audiences.py"),
    sa.Column("state", sa.Text, nullable=False, comment="casework/mailbox/states.py"),
    sa.Column("version", sa.Integer, nullable=False, default=1, comment="goes up with each change"),
    sa.Column("counted", sa.Integer, comment="accounts it was confirmed for"),
    sa.Column(
        "written_at", sa.BigInteger, nullable=False, comment="instant of the last change by its author"
    ),
    sa.Column("asked_at", sa.BigInteger, comment="instant at which its author confirmed it"),
    sa.Column("started_at", sa.BigInteger, comment="instant since which it is sent"),
    sa.Column("ended_at", sa.BigInteger, comment="instant at which it was sent whole, stopped or dropped"),
    sa.Column("stopped_by", sa.Text, comment="user name of who stopped it; empty unless it is stopped"),
    sa.Column(
        "switch", sa.BigInteger, comment="feature_switch.id, of what tells that it turned on; else empty"
    ),
    sa.CheckConstraint("approver <> author", name="two_people"),
    sa.Index("uq_broadcast_switch", "switch", unique=True),
)

broadcast_recipient = sa.Table(
    "broadcast_recipient",
    metadata,
    sa.Column("broadcast", sa.BigInteger, sa.ForeignKey("broadcast.id"), primary_key=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), comment="the file it is about"),
    sa.Column("batch", sa.Integer, nullable=False, comment="1..n: who is sent to in one transaction"),
    sa.Column("message", sa.Text, sa.ForeignKey("message.id"), comment="empty until it is delivered"),
    sa.Index("ix_broadcast_recipient_batch", "broadcast", "batch"),
    sa.Index("ix_broadcast_recipient_account", "account"),
)
"""A row a person, written before any mail: who is to get it, and who has (DM-04)."""
