"""SQL: by what records of persons are found that may be the same one (record linkage), and the paper register.

Nothing in a table here says who somebody is: blocking keys are HMACs under one key that is itself encrypted, and the
register's identities are encrypted as those of accounts are (DU-01, DU-05).
"""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

PAPER_RECORD = "paper_record"
"""The kind of subject that a line of the paper register is; its key is `paper_record.id`."""

DECLARED_SPOUSE = "declared_spouse"
"""The kind of record that a spouse is whom an account has declared; its key is that account's."""

linkage_key = sa.Table(
    "linkage_key",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, comment="1: there is one"),
    sa.Column("key", sa.Text, nullable=False, comment="encrypted: accounts/linkage/keys.py"),
    sa.Column("made_at", sa.BigInteger, nullable=False, comment="instant"),
)

linkage_block = sa.Table(
    "linkage_block",
    metadata,
    sa.Column("record_kind", sa.Text, primary_key=True, comment="account, submission or paper_record"),
    sa.Column(
        "record",
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="key in the table of that kind",
    ),
    sa.Column(
        "digest", sa.Text, primary_key=True, comment="HMAC of a blocking key: accounts/linkage/blocking.py"
    ),
    sa.Index("ix_linkage_block_digest", "digest", "record_kind", "record"),
)

paper_record = sa.Table(
    "paper_record",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column(
        "row_digest", sa.Text, nullable=False, unique=True, comment="HMAC of the line: read twice, kept once"
    ),
    sa.Column("identity", sa.Text, nullable=False, comment="encrypted JSON: identity and file reference"),
    sa.Column("imported_at", sa.BigInteger, nullable=False, comment="instant"),
)
