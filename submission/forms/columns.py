"""A form's answers as columns of a table, such as a file of accounts: `training.diploma`, `children.2.given_name`."""

from collections.abc import Mapping

from submission.forms.answers import KEY, MEMBERS, Answers, Member
from submission.forms.model import Form, FormSection
from submission.forms.values import canonical

MOST_IN_COLUMNS = 10
"""Members of a section that a table has columns for; who has more fills them in."""


def columns(form: Form) -> tuple[str, ...]:
    """The columns of a form, in its order; members are numbered from 1."""
    return tuple(
        f"{prefix}{field.id}"
        for section in form.sections
        for prefix in _prefixes(section)
        for field in section.fields
    )


def answers_in(form: Form, cells: Mapping[str, str]) -> Answers:
    """The answers of a row, in canonical form; what is in no column is empty, a member without any answer is none."""
    found: Answers = {}
    for section in form.sections:
        members = [_member(section, prefix, cells) for prefix in _prefixes(section)]
        if section.repeats is None:
            found[section.id] = dict(members[0])
        else:
            found[section.id] = {
                MEMBERS: [{KEY: f"m{n}"} | one for n, one in enumerate(members, 1) if any(one.values())]
            }
    return found


def _prefixes(section: FormSection) -> list[str]:
    if section.repeats is None:
        return [f"{section.id}."]
    return [f"{section.id}.{n}." for n in range(1, min(section.repeats.most, MOST_IN_COLUMNS) + 1)]


def _member(section: FormSection, prefix: str, cells: Mapping[str, str]) -> Member:
    return {field.id: canonical(field, cells.get(prefix + field.id) or "") for field in section.fields}
