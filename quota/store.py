"""SQL: the tables from the call onwards (`docs/architecture.md`, "Where the truth is").

The only truth about calls, tokens and places. How it is read and written stands in `foundation/sql/database.py`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from foundation.sql.tables import Id, metadata
from quota.states import Mode, PeriodState

PERSON_KEY_MARK = "2."
"""Begins the `person_key` of a period whose persons are compared in today's form (`accounts/identities.py`). Periods of
releases up to 0.2 have keys without it, and keep their form with their key."""

PERIOD = "period"
"""The kind of subject that a period is, for tasks and the audit; its key is `period.uid`."""

period = sa.Table(
    "period",
    metadata,
    sa.Column(
        "uid", sa.Text, primary_key=True, comment="random; made with the period, signed into its tickets"
    ),
    sa.Column("id", sa.Text, nullable=False, unique=True, comment="the public name, such as demo"),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False, comment="1..n within the programme (QU-08)"),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        comment="draft, announced, armed, open, cap_reached, closed, annulled",
    ),
    sa.Column("paused", sa.Boolean, nullable=False, default=False),
    sa.Column("suspended", sa.Boolean, nullable=False, default=False),
    sa.Column("paused_at", sa.BigInteger, comment="instant; since when paused or suspended"),
    sa.Column("ended_at", sa.BigInteger, comment="instant of cap_reached, closed, or annulled before"),
    sa.Column("opens_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("closes_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("cap", sa.Integer, nullable=False),
    sa.Column("held", sa.Integer, nullable=False, default=0, comment="accepted + live tokens"),
    sa.Column("accepted", sa.Integer, nullable=False, default=0, comment="never goes down"),
    sa.Column("calls_per_minute", sa.Integer, nullable=False),
    sa.Column("most_live_tokens", sa.Integer, nullable=False),
    sa.Column("token_seconds", sa.Integer, nullable=False),
    sa.Column(
        "accounts_created_before", sa.BigInteger, comment="instant; younger accounts are refused (WR-16)"
    ),
    sa.Column("pay_days", sa.Integer, nullable=False, default=30),
    sa.Column(
        "proof",
        sa.Boolean,
        nullable=False,
        default=False,
        server_default=sa.false(),
        comment="whether a number owes a proof of work",
    ),
    sa.Column("notice", sa.Text),
    sa.Column("clock", sa.BigInteger, nullable=False, default=0, comment="service clock, ms"),
    sa.Column(
        "ticked_at", sa.BigInteger, nullable=False, default=0, comment="instant of the last tick (Redis TIME)"
    ),
    sa.Column("next_call", sa.BigInteger, nullable=False, default=0, comment="service clock, ms"),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column(
        "mark", sa.BigInteger, nullable=False, default=0, comment="no number above this was ever given"
    ),
    sa.Column(
        "version", sa.BigInteger, nullable=False, default=0, comment="goes up with every write of this row"
    ),
    sa.Column("person_key", sa.Text, nullable=False, comment="random, one a period, never rotated"),
    sa.Column("mode", sa.Text, nullable=False, default="fifo", server_default="fifo", comment="fifo, draw"),
    # What follows is of mode draw only (quota/draw.py).
    sa.Column("entries_from", sa.BigInteger, comment="instant"),
    sa.Column("value_is", sa.Text, comment="names the public value beforehand"),
    sa.Column("commitment", sa.Text, comment="SHA-256 of the seed, hexadecimal; from the announcement on"),
    sa.Column(
        "entry_mark",
        sa.BigInteger,
        nullable=False,
        default=0,
        server_default="0",
        comment="no entry above this was ever given",
    ),
    sa.Column("entries", sa.BigInteger, comment="how many there are: frozen at the opening, never changed"),
    sa.Column("public_value", sa.Text, comment="never changed once there and entries frozen"),
    sa.Column("seed", sa.Text, comment="hexadecimal; empty until the order is drawn"),
    sa.Column("drawn_at", sa.BigInteger, comment="instant"),
    # What follows is about its operators' acts.
    sa.Column(
        "edit_version",
        sa.BigInteger,
        nullable=False,
        default=1,
        server_default="1",
        comment="goes up with every act of an operator, and with nothing else (optimistic lock)",
    ),
    sa.Column("announced_by", sa.Text, comment="who announced it: somebody else arms it (P17)"),
    sa.Column("odd_reason", sa.Text, comment="why it is unusual: quota/oddities.py"),
    sa.Column("notice_at", sa.BigInteger, comment="instant at which the notice was put up"),
    sa.Column("rules", sa.Text, comment="JSON, frozen with the announcement: quota/frozen_rules.py"),
    sa.Column("rules_digest", sa.Text, comment="SHA-256 of rules, hexadecimal"),
    sa.Column("annulled_at", sa.BigInteger, comment="instant"),
    sa.Column("annul_reason", sa.Text, comment="told to everybody"),
    sa.Column(
        "voided",
        sa.Integer,
        nullable=False,
        default=0,
        server_default="0",
        comment="how many of those accepted are void; accepted itself never goes down",
    ),
    sa.Column(
        "from_released",
        sa.Boolean,
        nullable=False,
        default=False,
        server_default=sa.false(),
        comment="whether its places are those that unpaid applications released (ADR 0040)",
    ),
    sa.CheckConstraint("accepted <= held and held <= cap and accepted >= 0", name="places"),
)

approval = sa.Table(
    "approval",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False, comment="what is done once two people want it"),
    sa.Column("author", sa.Text, nullable=False, comment="who wanted it first"),
    sa.Column("reason", sa.Text),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("approver", sa.Text, comment="who wanted it too; empty while it waits"),
    sa.Column("approved_at", sa.BigInteger, comment="instant"),
    sa.CheckConstraint("approver <> author", name="two_people"),
    sa.Index("ix_approval_subject", "subject_kind", "subject_id", "act"),
)
"""Dangerous acts that take two different people (P17): `quota/approvals.py`."""

draw_seed = sa.Table(
    "draw_seed",
    metadata,
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), primary_key=True),
    sa.Column(
        "seed", sa.Text, nullable=False, comment="secret until the draw copies it into the period's row"
    ),
)
"""Apart from the period's row, which is read, shown and copied everywhere."""

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, comment="live, used, lapsed, left, cancelled"),
    sa.Column("account", sa.BigInteger),
    sa.Column("call", sa.BigInteger, comment="call.id; empty for a number that left while waiting"),
    sa.Column("called_at", sa.BigInteger, comment="instant"),
    sa.Column("called_clock", sa.BigInteger, comment="service clock, ms"),
    sa.Column("ends", sa.BigInteger, comment="service clock, ms"),
    sa.Column("ended_at", sa.BigInteger, comment="instant at which it stopped being live"),
    sa.Column("ended_clock", sa.BigInteger, comment="service clock at that moment, ms"),
    sa.Column("jti", sa.Text),
    sa.Column("receipt", sa.Text, comment="of the submission that used it"),
    sa.Column(
        "unheard",
        sa.Boolean,
        nullable=False,
        default=False,
        server_default=sa.false(),
        comment="left, and a tick has not told the line yet",
    ),
    sa.UniqueConstraint("period", "number"),
    sa.Index(
        "uq_token_live_account",
        "period",
        "account",
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    ),
    sa.Index(
        "ix_token_live_ends",
        "period",
        "ends",
        # Said so that only what asks for a deadline can take this one: most tokens of a tick have the same, so it is
        # the smallest index of a period, and anything else would read all of it.
        sqlite_where=sa.text("state = 'live' and ends is not null"),
        postgresql_where=sa.text("state = 'live' and ends is not null"),
    ),
    sa.Index(
        "ix_token_unheard",
        "period",
        "number",
        sqlite_where=sa.text("unheard = 1"),
        postgresql_where=sa.text("unheard"),
    ),
)

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("period", sa.Text, sa.ForeignKey("period.uid"), nullable=False, index=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("clock", sa.BigInteger, nullable=False, comment="service clock, ms"),
    sa.Column("listed_at", sa.BigInteger, nullable=False, comment="instant of the list (Redis TIME)"),
    sa.Column("passed_over", sa.LargeBinary, comment="zlib bitmap of lower waiting numbers that were parked"),
)


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A period's row as a value. Field meanings stand at the table's columns."""

    uid: str
    id: str
    programme: str
    ordinal: int
    state: PeriodState
    paused: bool
    suspended: bool
    paused_at: int | None
    ended_at: int | None
    opens_at: int
    closes_at: int
    cap: int
    held: int
    accepted: int
    calls_per_minute: int
    most_live_tokens: int
    token_seconds: int
    accounts_created_before: int | None
    pay_days: int
    notice: str | None
    clock: int
    ticked_at: int
    next_call: int
    epoch: int
    mark: int
    version: int
    person_key: str
    mode: Mode = Mode.FIFO
    entries_from: int | None = None
    value_is: str | None = None
    commitment: str | None = None
    entry_mark: int = 0
    entries: int | None = None
    public_value: str | None = None
    seed: str | None = None
    drawn_at: int | None = None
    proof: bool = False
    edit_version: int = 1
    announced_by: str | None = None
    odd_reason: str | None = None
    notice_at: int | None = None
    rules: str | None = None
    rules_digest: str | None = None
    annulled_at: int | None = None
    annul_reason: str | None = None
    voided: int = 0
    from_released: bool = False

    @property
    def live_tokens(self) -> int:
        return self.held - self.accepted


def period_of(row: sa.Row[*tuple[Any, ...]]) -> Period:
    return period_from(row._mapping)


def period_from(columns: Mapping[Any, Any]) -> Period:
    """The same of its columns by name."""
    return Period(**{**columns, "state": PeriodState(columns["state"]), "mode": Mode(columns["mode"])})
