"""What is done later for a file: kinds of tasks of the outbox, staged with their cause. Whose effect each is, the
registry of `config/effects.py` says."""

from enum import StrEnum


class FileTask(StrEnum):
    """Kinds of tasks whose subject is a submission. Each is staged under a key, so that it is done once."""

    PAYMENT_CONFIRMATION = "payment_confirmation"
    """The confirmation of the payment is filed (PY-07)."""
    FILE_OPENING = "file_opening"
    """The letter that says that the file is opened is filed (DM-02)."""
    ADDRESS_FORGOTTEN = "address_forgotten"
    """The postal address of a deleted file goes: nothing is returned any more."""
