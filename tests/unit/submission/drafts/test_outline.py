"""The form: what is missing of a draft, and how answers become one."""

import pytest

from config.demo.people import invented_content
from submission.drafts import outline

COMPLETE = invented_content("demo-", 1)


def without(section: str, field: str) -> outline.Content:
    kept: outline.Content = {name: dict(answers) for name, answers in COMPLETE.items()}
    del kept[section][field]
    return kept


@pytest.mark.parametrize(
    ("content", "sections", "missing"),
    [
        (COMPLETE, None, []),
        (without("contact", "telephone"), None, []),  # it need not be filled in
        (without("training", "diploma"), None, ["training.diploma"]),
        (without("training", "diploma"), ["contact"], []),  # the programme does not ask for it
        (COMPLETE | {"training": {"diploma": " "}}, ["training"], [
            "training.diploma", "training.field", "training.school", "training.year",
        ]),
        (COMPLETE | {"training": {"diploma": "\N{ZERO WIDTH SPACE}"}}, ["training"], [
            "training.diploma", "training.field", "training.school", "training.year",
        ]),
        (without("identity", "given_name"), ["identity"], []),  # a person may have one name only
        (without("identity", "family_name"), ["identity"], []),
        (COMPLETE | {"identity": {"family_name": " ", "given_name": ""}}, ["identity"], [
            "identity.family_name", "identity.given_name", "identity.birth_date", "identity.birth_country",
            "identity.passport",
        ]),
        ({}, ["languages"], ["languages.french", "languages.english"]),
    ],
)  # fmt: skip
def test_what_must_still_be_filled_in(
    content: outline.Content, sections: list[str] | None, missing: list[str]
) -> None:
    """In the form's order, of the sections that are asked for; white space fills nothing in."""
    assert outline.missing(content, sections) == missing


def test_answers_by_path_become_a_draft() -> None:
    """Each field of the form is there, empty where there is no answer; what the form does not have is left out."""
    made = outline.content_of({"training.diploma": "Master", "shoe.size": "42"})
    assert made["training"] == {"diploma": "Master", "field": "", "school": "", "year": ""}
    assert set(made) == {section.name for section in outline.FORM}


def test_the_paths_are_those_of_the_form() -> None:
    """Each field once, by section and name."""
    assert len(outline.PATHS) == sum(len(section.fields) for section in outline.FORM)
    assert "training.diploma" in outline.PATHS
