"""The rows of the review: what is seen of a form's answers, as text and never as markup."""

from datetime import date

from config.assets import renderer
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.forms.review_rows import ReviewRows
from submission.forms.values import tidied
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.forms.small import family

ROWS = ReviewRows(renderer())

FAMILY = family()


def rows(answers: Answers) -> str:
    return ROWS.sections(FAMILY, evaluate(FAMILY, answers, date(2016, 6, 13)), "/demande/demo").decode()


def test_each_question_has_a_row_with_its_anchor() -> None:
    """Filled in, missing, wrong, empty; a section without members says so."""
    seen = rows({"person": {"name": "x" * 201, "married": "oui", "spouse_name": ""}})
    assert 'id="person.married"' in seen and "<dd>Oui</dd>" in seen
    assert "À corriger" in seen
    assert '<a class="field-error" href="/demande/demo/person#person.spouse_name">À remplir' in seen
    assert '<a href="/demande/demo/children">Modifier' in seen
    assert 'id="person.spouse_reason"' not in seen
    assert "Rien n’est inscrit dans cette section." in seen


def test_members_have_their_name_and_their_own_anchors() -> None:
    """Two people of one form share the parts and nothing that is theirs."""
    one = rows({"children": {"members": [{"key": "k1", "name": "Zoé"}, {"key": "k2", "name": "Léo"}]}})
    other = rows({"children": {"members": [{"key": "k9", "name": "Ana"}]}})
    assert "<h3>Enfant 2</h3>" in one and 'id="children.k2.name"' in one
    assert "Zoé" not in other and 'id="children.k9.name"' in other


def test_no_bad_text_becomes_markup() -> None:
    """Whatever was typed, and whatever looks like one of our marks."""
    for bad in BAD_TEXTS.values():
        seen = rows({"person": {"name": tidied(bad), "married": "non"}})
        assert "<script>" not in seen
        assert ' onfocus="' not in seen
        assert "person.married" in seen
