"""What is told of a second factor."""

from accounts.second_factor import mails


def test_both_say_what_to_do_if_it_was_somebody_else() -> None:
    """And name nobody."""
    for is_set in (True, False):
        letter = mails.factor("quelquun@exemple.invalid", is_set=is_set)
        assert "Si ce n’était pas vous" in letter.text
        assert "quelquun" not in letter.text
