"""Any form filled in for people who do not exist."""

from datetime import date

import pytest

from config.demo.filling_in import completed, fitted, overlaid
from config.demo.people import invented_content
from config.settings import PROGRAMMES
from submission.forms.answers import members_of
from submission.forms.evaluation import evaluate
from submission.forms.files import load_form
from submission.forms.model import Form
from tests.support.forms.small import family, field, form, section

SHIPPED = {path.stem: load_form(path) for path in sorted((PROGRAMMES / "forms").glob("*.toml"))}

DAYS = (date(2016, 1, 5), date(2016, 6, 13), date(2026, 11, 30))


@pytest.mark.parametrize("name", list(SHIPPED))
@pytest.mark.parametrize("today", DAYS, ids=str)
def test_every_form_that_is_shipped_can_be_completed(name: str, today: date) -> None:
    """On any day that its rules know: no question shuts everybody out."""
    asked = SHIPPED[name]
    filled = completed(asked, invented_content("demo-", 1), today)
    assert evaluate(asked, filled, today).is_complete
    theirs = overlaid(asked, filled, invented_content("demo-", 2), today)
    assert evaluate(asked, theirs, today).is_complete
    assert theirs["identity"]["given_name"] != filled["identity"]["given_name"]


def test_what_is_known_is_kept_as_far_as_the_form_takes_it() -> None:
    """In the first member where a section is repeated."""
    found = fitted(SHIPPED["prtq-2016.1"], invented_content("demo-", 1), DAYS[1])
    (member,) = members_of(found["training"])
    assert member["diploma"] == "Master"
    assert "months" not in str(found["experience"])
    assert "french" not in found["languages"]


def test_a_form_that_nobody_can_fill_is_told() -> None:
    """Its rules exclude each other."""
    rule = (
        '[[sections.fields.rules]]\nid = "never"\nsource = "x"\nerror = "x"\n'
        'holds = { is = "dates", until = 1900-01-01 }\n'
    )
    asked: Form = form(section("a", field("b", "text"), rule))
    with pytest.raises(ValueError, match=r"essai 1: examples do not fill a\.b"):
        completed(asked, {}, DAYS[0])
    assert evaluate(family(), completed(family(), {}, DAYS[0]), DAYS[0]).is_complete
