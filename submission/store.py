"""SQL: what was accepted, and its history. Personal data is only in SQL (P11)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata
from submission.exempt.store import exempt_ledger
from submission.states import SubmissionStatus

SUBMISSION = "submission"
"""The kind of subject that a submission is, for its tasks and documents; its key is `submission.id`."""

LIVE_EXEMPT = "ledger is not null and status not in ('annulled', 'removed')"
"""One of an account and of a person a programme (P4); what was removed does not stand in the way."""

submission = sa.Table(
    "submission",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("receipt", sa.Text, nullable=False, unique=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid")),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("number", sa.BigInteger),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("person", sa.Text, nullable=False, comment="keyed hash of the normalised identity"),
    sa.Column("submitted_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("pay_by", sa.BigInteger, nullable=False, comment="instant: the last second of the last day"),
    sa.Column("capacity", sa.Text, nullable=False, comment="who signed: candidate or lawyer"),
    sa.Column("device", sa.Text, nullable=False, comment="JSON: verdict, rule version, evidence (DV-01)"),
    # Of earlier releases; what is signed since is sealed in `signature`, and {} stands here.
    sa.Column("content", sa.Text, nullable=False, comment="JSON: the draft as it was signed"),
    sa.Column("status", sa.Text, nullable=False, default=SubmissionStatus.SUBMITTED),
    sa.Column(
        "ledger",
        sa.Text,
        sa.ForeignKey(exempt_ledger.c.programme),
        comment="instead of a period: of an exempt stream",
    ),
    sa.Column("stream", sa.Text, comment="which one"),
    sa.Column("fee", sa.Text, comment="JSON, fixed with the submission: submission/fees.py"),
    sa.Index("ix_submission_account", "account"),
    sa.UniqueConstraint("period", "rank"),
    sa.UniqueConstraint("period", "number"),
    sa.UniqueConstraint("period", "account"),
    sa.UniqueConstraint("period", "person"),
    sa.UniqueConstraint("ledger", "rank"),
    sa.CheckConstraint(
        "(period is null) = (ledger is not null) and (number is null) = (period is null) "
        "and (stream is null) = (ledger is null)",
        name="one_ledger",
    ),
    *(
        sa.Index(
            f"uq_submission_ledger_{whose}",
            "ledger",
            whose,
            unique=True,
            sqlite_where=sa.text(LIVE_EXEMPT),
            postgresql_where=sa.text(LIVE_EXEMPT),
        )
        for whose in ("account", "person")
    ),
)
"""Accepted in a period, with a place of its quota and the number of a ticket; or in the ledger of a programme's exempt
streams, with neither (ADR 0029). What reads submissions of a period never finds one of a ledger."""

signature = sa.Table(
    "signature",
    metadata,
    sa.Column("receipt", sa.Text, sa.ForeignKey("submission.receipt"), primary_key=True),
    sa.Column("capacity", sa.Text, nullable=False, comment="who signed: candidate or lawyer"),
    sa.Column(
        "representative", sa.Text, comment="who signed for the candidate: accounts/representatives/store.py"
    ),
    sa.Column(
        "ground", sa.Text, comment="by which ground: active, or awaiting_procuration, which is flagged"
    ),
    sa.Column("signed_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("declaration", sa.Text, nullable=False, comment="version: submission/signing/declaration.py"),
    sa.Column("declaration_digest", sa.Text, nullable=False, comment="SHA-256 of the text that was shown"),
    sa.Column("form_version", sa.Text, nullable=False),
    sa.Column(
        "content_digest", sa.Text, nullable=False, comment="SHA-256 of the canonical JSON that is sealed"
    ),
    sa.Column("sealed", sa.Text, nullable=False, comment="encrypted: submission/signing/frozen.py"),
)
"""Who signed what. Every submission has one, but those that an earlier release took."""

status_change = sa.Table(
    "status_change",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
)
"""The history of a submission begins with its acceptance, in the same transaction (P3): no reader finds a submission
without one. That is why the table is here and not in `casework/`, which adds what becomes of the submission later."""

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
