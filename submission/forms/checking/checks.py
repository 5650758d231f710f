"""What the types of a form cannot say: whether it holds together. Each fault has the place of its key and a reason.

Everything that could go wrong while somebody fills a form in is looked for here, when the file is read: names that
name nothing, terms that do not fit the type of their field, questions that wait for each other, sections that nobody
reaches.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from submission.forms.answers import KEY, MEMBERS
from submission.forms.checking.amendable import amendment_faults
from submission.forms.checking.faults import FormFault
from submission.forms.checking.toml_lines import KeyPath
from submission.forms.conditions import (
    AfterTerm,
    AgeTerm,
    AllOf,
    AnyOf,
    BeforeTerm,
    Condition,
    CountTerm,
    DatesTerm,
    EqualsTerm,
    GreaterTerm,
    IncludesTerm,
    LessTerm,
    NotTerm,
    OneOfTerm,
    SomeTerm,
    walk,
)
from submission.forms.countries import country_codes
from submission.forms.dependencies import FormCircleError, fields_in_order, in_order, references
from submission.forms.model import (
    NUMBERS,
    WITH_OPTIONS,
    AccountPart,
    FieldType,
    Form,
    FormField,
    FormSection,
)
from submission.forms.values import NO, YES

_ASKED_OF: Mapping[type, frozenset[FieldType]] = {
    IncludesTerm: frozenset({FieldType.CHOICES}),
    GreaterTerm: NUMBERS,
    LessTerm: NUMBERS,
    BeforeTerm: frozenset({FieldType.DATE}),
    AfterTerm: frozenset({FieldType.DATE}),
    AgeTerm: frozenset({FieldType.DATE}),
    EqualsTerm: frozenset(FieldType) - {FieldType.CHOICES, FieldType.LINES},
    OneOfTerm: frozenset(FieldType) - {FieldType.CHOICES, FieldType.LINES},
}
"""What a term may be asked of; others of any field."""

_TAKES: Mapping[AccountPart, frozenset[FieldType]] = {
    AccountPart.BIRTH_DATE: frozenset({FieldType.DATE}),
    AccountPart.BIRTH_COUNTRY: frozenset({FieldType.COUNTRY}),
    AccountPart.COUNTRY: frozenset({FieldType.COUNTRY}),
    AccountPart.EMAIL: frozenset({FieldType.EMAIL}),
    AccountPart.ADDRESS: frozenset({FieldType.TEXT, FieldType.LINES}),
}
"""Which types take what an account has on file; others a line of text."""


def faults(form: Form) -> list[FormFault]:
    """Every fault of a form, in the order of its file."""
    found = [*_doubles(form), *_sections(form), *amendment_faults(form)]
    if not found:  # circles are looked for among names that are right
        found = [*_circles(form), *_unreachable(form)]
    return found


def _doubles(form: Form) -> Iterator[FormFault]:
    counted = Counter(section.id for section in form.sections)
    for s, section in enumerate(form.sections):
        if counted[section.id] > 1:
            yield FormFault(("sections", s, "id"), f"two sections are called {section.id}")
        fields = Counter(field.id for field in section.fields)
        for f, field in enumerate(section.fields):
            if fields[field.id] > 1:
                yield FormFault(
                    ("sections", s, "fields", f, "id"), f"two fields of {section.id} are called {field.id}"
                )


def _sections(form: Form) -> Iterator[FormFault]:
    for s, section in enumerate(form.sections):
        at: KeyPath = ("sections", s)
        if section.when is not None:
            yield from condition_faults(form, None, section.when, (*at, "when"))
        if section.repeats is not None and section.repeats.least > section.repeats.most:
            yield FormFault((*at, "repeats"), "least is more than most")
        for f, field in enumerate(section.fields):
            yield from _field(form, section, field, (*at, "fields", f))


def _field(form: Form, section: FormSection, field: FormField, at: KeyPath) -> Iterator[FormFault]:
    if field.id in {KEY, MEMBERS}:
        yield FormFault(
            (*at, "id"), f"{field.id} is taken: it is what the members of a section are stored under"
        )
    if (field.paper is None) == (field.beyond_paper is None):
        yield FormFault(
            at,
            "say either with `paper` where the paper form asks this, or with `beyond_paper` why it does not (DR-06)",
        )
    if bool(field.options) != (field.type in WITH_OPTIONS):
        wanted = (
            "needs options"
            if field.type in WITH_OPTIONS
            else "has options, which only choice and choices take"
        )
        yield FormFault(
            (*at, "options" if field.options else "type"), f"a field of type {field.type} {wanted}"
        )
    if field.type not in NUMBERS and (field.least, field.most) != (None, None):
        yield FormFault((*at, "least"), f"a field of type {field.type} has no least and most")
    if field.least is not None and field.most is not None and field.least > field.most:
        yield FormFault((*at, "least"), "least is more than most")
    if field.past and field.type != FieldType.DATE:
        yield FormFault((*at, "past"), "only dates lie in the past")
    if field.from_account is not None:
        yield from _account_faults(section, field, (*at, "from_account"))
    if field.required_when is not None:
        yield from condition_faults(form, section, field.required_when, (*at, "required_when"))
    if field.when is not None:
        yield from condition_faults(form, section, field.when, (*at, "when"))
    ids = Counter(rule.id for rule in field.rules)
    for r, rule in enumerate(field.rules):
        place: KeyPath = (*at, "rules", r)
        if ids[rule.id] > 1:
            yield FormFault((*place, "id"), f"two rules are called {rule.id}")
        if rule.since and rule.until and rule.since > rule.until:
            yield FormFault((*place, "since"), "since is after until: the rule is never in force")
        yield from condition_faults(form, section, rule.holds, (*place, "holds"))


def _account_faults(section: FormSection, field: FormField, at: KeyPath) -> Iterator[FormFault]:
    part = field.from_account
    assert part is not None
    if section.repeats is not None:
        yield FormFault(at, "a member of a repeated section is not the account's owner")
    if field.type not in _TAKES.get(part, {FieldType.TEXT}):
        yield FormFault(at, f"a field of type {field.type} does not take {part}")


def condition_faults(
    form: Form, section: FormSection | None, condition: Condition, at: KeyPath
) -> Iterator[FormFault]:
    """The faults of a condition that is asked in this section of a form, or of the form as a whole; `at` is its key."""
    for term in walk(condition):
        if isinstance(term, AllOf | AnyOf | NotTerm):
            continue
        if isinstance(term, DatesTerm):
            if term.since and term.until and term.since > term.until:
                yield FormFault(at, "since is after until: that is never")
        elif isinstance(term, CountTerm | SomeTerm):
            yield from _members_term(form, term, at)
        else:
            for name in references(term):
                field = _named(form, section, name)
                if isinstance(field, str):
                    yield FormFault(at, field)
                else:
                    yield from _fits(term, name, field, at)
        yield from _bounds(term, at)


def _members_term(form: Form, term: CountTerm | SomeTerm, at: KeyPath) -> Iterator[FormFault]:
    section = form.section(term.section)
    if section is None or section.repeats is None:
        reason = "is no section" if section is None else "is not repeated"
        yield FormFault(at, f"{term.section} {reason}")
    elif isinstance(term, SomeTerm):
        yield from condition_faults(form, section, term.where, at)


def _bounds(term: Condition, at: KeyPath) -> Iterator[FormFault]:
    if isinstance(term, AgeTerm | CountTerm):
        if term.at_least is None and term.at_most is None:
            yield FormFault(at, "at_least or at_most is missing")
        elif term.at_least is not None and term.at_most is not None and term.at_least > term.at_most:
            yield FormFault(at, "at_least is more than at_most: that is never")
    if isinstance(term, BeforeTerm | AfterTerm) and term.day is not None and term.other is not None:
        yield FormFault(at, "day and other both say what is compared with: one of them is enough")


def _named(form: Form, section: FormSection | None, name: str) -> FormField | str:
    """The field of a name, or what is wrong with the name."""
    owner, dot, field = name.partition(".")
    if not dot:
        if section is None:
            return (
                f"{name}: a section's own condition names fields with their section, such as identity.{name}"
            )
        owner, field = section.id, name
    among = form.section(owner)
    if among is None:
        return f"{name}: there is no section {owner}"
    if dot and among.repeats is not None:
        return f'{name}: {owner} is repeated; ask some of its members (is = "some"), or how many there are ("count")'
    found = next((one for one in among.fields if one.id == field), None)
    return f"{name}: {owner} has no field {field}" if found is None else found


def _fits(term: Condition, name: str, field: FormField, at: KeyPath) -> Iterator[FormFault]:
    """Whether a term may be asked of a field of this type, and can be true of it."""
    allowed = _ASKED_OF.get(type(term))
    if allowed is not None and field.type not in allowed:
        is_named = type(term).__struct_config__.tag
        yield FormFault(at, f"{is_named} cannot be asked of {name}, which is of type {field.type}")
        return
    values: tuple[str, ...] = ()
    if isinstance(term, EqualsTerm | IncludesTerm):
        values = (term.value,)
    elif isinstance(term, OneOfTerm):
        values = term.values
    known = _values_of(field)
    for value in values:
        if known is not None and value not in known:
            yield FormFault(at, f"{name} is never {value!r}")


def _values_of(field: FormField) -> frozenset[str] | None:
    """All values of a field whose values are known."""
    if field.type in WITH_OPTIONS:
        return frozenset(field.options)
    known = {
        FieldType.YES_NO: frozenset({YES, NO}),
        FieldType.BOX: frozenset({YES}),
        FieldType.COUNTRY: country_codes(),
    }
    return known.get(field.type)


def _circles(form: Form) -> Iterator[FormFault]:
    """Questions that wait for each other."""
    try:
        for s, section in enumerate(form.sections):
            at: KeyPath = ("sections", s)
            if section.repeats is not None:
                fields_in_order(section)
        at = ("sections",)
        in_order(form)
    except FormCircleError as circle:
        owner, _, field = circle.nodes[0].partition(".")
        for s, section in enumerate(form.sections):
            if section.id == owner:
                at = ("sections", s)
                for f, one in enumerate(section.fields):
                    if one.id == field:
                        at = ("sections", s, "fields", f, "when")
        yield FormFault(at, f"these wait for each other: {circle}")


def _unreachable(form: Form) -> Iterator[FormFault]:
    """Sections that no answers can show: their condition asks for two things that exclude each other."""
    for s, section in enumerate(form.sections):
        if section.when is not None and _never(section.when):
            yield FormFault(
                ("sections", s, "when"), f"nobody reaches {section.id}: its condition is never true"
            )
        for f, field in enumerate(section.fields):
            if field.when is not None and _never(field.when):
                reason = f"nobody reaches {section.id}.{field.id}: its condition is never true"
                yield FormFault(("sections", s, "fields", f, "when"), reason)


def _never(condition: Condition) -> bool:
    """Whether a condition is plainly false whatever is answered: one field with two values, filled and not filled."""
    if isinstance(condition, AnyOf):
        return all(_never(one) for one in condition.of)
    if not isinstance(condition, AllOf):
        return False
    if any(_never(one) for one in condition.of):
        return True
    allowed: dict[str, frozenset[str]] = {}
    denied = [one.of for one in condition.of if isinstance(one, NotTerm)]
    for term in condition.of:
        if term in denied:
            return True
        if isinstance(term, EqualsTerm | OneOfTerm):
            values = frozenset({term.value} if isinstance(term, EqualsTerm) else term.values)
            allowed[term.field] = allowed.get(term.field, values) & values
    return any(not values for values in allowed.values())
