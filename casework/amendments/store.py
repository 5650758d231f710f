"""SQL: changes that were added to frozen submissions, and what agents did with them."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

AMENDMENT = "amendment"
"""The kind of subject that an amendment is, for its task and the record."""

amendment = sa.Table(
    "amendment",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False, comment="1..n of its submission: the version after it"),
    sa.Column("kind", sa.Text, nullable=False, comment="submission/forms/model.py: AmendmentKind"),
    sa.Column("key", sa.Text, nullable=False, comment="of the form that was sent: twice, one amendment"),
    sa.Column("on_day", sa.Text, nullable=False, comment="the day of the change: 2016-07-14"),
    sa.Column("last_day", sa.Text, nullable=False, comment="until which it was to be told: 2016-08-15"),
    sa.Column("told_on", sa.Text, nullable=False, comment="day on which it was told"),
    sa.Column("author", sa.Text, nullable=False, comment="user name"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("content", sa.Text, nullable=False, comment="encrypted: casework/amendments/sealing.py"),
    sa.UniqueConstraint("submission", "serial"),
    sa.UniqueConstraint("submission", "key"),
)
"""Rows are added and never changed: the submission is what was frozen with these, in their order."""

amendment_review = sa.Table(
    "amendment_review",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("amendment", sa.BigInteger, sa.ForeignKey("amendment.id"), nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False, comment="casework/amendments/states.py"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name"),
    sa.Column("role", sa.Text, nullable=False, comment="in which it was done"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("text", sa.Text, comment="what was asked, encrypted: casework/amendments/sealing.py"),
)
