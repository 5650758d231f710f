"""SQL: cases that a person decides about accounts, what was said in each, and links of duplicates (ADR 0028).

Accounts are named without a foreign key: what was decided about one outlives it.
"""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

REVIEW = "review"
"""The kind of subject that a case of review is; its key is `review.id`."""

review = sa.Table(
    "review",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column(
        "kind", sa.Text, nullable=False, comment="duplicate, paper or cession: accounts/reviews/states.py"
    ),
    sa.Column(
        "about", sa.Text, nullable=False, unique=True, comment="what it is about, once: duplicate:17:23"
    ),
    sa.Column("account", sa.BigInteger, nullable=False, comment="account.id: whom a decision meets"),
    sa.Column("other_account", sa.BigInteger, comment="account.id, of a duplicate: the other one"),
    sa.Column("paper_record", sa.BigInteger, comment="paper_record.id, of a hit in the register"),
    sa.Column("state", sa.Text, nullable=False, comment="open, waiting or decided"),
    sa.Column(
        "version", sa.Integer, nullable=False, default=1, comment="goes up with each event: optimistic lock"
    ),
    sa.Column("score", sa.Integer, nullable=False, comment="0 to 100"),
    sa.Column("signals", sa.Text, nullable=False, comment="encrypted JSON: what speaks for it, as found"),
    sa.Column("decision", sa.Text, comment="the newest one; empty while there is none"),
    sa.Column(
        "is_automatic", sa.Boolean, nullable=False, comment="whether the newest decision was the service's"
    ),
    sa.Column("has_request", sa.Boolean, nullable=False, comment="whether its person asked for a look at it"),
    sa.Column("opened_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("changed_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Index("ix_review_state", "state", "kind", "opened_at"),
    sa.Index("ix_review_account", "account"),
    sa.Index("ix_review_other_account", "other_account"),
)

review_event = sa.Table(
    "review_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("review", sa.BigInteger, sa.ForeignKey("review.id"), nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False, comment="accounts/reviews/states.py"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name of staff, candidate, or service"),
    sa.Column("text", sa.Text, comment="encrypted: the reason, the question or the observations"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
)

account_link = sa.Table(
    "account_link",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, nullable=False, comment="account.id: the duplicate"),
    sa.Column("survivor", sa.BigInteger, nullable=False, comment="account.id: the one that counts"),
    sa.Column("review", sa.BigInteger, sa.ForeignKey("review.id"), nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, comment="exact or decided"),
    sa.Column("linked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("ended_at", sa.BigInteger, comment="instant since which it holds no more"),
    sa.Index("ix_account_link_survivor", "survivor"),
    # A duplicate of two would leave open which one counts.
    sa.Index(
        "uq_account_link_in_force",
        "account",
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    ),
)
"""A duplicate is a link with its reason and two dates: nothing is moved, and undoing it ends the link."""
