"""SQL: people, what they fill in, what was accepted, and what is made of it. Personal data is only here (P11)."""

from typing import Any

import sqlalchemy as sa

from quota.store import Id, metadata

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False, comment="Argon2id"),
    sa.Column(
        "answers_hash", sa.Text, nullable=False, comment="Argon2id of all answers, normalised, together"
    ),
    sa.Column("questions", sa.Text, nullable=False, comment="JSON list of the security questions"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "identity", sa.Text, nullable=False, comment="JSON: family_name, given_name, birth_date, passport"
    ),
    sa.Column(
        "accommodation", sa.Float, nullable=False, default=1.0, comment="1 to 2; lengthens the token once"
    ),
)

operator = sa.Table(
    "operator",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False, comment="Argon2id"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="SHA-256 of the cookie's secret"),
    sa.Column("role", sa.Text, nullable=False, comment="candidate or operator"),
    sa.Column("owner", sa.BigInteger, nullable=False, comment="account.id or operator.id"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("expires_at", sa.BigInteger, nullable=False, comment="instant; absolute (WR-17)"),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column(
        "key", sa.Text, primary_key=True, comment="keyed hash of account and of where the tries come from"
    ),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False, comment="instant"),
)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False, comment="JSON, section by section"),
    sa.Column(
        "begun_at", sa.BigInteger, nullable=False, comment="instant; 90 days from here (domain group C)"
    ),
    sa.Column("updated_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.UniqueConstraint("account", "programme"),
)

submission = sa.Table(
    "submission",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("receipt", sa.Text, nullable=False, unique=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("person", sa.Text, nullable=False, comment="keyed hash of the normalised identity"),
    sa.Column("submitted_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("pay_by", sa.BigInteger, nullable=False, comment="instant: the last second of the last day"),
    sa.Column("capacity", sa.Text, nullable=False, comment="who signed: candidate or lawyer"),
    sa.Column("device", sa.Text, nullable=False, comment="JSON: verdict, rule version, evidence (DV-01)"),
    sa.Column("content", sa.Text, nullable=False, comment="JSON: the draft as it was signed"),
    sa.Column("status", sa.Text, nullable=False, default="submitted"),
    sa.UniqueConstraint("period", "rank"),
    sa.UniqueConstraint("period", "number"),
    sa.UniqueConstraint("period", "account"),
    sa.UniqueConstraint("period", "person"),
)

status_change = sa.Table(
    "status_change",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, default="staged", comment="staged, done or set_aside"),
    sa.Column("attempt", sa.Integer, nullable=False, default=0, comment="the fence: goes up with each lease"),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("staged_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("rung_at", sa.BigInteger, nullable=False, default=0, comment="instant of the last ring"),
    sa.Column("leased_until", sa.BigInteger, nullable=False, default=0, comment="instant"),
    sa.Column("done_at", sa.BigInteger, comment="instant"),
    sa.UniqueConstraint("submission", "kind"),
    sa.Index(
        "ix_job_staged",
        "rung_at",
        sqlite_where=sa.text("state = 'staged'"),
        postgresql_where=sa.text("state = 'staged'"),
    ),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random, for the address of the document"),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="JSON of what the page shows"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.UniqueConstraint("submission", "kind"),
)

trace = sa.Table(
    "trace",
    metadata,
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="passport, name_and_birth, email, telephone"),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False),
    sa.Column("digest", sa.Text, nullable=False, comment="keyed with the period's person_key"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Index("ix_trace_period_kind_digest", "period", "kind", "digest"),
)


RANKS = sa.and_(
    submission.c.period == sa.bindparam("uid"),
    submission.c.rank.between(sa.bindparam("first"), sa.bindparam("last")),
)
"""The submissions of a period from one rank to another, which one transaction gave one after the other."""


def plain_row(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """A row by column name. SQLAlchemy's names are a subclass of `str`, which msgspec does not take for one."""
    return {str(name): value for name, value in row._mapping.items()}
