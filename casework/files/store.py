"""SQL: what happened to files."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

file_event = sa.Table(
    "file_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="casework/files/states.py"),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key: said twice, one event"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant at which it was recorded"),
    sa.Column("on_day", sa.Text, comment="the day that counts, where it is another: 2016-07-14"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service"),
    sa.Column("role", sa.Text, comment="in which it was done"),
    sa.Column("reason", sa.Text, comment="as the person reads it"),
    sa.Column("detail", sa.Text, nullable=False, default="{}", comment="JSON without personal data"),
    sa.Index("ix_file_event_submission_kind", "submission", "kind"),
)
