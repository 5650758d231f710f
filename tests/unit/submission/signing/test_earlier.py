"""Submissions of a release that kept its answers in the clear."""

from submission.signing.earlier import answers_of


def test_answers_of_then_have_the_labels_of_then() -> None:
    """What was empty is in none; a section that was not asked for neither."""
    found = answers_of("demo", '{"training": {"diploma": "Maîtrise", "school": "", "shoe": "42"}}')
    (section,) = found.sections
    assert (section.id, section.title) == ("training", "Formation")
    assert [(one.field, one.label, one.value) for one in section.members[0].answers] == [
        ("diploma", "Diplôme", "Maîtrise")
    ]
    assert (found.form_version, found.salt) == ("0", "")
