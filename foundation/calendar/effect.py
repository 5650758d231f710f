"""Dates of effect: from which day to which a rule counts, because rules do change (DC-06, DC-07)."""

from datetime import date

import msgspec


class DatesOfEffect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in force from one day to another, both included; always, where neither is said."""

    since: date | None = None
    until: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether it counts on this day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def meets(self, other: "DatesOfEffect") -> bool:
        """Whether there is a day on which both are in force."""
        begins = max(self.since or date.min, other.since or date.min)
        return begins <= min(self.until or date.max, other.until or date.max)
