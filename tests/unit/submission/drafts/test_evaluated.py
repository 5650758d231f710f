"""A draft by the version of the form that it is pinned to."""

import msgspec
import pytest

from foundation.errors import Unavailable
from quota.programmes import DraftRules
from submission.drafts.encryption import StoredSection
from submission.drafts.evaluated import evaluated, form_of, newest_form
from submission.drafts.repository import Draft
from submission.forms.files import Forms
from tests.support.forms.small import family, field, form, section

NOW = 1_465_819_200_000

RULES = DraftRules()

FIRST = family()

SECOND = msgspec.structs.replace(form(section("person", field("name"), field("age", "number"))), version="2")

FORMS = Forms([FIRST, SECOND])


def a_draft(version: str | None) -> Draft:
    return Draft(
        id=1, account=1, programme="essai", form_version=version, revision=1, begun_at=NOW, stored_until=None,
        updated_at=NOW, sections={"person": StoredSection(1, {"name": "Ana", "married": "non"})},
    )  # fmt: skip


def test_a_draft_stays_with_its_version() -> None:
    """One that names none was begun by the first; none at all is begun by the newest."""
    assert evaluated(FORMS, "essai", RULES, a_draft("2"), NOW).found.missing == ["person.age"]
    assert evaluated(FORMS, "essai", RULES, a_draft("1"), NOW).found.is_complete
    assert evaluated(FORMS, "essai", RULES, a_draft(None), NOW).form is FIRST
    assert evaluated(FORMS, "essai", RULES, None, NOW).found.missing == ["person.name", "person.age"]


def test_only_the_sections_that_a_programme_asks_for_count() -> None:
    """The others are not seen."""
    rules = DraftRules(sections=("children",))
    assert evaluated(FORMS, "essai", rules, a_draft("1"), NOW).found.visible == {}


def test_an_unknown_version_fails_closed() -> None:
    """A process that does not have the form lets nobody submit by another."""
    with pytest.raises(Unavailable):
        form_of(FORMS, "essai", RULES, "3")
    with pytest.raises(Unavailable):
        form_of(FORMS, "autre", RULES, None)
    with pytest.raises(Unavailable):
        newest_form(FORMS, "essai", RULES, 0)
