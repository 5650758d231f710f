"""What the line is told, and what it keeps, by name. A member is its text: so it goes to the scripts and to SQL."""

from enum import StrEnum


class JoinTerms(StrEnum):
    """On which terms a browser gets a new number or entry (ADR 0012; `join.lua`)."""

    PLAIN = ""
    """It owes nothing."""
    OWES = "owes"
    """It is kept and does not count as present until a proof of work."""
    PROVED = "proved"
    """A proof was shown, or a minute was waited instead: also one that owes is free from here on."""
    NONE = "none"
    """No new one without a proof; one that it has already is given again."""


class OwedProof(StrEnum):
    """What a ticket that is presented owes (`seen.lua`, `draw/entered.lua`)."""

    NOTHING = ""
    """It counts as present."""
    OWES = "owes"
    """A proof of work: it is kept and not marked present."""
    PROVED = "proved"
    """It owed one until now."""


class GoneKind(StrEnum):
    """Why numbers leave the line (`gone.lua`)."""

    CALL = "call"
    """They were called; SQL has that on record, the journal does not need it."""
    LEAVE = "leave"
    """They were given up; the journal records it once, however often it is told."""


class JournalKind(StrEnum):
    """What an entry of the journal records; each is a range of numbers or, in mode draw, of entries."""

    JOIN = "join"
    """Numbers were given."""
    RESTORE = "restore"
    """A number that a loss of Redis took came back with its ticket."""
    LEAVE = "leave"
    """A waiting number was given up."""
    ENTRY = "entry"
    """Entries in the draw were given."""
    REENTRY = "reentry"
    """An entry that a loss of Redis took came back with its ticket."""
    DRAWN = "drawn"
    """Numbers of entries were put into the line in their drawn order."""


class LinePlace(StrEnum):
    """Where a look at the line finds a number."""

    WAITING = "waiting"
    """In the line, or given after the look was taken."""
    GONE = "gone"
    """It has a row in SQL."""
    LOST = "lost"
    """In neither bitmap: it is restored when its ticket is seen."""
