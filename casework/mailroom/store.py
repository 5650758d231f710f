"""SQL: what came by post, what became of it, and which files an item without one might belong to."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

MAIL_ITEM = "mail_item"
"""The kind of subject that an item is, for the audit and for tasks; its key is `mail_item.id`."""

mail_item = sa.Table(
    "mail_item",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="of its form: sent twice, one item"),
    sa.Column("kind", sa.Text, nullable=False, comment="casework/mailroom/states.py"),
    sa.Column("state", sa.Text, nullable=False, comment="casework/mailroom/states.py"),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), comment="its file; empty in the pen"),
    sa.Column("received_on", sa.Text, nullable=False, comment="day on which it came: 2016-07-14"),
    sa.Column("postmarked_on", sa.Text, comment="day of its postmark, where that can be read"),
    sa.Column("instrument", sa.Text, comment="of a payment"),
    sa.Column("cents", sa.BigInteger, comment="of a payment: whole cents"),
    sa.Column("reference", sa.Text, nullable=False, default="", comment="of a procuration, or number of an instrument"),
    sa.Column("changed_on", sa.Text, comment="of a paper modification: the day of the change"),
    sa.Column("capacity", sa.Text, comment="of a withdrawal: who has signed it, submission/states.py"),
    sa.Column("parts", sa.Text, nullable=False, default="[]", comment="JSON: items of a list of documents"),
    sa.Column("hints", sa.Text, nullable=False, comment="encrypted: casework/mailroom/guessing/hints.py"),
    sa.Column("entered_at", sa.BigInteger, nullable=False, comment="instant; it drives nothing"),
    sa.Column("entered_on", sa.Text, nullable=False, comment="day of that in Montréal: of the daily list"),
    sa.Column("entered_by", sa.Text, nullable=False, comment="user name"),
    sa.Column("acted_as", sa.Text, comment="key under which its effect was done last, after a correction"),
    sa.Column("tracking", sa.Text, comment="number by which the post follows what went back"),
    sa.Column("sent_on", sa.Text, comment="day on which it went back"),
    sa.Index("ix_mail_item_submission_kind", "submission", "kind", "received_on"),
    sa.Index("ix_mail_item_entered_on", "entered_on"),
    sa.Index("ix_mail_item_state", "state"),
)  # fmt: skip

mail_event = sa.Table(
    "mail_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("item", sa.BigInteger, sa.ForeignKey("mail_item.id"), nullable=False, index=True),
    sa.Column("move", sa.Text, nullable=False, comment="casework/mailroom/states.py"),
    sa.Column("after", sa.Text, nullable=False, comment="state after it"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service"),
    sa.Column("role", sa.Text, comment="in which it was done"),
    sa.Column("reason", sa.Text, comment="staff's own words"),
    sa.Column("detail", sa.Text, nullable=False, default="{}", comment="JSON without personal data"),
)
"""The history of items: written, never changed."""

mail_guess = sa.Table(
    "mail_guess",
    metadata,
    sa.Column("item", sa.BigInteger, sa.ForeignKey("mail_item.id"), primary_key=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), primary_key=True, index=True),
    sa.Column("points", sa.Integer, nullable=False),
    sa.Column("signals", sa.Text, nullable=False, comment="JSON: casework/mailroom/guessing/guesses.py"),
)
"""Which files an item without one might belong to; a person decides. Taken away when it has its file, or has left."""

OPEN_CORRECTION = "state = 'proposed'"
"""One of an item."""

mail_correction = sa.Table(
    "mail_correction",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("item", sa.BigInteger, sa.ForeignKey("mail_item.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="casework/mailroom/states.py"),
    sa.Column("state", sa.Text, nullable=False, comment="casework/mailroom/states.py"),
    sa.Column("received_on", sa.Text, comment="day that is right: 2016-07-14"),
    sa.Column("postmarked_on", sa.Text, comment="day that is right, where the postmark can be read"),
    sa.Column("reason", sa.Text, nullable=False, comment="staff's own words"),
    sa.Column("proposed_by", sa.Text, nullable=False, comment="user name"),
    sa.Column("proposed_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("decided_by", sa.Text, comment="user name"),
    sa.Column("decided_at", sa.BigInteger, comment="instant"),
    sa.Index(
        "uq_mail_correction_item",
        "item",
        unique=True,
        sqlite_where=sa.text(OPEN_CORRECTION),
        postgresql_where=sa.text(OPEN_CORRECTION),
    ),
)
"""What one person proposes to put right in an entry, and another one decides (P17)."""
