"""A draft with what follows from it: by the version of the form that it is pinned to, as a programme asks for it."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from foundation.calendar.days import day_of
from foundation.errors import Unavailable
from quota.programmes import DraftRules
from submission.drafts.encryption import OpenedSections
from submission.drafts.repository import Draft
from submission.forms.evaluation import Evaluation, FollowedParts, evaluate, evaluate_parts, put_together
from submission.forms.files import Forms, narrowed
from submission.forms.model import Form
from submission.forms.wording import AnswerGap, gaps
from submission.signing.frozen import FrozenText, freeze, frozen_text


class EvaluatedDraft:
    """The form, and what follows from the answers today: shared by all who ask for the draft, and never changed.

    It comes in parts, section by section or as one: who saves is told what is to be mended, and that is no more than
    the parts' own. All that is seen is put together for who asks for it.
    """

    def __init__(self, programme: str, form: Form, today: date, parts: Sequence[Evaluation]) -> None:
        self.programme, self.form, self.today, self._parts = programme, form, today, parts
        self.filled: dict[str, Any] = {}
        """Its sections as forms, by their ids: a page that is asked for again is made of the same."""
        self.pages: dict[str, bytes] = {}
        """Its answers as markup, by the address under which they are filled in: a reload makes nothing anew."""

    @cached_property
    def found(self) -> Evaluation:
        """The whole of what follows."""
        return self._parts[0] if len(self._parts) == 1 else put_together(self._parts)

    @property
    def to_mend(self) -> list[str]:
        """As `Evaluation.to_mend`: what is missing, then what is wrong."""
        missing = [path for part in self._parts for path in part.missing]
        return missing + [path for part in self._parts for path in part.errors]

    @cached_property
    def lacking(self) -> list[AnswerGap]:
        """What keeps it from being submitted, named."""
        return gaps(self.form, self.found)

    @cached_property
    def frozen(self) -> FrozenText:
        """What a submission of it signs: the same text for whoever reviews it and then submits."""
        return frozen_text(freeze(self.programme, self.form, self.found))


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
        return evaluated_by(newest_form(forms, programme, rules, now), programme, None, day_of(now))
    return evaluated_by(form_of(forms, programme, rules, draft.form_version), programme, draft, day_of(now))


def evaluated_by(form: Form, programme: str, draft: Draft | None, today: date) -> EvaluatedDraft:
    """The same by the form at hand: worked out once for as long as the draft stays as it is."""
    if draft is None:
        return EvaluatedDraft(programme, form, today, [_of_nothing(form, today)])
    opened = draft.sections if isinstance(draft.sections, OpenedSections) else None
    known: EvaluatedDraft | None = None if opened is None else opened.evaluated
    if known is not None and known.form is form and known.today == today:
        return known
    found = EvaluatedDraft(programme, form, today, _evaluated(form, draft, today))
    if opened is not None:
        opened.evaluated = found  # what followed from them yesterday, or by another form, is over
    return found


def _evaluated(form: Form, draft: Draft, today: date) -> Sequence[Evaluation]:
    """What follows from its answers; of a draft that is saved in, anew only what the last save may have changed."""
    parts = draft.sections.parts if isinstance(draft.sections, OpenedSections) else None
    if parts is None:
        return [evaluate(form, draft.answers, today)]
    known: FollowedParts | None = parts.get((form, today))
    if known is None:
        parts.clear()
        known = parts[form, today] = FollowedParts()
    return evaluate_parts(form, draft.answers, today, known)


@lru_cache(256)
def _of_nothing(form: Form, today: date) -> Evaluation:
    return evaluate(form, {}, today)
