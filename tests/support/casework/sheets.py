"""The head of a file for tests of what is made of it."""

from accounts.identities import Identity
from casework.files.sheet import FileSheet

HEAD = FileSheet(
    submission=1, account=1, username="anne", email=None, address=None, receipt="MPQ-1", programme="demo", rules=None,
    identity=Identity(family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1"),
    ordinal=1, rank=1, submitted_at=0, pay_by=0,
)  # fmt: skip
