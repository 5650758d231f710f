"""Whether a person is the one that was named."""

from accounts.identities import Identity
from accounts.linkage.by_name import is_named


def test_every_word_that_is_said_is_a_name_of_theirs() -> None:
    """A part of the name is enough, a word more is another person; nothing at all is nobody."""
    known = Identity(family_name="Roy Côté", given_name="Anne", birth_date="1985-04-02", passport="")
    assert is_named(known, "roy anne", "1985-04-02")
    assert not is_named(known, "roy anne marie", "1985-04-02")
    assert not is_named(known, "roy anne", "1985-02-04")
    assert not is_named(known, " ", "1985-04-02")
