"""SQL: second factors of candidates. What proves something is encrypted; each code serves once."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False, comment="account.id"),
    sa.Column("secret", sa.Text, comment="encrypted; empty until its first code was typed"),
    sa.Column("pending", sa.Text, comment="encrypted: a secret whose first code was not typed yet"),
    sa.Column("step", sa.BigInteger, comment="step of the last code that was taken: it serves once"),
    sa.Column("codes", sa.Text, comment="encrypted JSON of the recovery codes that are left"),
    sa.Column("set_at", sa.BigInteger, comment="instant since which it is asked for"),
)
