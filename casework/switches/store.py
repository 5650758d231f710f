"""SQL: features that are switched on by date."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

FEATURE_SWITCH = "feature_switch"
"""The kind of subject that a planned switch is, for its task and the record."""

feature_switch = sa.Table(
    "feature_switch",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="casework/switches/states.py"),
    sa.Column("on_at", sa.BigInteger, nullable=False, comment="instant from which on it is on, if approved"),
    sa.Column("author", sa.Text, nullable=False, comment="user name"),
    sa.Column("reason", sa.Text, comment="why it is planned"),
    sa.Column("planned_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("approver", sa.Text, comment="user name of the second person"),
    sa.Column("approved_at", sa.BigInteger, comment="instant"),
    sa.Column("turned_on_at", sa.BigInteger, comment="instant at which its task was done"),
    sa.Column("ended_at", sa.BigInteger, comment="instant; withdrawn before on_at, else turned off"),
    sa.Column("ended_by", sa.Text, comment="user name"),
    sa.Column("end_reason", sa.Text, comment="why"),
    sa.CheckConstraint("approver <> author", name="two_people"),
    sa.CheckConstraint("(approver is null) = (approved_at is null)", name="approved"),
    sa.Index(
        "uq_feature_switch_live",
        "programme",
        "name",
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    ),
)
"""One live plan a programme and feature; what was ended stays."""
