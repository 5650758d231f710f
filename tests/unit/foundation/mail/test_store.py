"""The table of outgoing mail."""

from foundation.mail.store import mail


def test_what_tells_of_a_person_can_be_erased() -> None:
    """Address and text are the only columns of a mail that say something of its person, and may be empty."""
    assert {"recipient", "text"} <= {column.name for column in mail.c if column.nullable}
