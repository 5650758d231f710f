"""SQL: what happened to files."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

MOVED = "moved_to is not null"

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
    sa.Column("moved_to", sa.Text, comment="status that it brought its file to; empty where it moved none"),
    sa.Index("ix_file_event_submission_kind", "submission", "kind"),
    sa.Index(
        "ix_file_event_moved",
        "submission",
        "id",
        sqlite_where=sa.text(MOVED),
        postgresql_where=sa.text(MOVED),
    ),
)
"""Written once. `moved_to` is what the fold of `status.py` found when the event was recorded: a copy that never
changes, by which a database finds the files of a status without a fold, and which `guichet verify` compares."""
