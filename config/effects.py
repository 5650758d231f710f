"""What each task of the outbox does, over all features: the registry that the worker is given."""

from collections.abc import Mapping

from accounts.attempts.missed import AccountTask
from accounts.personal_data.fields import PersonalFields
from casework import annulment, confirmation, missed_notice
from foundation.encryption.fields import FieldCipher
from foundation.outbox import Effects
from quota.programmes import Programme
from submission import duplicates
from submission.follow_up import ANNULMENT, FollowUp


def effects(programmes: Mapping[str, Programme], personal: PersonalFields, seals: FieldCipher) -> Effects:
    """The effect of every kind of task that any feature stages."""
    return {
        FollowUp.CONFIRMATION: confirmation.confirming(programmes, personal),
        AccountTask.MISSED_NOTICE: missed_notice.file,
        FollowUp.DUPLICATE_SCAN: duplicates.tracing(personal, seals),
        ANNULMENT: annulment.telling(programmes),
    }
