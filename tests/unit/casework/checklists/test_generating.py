"""The personal list follows from the answers, the rules and the day, and from nothing else (DC-01)."""

import random
from datetime import date

import msgspec

from casework.checklists.generating import PersonalList, generated
from casework.checklists.rules import PersonKind
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.signing.frozen import FrozenAnswers, freeze
from tests.support.casework.lists import FORMS, LISTS
from tests.support.forms.filled import filled

RULES = LISTS.rules["prtq-2016"]

FORM = FORMS.get("prtq-2016", "1")

DAY = date(2016, 9, 1)


def answers(**sections: dict[str, object]) -> FrozenAnswers:
    """The form filled in, with these sections instead."""
    given: Answers = filled(FORM)
    for name, values in sections.items():
        given[name] = {**given.get(name, {}), **values}  # type: ignore[dict-item]
    return freeze("prtq-2016", FORM, evaluate(FORM, given, DAY))


def child(key: str, name: str, birth: str, comes: str = "oui") -> dict[str, str]:
    return {
        "key": key,
        "family_name": "Roy",
        "given_name": name,
        "birth_date": birth,
        "comes": comes,
        "custody": "oui",
    }


STAYS = child("k3", "Max", "2012-01-01", "non")

FAMILY = answers(
    family={"status": "marie", "has_children": "oui"},
    spouse={"family_name": "Roy", "given_name": "Léa", "birth_date": "1986-01-01", "comes": "oui", "diploma": "DEC"},
    children={"members": [child("k2", "Zoé", "2010-01-01"), child("k1", "Ali", "1996-05-01"), STAYS]},
)  # fmt: skip


def made(of: FrozenAnswers, day: date = DAY) -> PersonalList:
    return generated(RULES, of, "digest", day)


def keys(of: PersonalList) -> set[str]:
    return {item.key for item in of.items}


def test_each_person_who_comes_is_asked_for_theirs() -> None:
    """The principal, the spouse, each dependant by name; a child who stays is not asked."""
    found = made(FAMILY)
    passports = [(item.person, item.name) for item in found.items if item.title == "Passeport"]
    assert [person for person, _ in passports] == [
        PersonKind.PRINCIPAL,
        PersonKind.SPOUSE,
        PersonKind.DEPENDANT,
        PersonKind.DEPENDANT,
    ]
    assert [name for _, name in passports][1:] == ["Léa Roy", "Ali Roy", "Zoé Roy"]
    assert "marriage.principal" in keys(found) and "diploma.spouse" in keys(found)


def test_a_condition_of_a_dependant_is_asked_of_that_dependant() -> None:
    """Custody is proved for the child who is no adult on the day of the list."""
    assert {key for key in keys(made(FAMILY)) if key.startswith("custody")} == {"custody.dependant.k2"}
    assert "custody.dependant.k2" not in keys(made(FAMILY, date(2028, 1, 2)))


def test_who_is_alone_is_asked_for_nobody_else() -> None:
    """A spouse that the form no longer shows decides nothing."""
    alone = made(answers(family={"status": "celibataire", "has_children": "non"}, spouse={"comes": "oui"}))
    assert {item.person for item in alone.items} == {PersonKind.PRINCIPAL}
    assert "marriage.principal" not in keys(alone)


def test_rules_change_on_their_day() -> None:
    """The original is asked for and given back until 25 October 2015, a certified copy from the 26th on (DC-06)."""
    before, after = (
        next(item for item in made(FAMILY, day).items if item.key == "birth.principal")
        for day in (date(2015, 10, 25), date(2015, 10, 26))
    )
    assert (before.format, before.give_back) == ("original", True)
    assert (after.format, after.give_back) == ("certified_copy", False)


def test_the_address_is_that_of_the_day() -> None:
    """DC-07."""
    lines = [made(FAMILY, day).addresses[0].lines[0] for day in (date(2016, 9, 1), date(2021, 10, 1))]
    assert lines == [
        "Ministère de l’Immigration, de la Diversité et de l’Inclusion",
        "Ministère de l’Immigration, de la Francisation et de l’Intégration",
    ]


def test_the_same_answers_give_the_same_list_in_any_order() -> None:
    """Sections, members and answers shuffled a hundred times: one digest."""
    picked, digests = random.Random(7), set()
    for _ in range(100):
        sections = []
        for section in FAMILY.sections:
            members = [
                msgspec.structs.replace(one, answers=picked.sample(one.answers, len(one.answers)))
                for one in section.members
            ]
            sections.append(msgspec.structs.replace(section, members=picked.sample(members, len(members))))
        shuffled = msgspec.structs.replace(FAMILY, sections=picked.sample(sections, len(sections)))
        digests.add(made(shuffled).digest)
    assert digests == {made(FAMILY).digest}


def test_another_answer_gives_another_list() -> None:
    """Twin of the above: the digest does tell lists apart."""
    assert (
        made(FAMILY).digest != made(answers(family={"status": "celibataire", "has_children": "non"})).digest
    )


def test_keys_are_unique_within_a_list() -> None:
    assert len(keys(made(FAMILY))) == len(made(FAMILY).items)
