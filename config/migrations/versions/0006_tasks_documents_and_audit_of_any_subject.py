"""Let tasks, documents and lines of the audit be about any subject, chain the audit, and grant roles.

Everything that is there is carried over: ids, states, texts and instants stay. What the code of that release knew (how
an instant reads, how a line is hashed) is written out here, so that this step does the same when the code has gone on.
"""

import hashlib
import json
import os
import time
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"

down_revision = "0005"

branch_labels = None

depends_on = None

AT_ONCE = 5_000
"""Rows read and written in one go."""

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    stage_tasks()
    file_documents()
    chain_audit()
    grant_roles()


def downgrade() -> None:
    raise NotImplementedError(
        "what is recorded from here on has no place in the tables of before: restore a backup"
    )


def rows_of(statement: sa.Select[Any], key: sa.ColumnClause[Any]) -> Iterator[list[Any]]:
    """All rows of a statement in the order of their keys, so many at once."""
    last = None
    while True:
        rest = statement if last is None else statement.where(key > last)
        rows = list(op.get_bind().execute(rest.order_by(key).limit(AT_ONCE)))
        if not rows:
            return
        yield rows
        last = getattr(rows[-1], key.name)


def count_on(table: str) -> None:
    """Go on after the ids that were brought along; SQLite does so by itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), max(id)) from {table}")  # noqa: S608


# -- tasks -----------------------------------------------------------------------------------------------------------


def stage_tasks() -> None:
    """`job` becomes `task`: the same ids and attempts, so that a ring under way still finds its row."""
    op.create_table(
        "task",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column(
            "due_at", sa.BigInteger(), nullable=False, comment="instant of the first ring; 0 is at once"
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: staged twice, one task"),
        sa.Column("state", sa.Text(), nullable=False, comment="staged, done or set_aside"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="fencing token: goes up with each lease"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("staged_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("rung_at", sa.BigInteger(), nullable=False, comment="instant of the last ring"),
        sa.Column("leased_until", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("done_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    staged = sa.text("state = 'staged'")
    op.create_index("ix_task_staged_due_at", "task", ["due_at"], sqlite_where=staged, postgresql_where=staged)
    op.execute(
        "insert into task (id, kind, subject_kind, subject_id, due_at, key, state, attempt, failures, staged_at,"
        " rung_at, leased_until, done_at)"
        " select id, kind, 'submission', cast(submission as text), 0,"
        " kind || ':submission:' || cast(submission as text),"
        " state, attempt, failures, staged_at, rung_at, leased_until, done_at from job"
    )
    count_on("task")
    op.drop_table("job")


# -- documents -------------------------------------------------------------------------------------------------------


def file_documents() -> None:
    """What a document says becomes blocks, which are all that its page shows."""
    for column in (
        sa.Column("subject_kind", sa.Text()),
        sa.Column("subject_id", sa.Text()),
        sa.Column("serial", sa.Integer(), comment="1..n of this kind and subject"),
        sa.Column("blocks", sa.Text(), comment="JSON: casework/blocks.py"),
    ):
        op.add_column("document", column)
    op.execute(
        "update document set subject_kind = 'submission', subject_id = cast(submission as text), serial = 1"
    )
    write_blocks()
    with op.batch_alter_table("document") as batch:
        batch.drop_constraint("uq_document_submission_kind", type_="unique")
        batch.drop_constraint("fk_document_submission", type_="foreignkey")
        batch.drop_column("submission")
        batch.drop_column("body")
        for name, kind in (
            ("subject_kind", sa.Text()), ("subject_id", sa.Text()), ("serial", sa.Integer()), ("blocks", sa.Text())
        ):  # fmt: skip
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_unique_constraint(
            op.f("uq_document_subject_kind_subject_id_kind_serial"),
            ["subject_kind", "subject_id", "kind", "serial"],
        )


def write_blocks() -> None:
    d = sa.table("document", *map(sa.column, ("id", "title", "body", "created_at", "blocks")))
    programmes = programme_names()
    update = sa.update(d).where(d.c.id == sa.bindparam("document")).values(blocks=sa.bindparam("text"))
    for rows in rows_of(sa.select(d.c.id, d.c.title, d.c.body, d.c.created_at), d.c.id):
        written = [{"document": row.id, "text": compact(blocks_of(row, programmes))} for row in rows]
        op.get_bind().execute(update, written)


def programme_names() -> dict[str, str]:
    """What the programme files call each programme. A programme that has none any more is called by its id."""
    folder = os.environ.get("PROGRAMMES_DIR") or Path(__file__).parents[2] / "programmes"
    files = sorted(Path(folder).glob("*.toml"))
    return {path.stem: tomllib.loads(path.read_text("utf-8"))["name"] for path in files}


def blocks_of(row: Any, programmes: dict[str, str]) -> list[dict[str, Any]]:
    """A confirmation, the one kind of document there is, as its page showed it."""
    said = json.loads(row.body)
    facts = [
        ("Programme", text(programmes.get(said["programme"], said["programme"]))),
        ("Période de réception", [
            {"text": str(said["ordinal"])}, {"text": "re" if said["ordinal"] == 1 else "e", "style": "superscript"}
        ]),
        ("Accusé de réception", text(said["receipt"], "strong")),
        ("Rang", text(number(said["rank"]), "strong")),
        ("Numéro d’attente", text(number(said["number"]))),
        ("Date et heure de la soumission", text(instant(said["submitted_at"]))),
        ("À payer au plus tard le", text(instant(said["pay_by"]))),
    ]  # fmt: skip
    return [
        {"block": "heading", "text": row.title, "level": 1},
        {"block": "paragraph", "text": text(OPENING)},
        {"block": "facts", "facts": [{"label": label, "value": value} for label, value in facts]},
        {"block": "note", "text": text(f"Document déposé le {instant(row.created_at)}.")},
    ]


OPENING = (
    "Nous confirmons que la demande désignée ci-dessous a été soumise pendant la période de réception et admise dans "
    "le quota."
)

MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]

NBSP = "\N{NO-BREAK SPACE}"


def text(words: str, style: str = "plain") -> list[dict[str, str]]:
    return [{"text": words} if style == "plain" else {"text": words, "style": style}]


def number(value: int) -> str:
    return f"{value:,}".replace(",", NBSP)


def instant(at: int) -> str:
    """`13 juin 2016 à 8 h 30 (heure de Montréal)`."""
    moment = datetime.fromtimestamp(at / 1000, ZoneInfo("America/Toronto"))
    day = f"{moment.day}{NBSP}{MONTHS[moment.month - 1]}{NBSP}{moment.year}"
    return f"{day} à {moment.hour}{NBSP}h{NBSP}{moment:%M} (heure de Montréal)"


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# -- audit -----------------------------------------------------------------------------------------------------------

GENESIS = "0" * 64

ACTS, LOOKS = "acts", "looks"

SET = {"create", "commit", "rule", "value", "freeze", "draw", "pace", "notice", "proof"}
"""Acts whose detail said what was set."""


def chain_audit() -> None:
    """Every line again, with its subject, and with what it changed apart from the rest; hashed in two chains."""
    move_aside()
    op.create_table(
        "audit",
        sa.Column("id", Id, autoincrement=True, nullable=False, comment="in the order of both streams"),
        sa.Column("stream", sa.Text(), nullable=False, comment="acts or looks"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="place in the stream, 1..n"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service, command-line, unknown"),
        sa.Column(
            "role", sa.Text(), nullable=True, comment="in which it was done; empty in lines of before 0006"
        ),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True, comment="JSON of what the act changed, as it was"),
        sa.Column("after", sa.Text(), nullable=True, comment="JSON of what the act changed, as it is since"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("previous", sa.Text(), nullable=False, comment="hash of the line before in the stream"),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256: foundation/audit_chain.py"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("stream", "sequence", name=op.f("uq_audit_stream_sequence")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject_id"])
    heads = copy_lines()
    count_on("audit")
    op.drop_table("audit_before")
    chain = op.create_table(
        "audit_chain",
        sa.Column("stream", sa.Text(), nullable=False, comment="acts or looks"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="of the newest line; 0 for none"),
        sa.Column("hash", sa.Text(), nullable=False, comment="of the newest line"),
        sa.Column("anchor_sequence", sa.BigInteger(), nullable=False, comment="of the newest line forgotten"),
        sa.Column("anchor_hash", sa.Text(), nullable=False, comment="of the newest line forgotten"),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_chain")),
    )
    unforgotten = {"anchor_sequence": 0, "anchor_hash": GENESIS}
    op.bulk_insert(
        chain,
        [
            {"stream": stream, "sequence": sequence, "hash": digest} | unforgotten
            for stream, (sequence, digest) in heads.items()
        ],
    )


def move_aside() -> None:
    op.rename_table("audit", "audit_before")
    if op.get_bind().dialect.name == "postgresql":  # where their names are the schema's, not the table's
        op.execute("alter index pk_audit rename to pk_audit_before")
        op.execute("alter sequence audit_id_seq rename to audit_before_id_seq")


def copy_lines() -> dict[str, tuple[int, str]]:
    """Copy all lines; the place and hash of the last one of each stream."""
    heads = {ACTS: (0, GENESIS), LOOKS: (0, GENESIS)}
    b = sa.table("audit_before", *map(sa.column, ("id", "at", "actor", "action", "period", "detail")))
    columns = ("id", "stream", "sequence", *HASHED, "hash")
    audit = sa.table("audit", *map(sa.column, columns))
    for rows in rows_of(sa.select(b), b.c.id):
        lines = []
        for row in rows:
            stream = LOOKS if row.action == "look" else ACTS
            sequence, previous = heads[stream]
            line = carried(row) | {"previous": previous}
            digest = hashlib.sha256(compact([line[name] for name in HASHED]).encode()).hexdigest()
            heads[stream] = sequence + 1, digest
            lines.append(line | {"id": row.id, "stream": stream, "sequence": sequence + 1, "hash": digest})
        op.get_bind().execute(sa.insert(audit), lines)
    return heads


HASHED = (
    "at", "actor", "role", "act", "subject_kind", "subject_id", "before", "after", "reason", "detail", "previous"
)  # fmt: skip
"""What a line says, in the order in which it is hashed."""


def carried(row: Any) -> dict[str, Any]:
    """A line of before in the new columns. Nothing of it is lost: what moved is read from where it belongs now."""
    said: dict[str, Any] = json.loads(row.detail)
    subject = (None, None) if row.period is None else ("period", row.period)
    before, after = None, None
    if row.action in SET:
        after, said = said, {}
    elif row.action == "clear_notice":
        after = {"text": None}
    elif {"from", "to"} <= said.keys():
        before, after, said = {"stand": said["from"]}, {"stand": said["to"]}, {}
    elif row.action == "grant" and {"account", "before", "factor"} <= said.keys():
        subject = ("account", str(said["account"]))
        before, after, said = {"accommodation": said["before"]}, {"accommodation": said["factor"]}, {}
    return {
        "at": row.at,
        "actor": row.actor,
        "role": "service" if row.actor == "service" else None,
        "act": row.action,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "before": None if before is None else compact(before),
        "after": None if after is None else compact(after),
        "reason": None,
        "detail": compact(said),
    }


# -- roles -----------------------------------------------------------------------------------------------------------


def grant_roles() -> None:
    """Each operator is granted the role from the day the account was made, until further notice."""
    op.create_table(
        "role_grant",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("holder_kind", sa.Text(), nullable=False, comment="account or operator"),
        sa.Column("holder", sa.BigInteger(), nullable=False, comment="account.id or operator.id"),
        sa.Column("role", sa.Text(), nullable=False, comment="accounts/roles.py"),
        sa.Column("from_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "until_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which it has ended; empty until further notice",
        ),
        sa.Column(
            "granted_by", sa.Text(), nullable=False, comment="user name, or a reserved name of the audit"
        ),
        sa.Column("granted_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_holder", "role_grant", ["holder_kind", "holder"])
    granted = sa.text(
        "insert into role_grant (holder_kind, holder, role, from_at, until_at, granted_by, granted_at)"
        " select 'operator', id, 'operator', created_at, null, 'migration', :now from operator order by id"
    )
    op.get_bind().execute(granted, {"now": time.time_ns() // 1_000_000})
