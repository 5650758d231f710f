"""Answers of a form: members of a repeated section."""

from submission.forms.answers import members_of


def test_members_are_a_list_or_none() -> None:
    """What is no list of members is none of them."""
    assert members_of({"members": [{"key": "a", "name": "Ana"}]}) == [{"key": "a", "name": "Ana"}]
    assert members_of({"members": "x", "name": "Ana"}) == []
    assert members_of({}) == []
