"""The people of the demo."""

from datetime import date

from config.demo.people import identity_of, invented, invented_content
from submission.forms.evaluation import evaluate
from tests.support.forms.filled import DEMO_FORM

TODAY = date(2016, 6, 13)


def test_invented_people_are_all_different_and_complete() -> None:
    """One shared hash, but each a person of their own, with nothing missing in the draft."""
    people = invented("demo-", range(1, 2001), "mot de passe", ["a", "b"], ["A ?", "B ?"])
    assert people[0].account.username == "demo-00001"
    assert len({person.account.password_hash for person in people}) == 1
    assert len({person.account.identity.passport for person in people}) == 2000
    assert all(evaluate(DEMO_FORM, person.content, TODAY).is_complete for person in people)


def test_visitors_and_crowd_have_no_namesakes_of_one_birthday() -> None:
    """Nobody of the demo is near anybody else: `guichet verify` remarks none of them."""
    groups = (("demo-", 1970), ("foule-", 1971))
    people = [
        (person.family_name, person.given_name, person.birth_date)
        for prefix, born_from in groups
        for person in (identity_of(invented_content(prefix, n, born_from)) for n in range(1, 6001))
    ]
    assert len(set(people)) == len(people)
