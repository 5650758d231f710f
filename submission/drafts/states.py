"""Where a draft stands, and the French of it. Pure."""

from enum import StrEnum


class DraftState(StrEnum):
    """Where a draft stands."""

    LIVE = "live"
    """It can be filled in and submitted."""
    RECOVERABLE = "recoverable"
    """Its days are over: it can be recovered for some more, and is destroyed then (DR-03)."""
    SUBMITTED = "submitted"
    """What is in it was submitted; it is changed no more (DR-02)."""


class DraftEnd(StrEnum):
    """Why what was filled in was destroyed."""

    EXPIRED = "expired"
    """Neither submitted nor recovered in time (DR-03)."""
    SUBMITTED = "submitted"
    """It was submitted: what was signed is kept with the submission."""
