"""The kinds of stampedes."""

from enum import StrEnum


class StampedeShape(StrEnum):
    """How everybody comes."""

    ARRIVE = "arrive"
    """Evenly over so many seconds of an open period: page, files, button, page, files, live feed."""
    RELOAD = "reload"
    """Everybody loads the page anew in the last seconds before the opening, and presses the button after it."""
