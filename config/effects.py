"""What each task of the outbox does, over all features: the registry that the worker is given."""

from collections.abc import Mapping

from casework import annulment, confirmation
from foundation.outbox import Effects
from quota.programmes import Programme
from submission import duplicates
from submission.follow_up import ANNULMENT, FollowUp


def effects(programmes: Mapping[str, Programme]) -> Effects:
    """The effect of every kind of task that any feature stages."""
    return {
        FollowUp.CONFIRMATION: confirmation.confirming(programmes),
        FollowUp.DUPLICATE_SCAN: duplicates.trace,
        ANNULMENT: annulment.telling(programmes),
    }
