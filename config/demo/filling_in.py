"""Any form filled in, for people who do not exist: what is known of them, and something right in the rest."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from submission.forms.answers import KEY, MEMBERS, Answers, Member, SectionAnswers, members_of, text_in
from submission.forms.evaluation import evaluate
from submission.forms.model import FieldType, Form, FormField, FormSection
from submission.forms.values import canonical, problem_of

FIRST_MEMBER = "m1"

MOST_ROUNDS = 12
"""An answer may ask for others, and a rule may refuse the first that is tried."""

TRIED: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("Exemple",),
    FieldType.LINES: ("Exemple",),
    FieldType.EMAIL: ("essai@exemple.invalid",),
    FieldType.TELEPHONE: ("+33 1 00 00 00 00",),
    FieldType.DATE: ("2010-06-15", "2045-06-15", "2046-06-15"),
    FieldType.YEAR: ("2008",),
    FieldType.NUMBER: ("1", "10", "100"),
    FieldType.AMOUNT: ("5000",),
    FieldType.YES_NO: ("non", "oui"),
    FieldType.COUNTRY: ("FR",),
    FieldType.BOX: ("oui",),
}
"""What is put into a field, the next where the one before is refused."""


def completed(form: Form, known: Answers, today: date) -> Answers:
    """Answers in which nothing is missing or wrong: what is known as far as the form asks it, and examples. Raises
    ValueError for a form that examples do not fill."""
    answers, tried = fitted(form, known, today), Counter[str]()
    for _ in range(MOST_ROUNDS):
        found = evaluate(form, answers, today)
        if found.is_complete:
            return answers
        for path in found.to_mend:
            _try(form, answers, path, tried[path])
            tried[path] += 1
    raise ValueError(f"{form.name} {form.version}: examples do not fill {', '.join(found.to_mend)}.")


def fitted(form: Form, known: Answers, today: date) -> Answers:
    """What is known, as this form takes it: in the first member where a section is repeated, without what it does not
    ask or does not take."""
    answers: Answers = {}
    for section in form.sections:
        of_them = known.get(section.id, {})
        fields = dict(_fitting(section, of_them, today))
        answers[section.id] = _as_the_section(section, fields)
    return answers


def _fitting(section: FormSection, known: SectionAnswers, today: date) -> Iterator[tuple[str, str]]:
    for field in section.fields:
        text = canonical(field, text_in(known, field.id))
        if text and not problem_of(field)(text, today):
            yield field.id, text


def _as_the_section(section: FormSection, fields: Member) -> SectionAnswers:
    if section.repeats is None:
        return dict(fields)
    return {MEMBERS: [{KEY: FIRST_MEMBER} | fields] if fields else []}


def _try(form: Form, answers: Answers, path: str, times: int) -> None:
    """Put an example at this path; a member where it is a repeated section's."""
    name, *rest = path.split(".")
    section = form.section(name)
    assert section is not None
    if not rest:
        answers[name] = {MEMBERS: [*members_of(answers[name]), {KEY: FIRST_MEMBER}]}
        return
    field = next(one for one in section.fields if one.id == rest[-1])
    texts = tuple(field.options) if field.options else TRIED[field.type]
    text = _bounded(field, texts[times % len(texts)])
    if section.repeats is None:
        answers[name][field.id] = text
    else:
        next(one for one in members_of(answers[name]) if one.get(KEY) == rest[0])[field.id] = text


def _bounded(field: FormField, text: str) -> str:
    """A number that the field takes."""
    if field.least is None or field.type not in {FieldType.NUMBER, FieldType.YEAR, FieldType.AMOUNT}:
        return text
    return str(max(field.least, int(text)))


def overlaid(form: Form, filled: Answers, theirs: Answers, today: date) -> Answers:
    """One person's answers over those of another who is complete."""
    fits = fitted(form, theirs, today)
    return {name: _over(filled[name], fits[name]) for name in filled}


def _over(filled: SectionAnswers, theirs: SectionAnswers) -> SectionAnswers:
    if MEMBERS not in filled:
        return filled | theirs
    first = {one[KEY]: one for one in members_of(theirs)}
    return {MEMBERS: [member | first.get(member[KEY], {}) for member in members_of(filled)]}
