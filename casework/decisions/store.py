"""SQL: decisions, and who has taken which file."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

OPEN = "settled_at is null"
"""One proposal at a time a file."""

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False, index=True),
    sa.Column("serial", sa.Integer, nullable=False, comment="1..n of the file"),
    sa.Column("outcome", sa.Text, nullable=False, comment="casework/decisions/states.py"),
    sa.Column("reason", sa.Text, nullable=False, comment="encrypted: as the person reads it"),
    sa.Column(
        "replaces",
        sa.BigInteger,
        sa.ForeignKey("decision.id"),
        comment="the decision in whose place it stands",
    ),
    sa.Column("second_needed", sa.Boolean, nullable=False),
    sa.Column("answers", sa.Text, nullable=False, comment="SHA-256 of the answers it is about"),
    sa.Column("rules", sa.Text, nullable=False, comment="SHA-256 of the rules of decisions"),
    sa.Column("checklist_rules", sa.Text, comment="SHA-256 of the rules of the list that was sent"),
    sa.Column("proposed_by", sa.Text, nullable=False, comment="user name"),
    sa.Column("proposed_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("settled_by", sa.Text, comment="user name of who confirmed it or took it back"),
    sa.Column("settled_at", sa.BigInteger, comment="instant; empty while it waits for a second person"),
    sa.Column(
        "on_day", sa.Text, comment="day of the decision: 2016-07-14; empty for one that was never made"
    ),
    sa.UniqueConstraint("submission", "serial"),
    sa.CheckConstraint("on_day is null or not second_needed or settled_by <> proposed_by", name="two_people"),
    sa.Index(
        "uq_decision_open",
        "submission",
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    ),
)

file_taking = sa.Table(
    "file_taking",
    metadata,
    sa.Column(
        "submission", sa.BigInteger, sa.ForeignKey("submission.id"), primary_key=True, autoincrement=False
    ),
    sa.Column("taken_by", sa.Text, nullable=False, comment="user name"),
    sa.Column("taken_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("until", sa.BigInteger, nullable=False, comment="instant at which anybody may take it"),
)
"""Who works in a file now; a row is written over when its time is over."""
