"""The promises of the service, by the numbers under which the whole project speaks of them (`docs/architecture.md`)."""

from enum import StrEnum


class Promise(StrEnum):
    """One promise. `SENTENCES` has what it says."""

    P1 = "P1"
    """Numbers."""
    P2 = "P2"
    """The cap."""
    P3 = "P3"
    """What was accepted."""
    P4 = "P4"
    """Accounts and people."""
    P5 = "P5"
    """A token's time."""
    P6 = "P6"
    """Places behind calls."""
    P7 = "P7"
    """The order of calls."""
    P8 = "P8"
    """Connections and losses."""
    P9 = "P9"
    """Refusals."""
    P10 = "P10"
    """Openings."""
    P11 = "P11"
    """Personal information."""
    P12 = "P12"
    """What was saved."""
    P13 = "P13"
    """Deadlines."""
    P14 = "P14"
    """Letters and exports."""
    P15 = "P15"
    """Money."""
    P16 = "P16"
    """Looks at files."""
    P17 = "P17"
    """Dangerous acts."""


SENTENCES = {
    Promise.P1: "a number is given once, in the order of joining or as it was drawn",
    Promise.P2: "never more are accepted than the cap, and ranks have no gap",
    Promise.P3: "what was accepted is kept, and its documents are made once",
    Promise.P4: "one submission an account and a person, one live token an account",
    Promise.P5: "a token lasts its time, and is used once within it",
    Promise.P6: "every call holds a place",
    Promise.P7: "nobody passes in front of somebody who is present",
    Promise.P8: "a dropped connection, a restart or a loss of Redis costs no place",
    Promise.P9: "every refusal says what happened, why, and what to do next, with a stable code",
    Promise.P10: "a period opens only by an armed, published schedule",
    Promise.P11: "personal information is only in the SQL store, behind an account or a role",
    Promise.P12: "what was saved is never lost and never overwritten in silence",
    Promise.P13: "a deadline is computed from its events, and once told never moves to the person's harm",
    Promise.P14: "a letter or an export is about the file it is filed in, immutable, numbered, filed once",
    Promise.P15: "money is a sum of movements, and one payment has one effect",
    Promise.P16: "a file is read or changed by a role that says so, and each look is recorded",
    Promise.P17: "a dangerous act takes two different people",
}
"""What each promise says, in one line."""

RECOUNTED = (
    Promise.P1, Promise.P2, Promise.P3, Promise.P4, Promise.P5, Promise.P6, Promise.P7, Promise.P15,
)  # fmt: skip
"""Those that SQL and the journal alone can prove; `recount.py` counts them. Tests hold the others."""
