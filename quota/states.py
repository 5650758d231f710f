"""The states of the quota: of a period, of its flags, of a token; and the moves between them.

The columns stay text. A member is its text, so it goes to SQL, Redis and JSON as it is; a misspelt one fails the type
checker.
"""

from enum import StrEnum


class PeriodState(StrEnum):
    """Where a period is in its life."""

    DRAFT = "draft"
    """Made by an operator; nobody else sees it, and everything may change."""
    ANNOUNCED = "announced"
    """Published with its dates, cap and rules, which are frozen from here on (WR-18)."""
    ARMED = "armed"
    """The schedule will open it at its instant; nothing else can (P10)."""
    OPEN = "open"
    """Numbers are given, people are called, submissions are taken; unless a flag stops some of it."""
    CAP_REACHED = "cap_reached"
    """The last place is taken: nobody is called any more (QU-04)."""
    CLOSED = "closed"
    """Ended by the schedule or an operator; tokens that live may finish, unless it was suspended."""
    ANNULLED = "annulled"
    """Taken back, with what was accepted in it: nothing of it counts any more."""


ENDED = frozenset({PeriodState.CAP_REACHED, PeriodState.CLOSED, PeriodState.ANNULLED})
"""It is recorded that nobody will be called any more."""

BEFORE_OPENING = frozenset({PeriodState.DRAFT, PeriodState.ANNOUNCED, PeriodState.ARMED})
"""It has not opened, so what is unusual about it can still be changed."""

PUBLIC = tuple(state for state in PeriodState if state is not PeriodState.DRAFT)
"""What everybody may see."""


class Stand(StrEnum):
    """A period's state, told apart by its flags."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    ARMED = "armed"
    OPEN = "open"
    PAUSED = "paused"
    """Open, but calls and the service clock stand still; joins and submissions go on."""
    SUSPENDED = "suspended"
    """As paused, and nobody submits."""
    CAP_REACHED = "cap_reached"
    CLOSED = "closed"
    CLOSED_SUSPENDED = "closed_suspended"
    """It ended while it was suspended: nobody is called and nobody submits, and the tokens' time stands still until an
    operator resumes it, so that they finish, or annuls it."""
    ANNULLED = "annulled"


class Action(StrEnum):
    """What moves a period."""

    ANNOUNCE = "announce"
    ARM = "arm"
    DISARM = "disarm"
    """Back to announced, before the opening."""
    OPEN = "open"
    """The schedule's alone."""
    PAUSE = "pause"
    RESUME = "resume"
    SUSPEND = "suspend"
    REACH_CAP = "reach_cap"
    """The last place's."""
    CLOSE = "close"
    ANNUL = "annul"
    """Takes all of it back. One person while it runs, two afterwards (P17)."""


class PeriodAct(StrEnum):
    """What is done to a period besides a move, for the audit. Once recorded, an act keeps its meaning."""

    CREATE = "create"
    """A draft was made; `after` has its rules."""
    COMMIT = "commit"
    """The seed of a draw was committed to, with the announcement."""
    RULE = "rule"
    """A draft was told who will be first."""
    VALUE = "value"
    """The public value of a draw was recorded."""
    FREEZE = "freeze"
    """The entries of a draw were counted for good."""
    DRAW = "draw"
    """The seed was revealed."""
    PACE = "pace"
    """Calls a minute and live tokens were set."""
    NOTICE = "notice"
    """A message was put on every waiting screen."""
    CLEAR_NOTICE = "clear_notice"
    """It was taken away."""
    PROOF = "proof"
    """A proof of work is asked for with each number, or no longer."""
    STOP = "stop"
    """The kill switch (ADR 0023): no calls, no submissions; `after` has the name of the mark that it was made by."""
    RESTORED = "restored"
    """SQL was found to have come back from a copy; `after` says of when, and what is not known any more."""
    ACKNOWLEDGE = "acknowledge"
    """An operator knows of what such a copy has lost."""
    CORRECT = "correct"
    """A draft was changed."""
    REMOVE = "remove"
    """A draft was taken away; `before` has its rules."""
    ASK_ANNUL = "ask_annul"
    """An annulment was asked for that needs a second person."""
    FREEZE_RULES = "freeze_rules"
    """The programme's rules were fixed for the period; `after` has their digest."""


