"""SQL: messages in accounts, and the documents that go with them."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

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
