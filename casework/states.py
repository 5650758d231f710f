"""Words of casework that are one of a few, and the French of each. Pure."""

from enum import StrEnum


class DraftStanding(StrEnum):
    """What the account's home says of an application that was begun."""

    COMPLETE = "complete"
    """Nothing that the programme asks for is missing."""
    INCOMPLETE = "incomplete"
    """Something must still be filled in."""
    EXPIRED = "expired"
    """It was kept for its days and is no longer good, whatever is in it."""


DRAFTS = {
    DraftStanding.COMPLETE: "Brouillon complet",
    DraftStanding.INCOMPLETE: "Brouillon incomplet",
    DraftStanding.EXPIRED: "Brouillon expiré",
}
"""Standing of a draft -> what its owner reads."""


def draft_standing(missing: int, is_expired: bool) -> DraftStanding:
    """The standing of a draft in which so many fields are missing."""
    if is_expired:
        return DraftStanding.EXPIRED
    return DraftStanding.INCOMPLETE if missing else DraftStanding.COMPLETE
