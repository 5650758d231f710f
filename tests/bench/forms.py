"""What a form costs: its evaluation, a section that is read and one that is shown, and the rows of a review.

`make bench` runs it. The form is the skilled-worker one, filled in by somebody with a family, so that most of its
questions are seen. The bare counterpart of the evaluation is a walk over the same answers that asks nothing of them;
of a section that is read, the decoding of its post; of what is shown, its escaping. All in the process' own time, as
nothing here waits.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import escape

from config.assets import renderer
from config.demo.filling_in import completed
from config.demo.people import invented_content
from config.settings import PROGRAMMES
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from submission.forms.answers import Answers, members_of
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.field_markup import FieldMarkup
from submission.forms.fields import posted_lists, read_section
from submission.forms.files import load_form
from submission.forms.model import Form
from submission.forms.review_rows import ReviewRows
from submission.forms.shown import shown_section

TODAY = date(2016, 6, 13)

ROUNDS, TIMES = 9, 300
"""Of each the best round counts: what else the machine does only makes a round longer."""

MOST_MS = 0.3
"""For the evaluation of a form of sixty fields."""

ASKED = "identity"
"""The section that is read and shown: ten questions of seven types."""


def best_ms(work: Callable[[], Any], rounds: int = ROUNDS, times: int = TIMES) -> float:
    """Milliseconds of the process' own time, of the best round."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - began) / times * 1000)
    return min(found)


def a_family(form: Form) -> Answers:
    """Complete answers in which nearly every question is seen."""
    known = invented_content("essai-", 1) | {
        "family": {"status": "marie", "has_children": "oui"},
        "quebec": {"stayed": "oui", "relatives": "oui", "relative_link": "parent"},
        "spouse": {"comes": "oui"},
        "languages": {"french_test": "tef", "french_test_date": "2015-06-15"},
        "representative": {"has": "oui"},
    }
    return completed(form, known, TODAY)


def walked(answers: Answers) -> int:
    """The bare counterpart: every value looked at once, and nothing asked of it."""
    seen = 0
    for section in answers.values():
        for text in section.values():
            seen += isinstance(text, str) and text != ""
        for member in members_of(section):
            for text in member.values():
                seen += text != ""
    return seen


def run(rounds: int = ROUNDS, times: int = TIMES) -> Found:
    """A few seconds."""
    form = load_form(PROGRAMMES / "forms" / "prtq-2016.1.toml")
    answers = a_family(form)
    found = evaluate(form, answers, TODAY)
    figures = [
        Figure(
            what="the evaluation of a form", value=best_ms(lambda: evaluate(form, answers, TODAY), rounds, times),
            unit="ms", most=MOST_MS,
        ),
        Figure(
            what="of it a bare walk over the answers", value=best_ms(lambda: walked(answers), rounds, times),
            unit="ms",
        ),
        *sections(form, answers, found, rounds, times),
        Figure(what="the rows of a review", value=_rows(form, found, rounds, times), unit="ms"),
    ]  # fmt: skip
    fields = sum(1 for _ in form.every_field())
    return Found(
        figures, {"form": f"{form.name} {form.version}: {fields} fields, {len(found.visible)} of them seen"}
    )


def sections(form: Form, answers: Answers, found: Evaluation, rounds: int, times: int) -> list[Figure]:
    """One section as it is read and as it is shown."""
    section = form.section(ASKED)
    assert section is not None
    typed = {name: text for name, text in answers[ASKED].items() if isinstance(text, str)}
    body = urlencode({f"{ASKED}.{name}": text for name, text in typed.items()}).encode()
    shown, markup = shown_section(form, section, found, answers[ASKED], {}), FieldMarkup(renderer())
    return [
        Figure(
            what="a posted section, read",
            value=best_ms(lambda: read_section(form, section, posted_lists(body), TODAY), rounds, times),
            bare=best_ms(lambda: dict(parse_qsl(body.decode(), keep_blank_values=True)), rounds, times), unit="ms",
        ),
        Figure(
            what="a section, shown",
            value=best_ms(
                lambda: markup.fields(shown_section(form, section, found, answers[ASKED], {})), rounds, times
            ),
            bare=best_ms(lambda: [escape(text) for text in typed.values()], rounds, times), unit="ms",
        ),
        Figure(what="of it the markup", value=best_ms(lambda: markup.fields(shown), rounds, times), unit="ms"),
    ]  # fmt: skip


def _rows(form: Form, found: Evaluation, rounds: int, times: int) -> float:
    rows = ReviewRows(renderer())
    return best_ms(lambda: rows.sections(form, found, ""), rounds, times)


if __name__ == "__main__":
    sys.exit(measure({"forms": run}, None))
