"""Let several notices to one person go out as one mail."""

import sqlalchemy as sa
from alembic import op

revision = "0036"

down_revision = "0035"

branch_labels = None

depends_on = None

WHERE = {"ix_mail_together": "state = 'staged'", "ix_mail_folded_into": "folded_into is not null"}


def upgrade() -> None:
    together = "mails of one word here may go out as one; empty: alone"
    folded_into = "mail.id of the one it goes out in; its own once taken up"
    op.add_column("mail", sa.Column("together", sa.Text(), nullable=True, comment=together))
    op.add_column("mail", sa.Column("folded_into", sa.BigInteger(), nullable=True, comment=folded_into))
    for name, where in WHERE.items():
        condition = sa.text(where)
        op.create_index(
            name, "mail", [name.removeprefix("ix_mail_")], sqlite_where=condition, postgresql_where=condition
        )


def downgrade() -> None:
    for name in WHERE:
        op.drop_index(name, "mail")
        op.drop_column("mail", name.removeprefix("ix_mail_"))
