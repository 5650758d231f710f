"""SQL: what candidates fill in beforehand, section by section, each answer encrypted (P11, P12)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

DRAFT = "draft"
"""The kind of subject that a draft is, for its tasks and the record; its key is `draft.id`."""

PROGRAMME = "programme"
"""The kind of subject that the drafts of a programme are together; its key is the programme, and where to go on."""

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column(
        "content", sa.Text, comment="JSON of an earlier release, not encrypted; null once its sections are"
    ),
    sa.Column("form_version", sa.Text, comment="version of the form it is filled in by; null is the first"),
    sa.Column(
        "revision", sa.BigInteger, nullable=False, default=0, server_default="0", comment="of any section"
    ),
    sa.Column("begun_at", sa.BigInteger, nullable=False, comment="instant of the first saved field (DR-01)"),
    sa.Column("kept_until", sa.BigInteger, comment="instant; null is the programme's days from begun_at"),
    sa.Column("updated_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("destroyed_at", sa.BigInteger, comment="instant; what remains is a tombstone without answers"),
    sa.Column("ended_by", sa.Text, comment="why it was destroyed: expired, submitted"),
    sa.Index(
        "uq_draft_live",
        "account",
        "programme",
        unique=True,
        sqlite_where=sa.text("destroyed_at is null"),
        postgresql_where=sa.text("destroyed_at is null"),
    ),
)
"""One live draft an account and programme: two clicks at once make one. A tombstone keeps ids and dates."""

draft_section = sa.Table(
    "draft_section",
    metadata,
    sa.Column("draft", sa.BigInteger, sa.ForeignKey("draft.id"), primary_key=True, autoincrement=False),
    sa.Column("section", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False, comment="goes up by one with each save"),
    sa.Column("key", sa.Text, nullable=False, comment="id of the key its answers are encrypted with"),
    sa.Column("answers", sa.LargeBinary, nullable=False, comment="MessagePack, each answer encrypted"),
    sa.Column("updated_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("read_again", sa.Text, comment="JSON: what a newer form changed here, until it is confirmed"),
    sa.Index("ix_draft_section_key", "key"),
)

draft_past = sa.Table(
    "draft_past",
    metadata,
    sa.Column("uid", sa.Text, primary_key=True),
    sa.Column("draft", sa.BigInteger, sa.ForeignKey("draft.id"), nullable=False, index=True),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False, comment="that it was written upon"),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("answers", sa.LargeBinary, nullable=False, comment="as in draft_section"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant at which it was set aside"),
)
"""Texts that lost a conflict: nothing that was typed and sent is overwritten without being kept (P12)."""
