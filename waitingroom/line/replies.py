"""What the scripts of the line reply, one enumeration a script; `lua/*.lua` names the same in its header, and a test
compares the two.

`STALE` is not among them: the store raises it as an exception (epoch fencing). Nor is the `OK` before a list.
"""

from enum import StrEnum


class JoinReply(StrEnum):
    """Of `join.lua`, for each browser that asked for a number."""

    NEW = "NEW"
    """The next number is this browser's."""
    SAME = "SAME"
    """It has this number already, and waits."""
    OWES = "OWES"
    """The same, and the number still owes a proof of work: it is kept and not present."""
    PROOF = "PROOF"
    """A proof is asked for before there is a number."""
    ASK = "ASK"
    """Its number is gone from the line: the row in SQL says whether that may be replaced."""
    RAISE = "RAISE"
    """The mark is reached: it is raised in SQL, and the question repeated."""
    EARLY = "EARLY"
    """Not open by the line's clock, or not by its copy of the row."""
    FULL = "FULL"
    """Every place is taken (QU-04)."""
    CLOSED = "CLOSED"
    """The period has ended."""
    ANNULLED = "ANNULLED"
    """The period was taken back."""


class SeenReply(StrEnum):
    """Of `seen.lua`, for each ticket that was presented."""

    WAITING = "WAITING"
    """It waits and is marked present."""
    RESTORED = "RESTORED"
    """A loss of Redis had taken it: it waits again, at its own number (P8)."""
    GONE = "GONE"
    """It has a row in SQL: called, or left."""
    RAISE = "RAISE"
    """It is above the mark: that is raised to it in SQL, and the question repeated."""


class LookReply(StrEnum):
    """Of `look.lua`: how the look that all web processes share comes to one that asks for it."""

    SINCE = "SINCE"
    """As what changed since the look that it holds."""
    ALL = "ALL"
    """As bitmaps: it holds none, or one that is no longer known."""
    SHORT = "SHORT"
    """Not at all: the line is short, or takes no writes, and is read whole."""


class SocketsReply(StrEnum):
    """Of `sockets.lua`, for each count that was said."""

    OK = "OK"
    """Counted."""
    FULL = "FULL"
    """All processes together would hold too many of this number; nothing was written."""


class CopyReply(StrEnum):
    """Of `copy.lua`."""

    OK = "OK"
    """Written."""
    LATE = "LATE"
    """A newer version of the row stands there (optimistic lock), or one that knew more; nothing was written."""


class RebuildReply(StrEnum):
    """Of `rebuild.lua`."""

    OK = "OK"
    """The new epoch stands on this server."""
    REFUSED = "REFUSED"
    """An epoch as new stands already, or this is not the server it was meant for."""


class EnterReply(StrEnum):
    """Of `draw/enter.lua`, for each browser that asked for an entry in the draw."""

    NEW = "NEW"
    """The next entry is this browser's."""
    SAME = "SAME"
    """It has this entry already."""
    OWES = "OWES"
    """The same, and the entry still owes a proof of work: it is not among those that are drawn."""
    PROOF = "PROOF"
    """A proof is asked for before there is an entry."""
    RAISE = "RAISE"
    """The mark of entries is reached: it is raised in SQL, and the question repeated."""
    LATE = "LATE"
    """Entries have ended, and it has none that is drawn: it joins for a number behind them."""
    EARLY = "EARLY"
    """Entries are not taken yet."""


class EnteredReply(StrEnum):
    """Of `draw/entered.lua`, for each entry that was presented."""

    ENTERED = "ENTERED"
    """It stands and is marked present."""
    RESTORED = "RESTORED"
    """A loss of Redis had taken it: it stands again, as the same entry (P8)."""
    OWES = "OWES"
    """It is kept, and not among those that are drawn until a proof."""
    LATE = "LATE"
    """It owed a proof when entries ended: it is not drawn."""
    RAISE = "RAISE"
    """It is above the mark of entries: that is raised to it in SQL, and the question repeated."""


class FreezeReply(StrEnum):
    """Of `draw/freeze.lua`."""

    OK = "OK"
    """No entry is given after this; the last one comes with it."""
    EARLY = "EARLY"
    """Before the opening by the line's clock: nothing is frozen."""


class DrawnReply(StrEnum):
    """Of `draw/drawn.lua`."""

    OK = "OK"
    """The drawn numbers are in the line."""
    DONE = "DONE"
    """They were already, in this epoch; nothing was written."""
