"""A draft with what follows from it: by the version of the form that it is pinned to, as a programme asks for it."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from foundation.calendar import day_of
from foundation.errors import Unavailable
from quota.programmes import DraftRules
from submission.drafts.repository import Draft
from submission.forms.evaluation import Evaluation, evaluate
from submission.forms.files import Forms, narrowed
from submission.forms.model import Form


class EvaluatedDraft(NamedTuple):
    """The form, and what follows from the answers today."""

    form: Form
    found: Evaluation


def form_of(forms: Forms, programme: str, rules: DraftRules, version: str | None) -> Form:
    """The version of a programme's form, with the sections that the programme asks for; the first where a draft names
    none. Fails closed: Unavailable where this process does not know it."""
    try:
        whole = forms.first(programme) if version is None else forms.get(programme, version)
    except LookupError:
        raise Unavailable("forms") from None
    return narrowed(whole, rules.sections)


def newest_form(forms: Forms, programme: str, rules: DraftRules, now: int) -> Form:
    """The version by which a draft is begun now. Fails closed as `form_of`."""
    try:
        return narrowed(forms.newest(programme, day_of(now)), rules.sections)
    except LookupError:
        raise Unavailable("forms") from None


def evaluated(
    forms: Forms, programme: str, rules: DraftRules, draft: Draft | None, now: int
) -> EvaluatedDraft:
    """What follows from a draft at this instant; of none, from nothing filled in."""
    if draft is None:
        form = newest_form(forms, programme, rules, now)
        return EvaluatedDraft(form, _of_nothing(form, day_of(now)))
    form = form_of(forms, programme, rules, draft.form_version)
    return EvaluatedDraft(form, evaluate(form, draft.answers, day_of(now)))


@lru_cache(256)
def _of_nothing(form: Form, today: date) -> Evaluation:
    return evaluate(form, {}, today)