MOVES: dict[tuple[Stand, Action], Stand] = {
    (Stand.DRAFT, Action.ANNOUNCE): Stand.ANNOUNCED,
    (Stand.ANNOUNCED, Action.ARM): Stand.ARMED,
    (Stand.ARMED, Action.OPEN): Stand.OPEN,
    (Stand.OPEN, Action.PAUSE): Stand.PAUSED,
    (Stand.OPEN, Action.SUSPEND): Stand.SUSPENDED,
    (Stand.PAUSED, Action.SUSPEND): Stand.SUSPENDED,
    (Stand.PAUSED, Action.RESUME): Stand.OPEN,
    (Stand.SUSPENDED, Action.RESUME): Stand.OPEN,
    (Stand.OPEN, Action.REACH_CAP): Stand.CAP_REACHED,
    (Stand.PAUSED, Action.REACH_CAP): Stand.CAP_REACHED,
    (Stand.ANNOUNCED, Action.CLOSE): Stand.CLOSED,
    (Stand.ARMED, Action.CLOSE): Stand.CLOSED,
    (Stand.OPEN, Action.CLOSE): Stand.CLOSED,
    (Stand.PAUSED, Action.CLOSE): Stand.CLOSED,
    (Stand.SUSPENDED, Action.CLOSE): Stand.CLOSED_SUSPENDED,
    (Stand.CLOSED_SUSPENDED, Action.RESUME): Stand.CLOSED,
    (Stand.ARMED, Action.DISARM): Stand.ANNOUNCED,
    **{
        (stand, Action.ANNUL): Stand.ANNULLED for stand in Stand if stand not in {Stand.DRAFT, Stand.ANNULLED}
    },
}
"""Every move of a period there is: where it starts, what is done, where it leads."""

TARGETS: dict[Action, Stand] = {action: stand for (_, action), stand in reversed(MOVES.items())}
"""Where a move leads from the first stand in the table, for the refusal of one that is not allowed."""

BY_OPERATORS = (
    Action.ANNOUNCE, Action.ARM, Action.DISARM, Action.PAUSE, Action.RESUME, Action.SUSPEND, Action.CLOSE,
    Action.ANNUL,
)  # fmt: skip
"""`open` is the schedule's and `reach_cap` the last place's."""

RUNNING = frozenset({PeriodState.ANNOUNCED, PeriodState.ARMED, PeriodState.OPEN})
"""To annul it takes one person here, and two once it is over or full (P17)."""


class PeriodTask(StrEnum):
    """Kinds of tasks about periods; what they do is a matter of the folders below."""

    ANNOUNCED = "period_announced"
    """A period was shown to the public."""


class Mode(StrEnum):
    """Who is first."""

    FIFO = "fifo"
    """In order of arrival."""
    DRAW = "draw"
    """Drawn by lot among those who enter before the opening (docs/draw.md)."""


class TokenState(StrEnum):
    """What became of a number that was called, or left."""

    LIVE = "live"
    """It holds a place until its time is over."""
    USED = "used"
    """Its place was taken by a submission."""
    LAPSED = "lapsed"
    """Its time ended unused; its place went on."""
    LEFT = "left"
    """Given back, or given up while waiting."""
    CANCELLED = "cancelled"
    """Taken back with the whole period, which was annulled."""


TOKEN_MOVES: dict[TokenState, frozenset[TokenState]] = {
    TokenState.LIVE: frozenset({TokenState.USED, TokenState.LAPSED, TokenState.LEFT, TokenState.CANCELLED}),
    TokenState.LAPSED: frozenset({TokenState.USED}),
    TokenState.USED: frozenset(),
    TokenState.LEFT: frozenset(),
    TokenState.CANCELLED: frozenset(),
}
"""Where a token may go from each state. A lapsed one is used only by a submission that came in time (P5)."""
