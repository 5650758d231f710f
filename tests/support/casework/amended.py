"""Amendments for tests: the whole form of the programme of 2016, filled in, and what is typed to amend it."""

from datetime import date

from config.settings import PROGRAMMES
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate, visible_answers
from submission.forms.fields import PostedLists
from submission.forms.files import load_form
from tests.support.forms.filled import filled

WHOLE_FORM = load_form(PROGRAMMES / "forms" / "prtq-2016.1.toml")
"""The form with a spouse and children."""

TODAY = date(2016, 9, 1)

KEY = "a1b2c3d4e5f6"

CHILD = {
    "family_name": "Roy",
    "given_name": "Élise",
    "birth_date": "2016-08-14",
    "comes": "oui",
    "custody": "oui",
}


def signed_answers(**family: str) -> Answers:
    """What was signed: nobody but oneself, unless said otherwise."""
    answers = filled(WHOLE_FORM)
    answers["family"] = {"status": "celibataire", "has_children": "non", **family}
    return visible_answers(WHOLE_FORM, evaluate(WHOLE_FORM, answers, TODAY))


def posted(**texts: str) -> PostedLists:
    """Fields of a form that is sent; `__` stands for the dot of a path."""
    return PostedLists({name.replace("__", "."): [text] for name, text in texts.items()})


def a_child(key: str = KEY, **other: str) -> PostedLists:
    """The form for a further child, filled in."""
    fields = {f"children.{key}.{name}": [text] for name, text in (CHILD | other).items()}
    return PostedLists({"on_day": ["2016-08-14"], "children.key": [key]} | fields)
