"""SQL: personal lists of documents, their items, and what happened to each."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

checklist = sa.Table(
    "checklist",
    metadata,
    sa.Column(
        "submission", sa.BigInteger, sa.ForeignKey("submission.id"), primary_key=True, autoincrement=False
    ),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False, comment="of the rules"),
    sa.Column("rules", sa.Text, nullable=False, comment="SHA-256 of their file"),
    sa.Column("answers", sa.Text, nullable=False, comment="SHA-256 of what was signed"),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the list as it went out"),
    sa.Column("sent_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("sent_on", sa.Text, nullable=False, comment="day: 2016-07-14"),
    sa.Column("days", sa.Text, nullable=False, comment="JSON: casework/checklists/rules.py, DayRules"),
    sa.Column("addresses", sa.Text, nullable=False, comment="JSON: where to send it, as the list says it"),
)
"""One a file. What it says is frozen here: rules that change later change no list that went out."""

checklist_item = sa.Table(
    "checklist_item",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("checklist.submission"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="1..n within the list, as it is printed"),
    sa.Column("key", sa.Text, nullable=False, comment="casework/checklists/generating.py"),
    sa.Column("person", sa.Text, nullable=False, comment="principal, spouse or dependant"),
    sa.Column("name", sa.Text, nullable=False, comment="encrypted: whose document it is"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("help", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("translation", sa.Boolean, nullable=False),
    sa.Column("give_back", sa.Boolean, nullable=False, comment="the original goes back"),
    sa.Column("address", sa.Text, nullable=False, comment="id of one of the list's addresses"),
    sa.Column("asked_on", sa.Text, nullable=False, comment="day on which it was first asked: 2016-07-14"),
    sa.UniqueConstraint("submission", "number"),
    sa.UniqueConstraint("submission", "key"),
)

checklist_item_event = sa.Table(
    "checklist_item_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("checklist.submission"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="of the item"),
    sa.Column("act", sa.Text, nullable=False, comment="casework/checklists/states.py"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant at which it was recorded"),
    sa.Column("on_day", sa.Text, nullable=False, comment="the day that counts: 2016-07-14"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service"),
    sa.Column("role", sa.Text),
    sa.Column("text", sa.Text, comment="encrypted: explanation, or reason as the person reads it"),
    sa.Column("tracking", sa.Text, comment="number by which the post follows an original"),
    sa.Column("told_at", sa.BigInteger, comment="instant at which the person was told of it"),
    sa.Index("ix_checklist_item_event_submission", "submission", "number"),
)
