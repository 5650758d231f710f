"""The people of the demo."""

from config.demo.people import invented
from submission.drafts import missing


def test_invented_people_are_all_different_and_complete() -> None:
    """One shared hash, but each a person of their own, with nothing missing in the draft."""
    people = invented("demo-", range(1, 2001), "mot de passe", ["a", "b"], ["A ?", "B ?"])
    assert people[0].account.username == "demo-00001"
    assert len({person.account.password_hash for person in people}) == 1
    assert len({person.account.identity.passport for person in people}) == 2000
    assert [missing(person.content) for person in people if missing(person.content)] == []
