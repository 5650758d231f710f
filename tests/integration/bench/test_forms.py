"""The benchmark of forms measures what it says."""

from submission.forms.evaluation import evaluate
from submission.forms.files import load_form
from tests.bench import forms
from tests.support.forms.small import SHIPPED


def test_most_questions_of_the_form_are_seen() -> None:
    """What is measured is a form that is filled in, not an empty one."""
    form = load_form(SHIPPED / "prtq-2016.1.toml")
    answers = forms.a_family(form)
    found = evaluate(form, answers, forms.TODAY)
    assert found.is_complete
    assert len(found.visible) >= 60
    assert forms.walked(answers) >= 50


def test_each_part_has_a_figure() -> None:
    """The evaluation keeps its bar even in a short run on a busy machine."""
    found = forms.run(3, 20)
    names = [figure.what for figure in found.figures]
    assert names[0] == "the evaluation of a form"
    assert len(names) == len(set(names)) == 6
    assert found.figures[0].held
    assert all(figure.value > 0 for figure in found.figures)
