"""What is done later for a file: kinds of tasks of the outbox, staged with their cause. Whose effect each is, the
registry of `config/effects.py` says."""

from enum import StrEnum


class FileTask(StrEnum):
    """Kinds of tasks whose subject is a submission. Each is staged under a key, so that it is done once."""

    PAYMENT_CONFIRMATION = "payment_confirmation"
    """The confirmation of the payment is filed (PY-07)."""
    FILE_OPENING = "file_opening"
    """The letter that says that the file is opened is filed (DM-02)."""
    PAYMENT_REMINDER = "payment_reminder"
    """The account is reminded of the last day to pay, if it has not paid (PY-01); one a mark."""
    UNPAID_END = "unpaid_end"
    """The office no longer waits for the payment: the file is deleted, unless money may still be under way (PY-05)."""
    SUPPLEMENT_WATCH = "supplement_watch"
    """The account is told what an amendment costs; reminders, and the end of the wait, are staged (PM-01)."""
    SUPPLEMENT_REMINDER = "supplement_reminder"
    """The account is reminded of the last day to pay an amendment's fee; one a mark."""
    SUPPLEMENT_END = "supplement_end"
    """The office no longer waits for that fee: the amendment lapses, unless money may still be under way."""
    WITHDRAWN_CARD = "withdrawn_card"
    """The provider's page is closed on which a card was being charged when the application was taken back."""
    ADDRESS_FORGOTTEN = "address_forgotten"
    """The postal address of a deleted file goes: nothing is returned any more."""
