"""Say of each event where it brought its file, and of a withdrawal by post who has signed it."""

from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0033"

down_revision = "0032"

branch_labels = None

depends_on = None

MOVED = "moved_to is not null"

AT_ONCE = 1_000


def upgrade() -> None:
    told = "status that it brought its file to; empty where it moved none"
    op.add_column("file_event", sa.Column("moved_to", sa.Text(), nullable=True, comment=told))
    _fill(op.get_bind())
    op.create_index(
        "ix_file_event_moved",
        "file_event",
        ["submission", "id"],
        sqlite_where=sa.text(MOVED),
        postgresql_where=sa.text(MOVED),
    )
    who = "of a withdrawal: who has signed it, submission/states.py"
    op.add_column("mail_item", sa.Column("capacity", sa.Text(), nullable=True, comment=who))


MOVES = {
    "awaiting_payment": {
        "paid": "paid", "unpaid_deleted": "unpaid_deleted", "returned_deleted": "returned_deleted",
        "withdrawn": "withdrawn",
    },
    "paid": {
        "payment_reversed": "reversed", "checklist_sent": "awaiting_documents", "decided": "decided",
        "withdrawn": "withdrawn",
    },
    "reversed": {
        "paid": "paid", "unpaid_deleted": "unpaid_deleted", "decided": "decided", "withdrawn": "withdrawn",
    },
    "awaiting_documents": {
        "payment_reversed": "reversed", "documents_complete": "in_examination", "decided": "decided",
        "withdrawn": "withdrawn",
    },
    "in_examination": {
        "payment_reversed": "reversed", "checklist_sent": "awaiting_documents",
        "documents_reopened": "awaiting_documents", "decided": "decided", "withdrawn": "withdrawn",
    },
}  # fmt: skip
"""Status -> event that leads to another one -> that one, as it was when this step was written."""


def _fill(conn: sa.Connection) -> None:
    """The fold of every file that has events, written to those that moved it."""
    event = sa.table(
        "file_event", sa.column("id"), sa.column("submission"), sa.column("kind"), sa.column("moved_to")
    )
    rows = conn.execute(
        sa.select(event.c.id, event.c.submission, event.c.kind).order_by(event.c.submission, event.c.id)
    ).all()
    found = []
    for _, happened in groupby(rows, key=lambda row: row.submission):
        status = "awaiting_payment"
        for row in happened:
            after = MOVES.get(status, {}).get(row.kind)
            if after is not None:
                found.append({"of": row.id, "after": after})
                status = after
    told = sa.update(event).where(event.c.id == sa.bindparam("of")).values(moved_to=sa.bindparam("after"))
    for start in range(0, len(found), AT_ONCE):
        conn.execute(told, found[start : start + AT_ONCE])
