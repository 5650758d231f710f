"""Forms filled in for tests."""

from collections.abc import Mapping

from config.settings import PROGRAMMES
from submission.forms.answers import Answers
from submission.forms.files import load_form
from submission.forms.model import FieldType, Form, FormField

DEMO_FORM = load_form(PROGRAMMES / "forms" / "demo.1.toml")
"""The form of the programme `demo`."""

VALUES: Mapping[FieldType, str] = {
    FieldType.EMAIL: "essai@exemple.invalid",
    FieldType.DATE: "1985-04-02",
    FieldType.YEAR: "2008",
    FieldType.NUMBER: "3",
    FieldType.AMOUNT: "12.50",
    FieldType.YES_NO: "oui",
    FieldType.COUNTRY: "FR",
    FieldType.BOX: "oui",
}


def filled(form: Form = DEMO_FORM) -> Answers:
    """Something right in every field of the sections that are not repeated; markup in those of typed text."""
    return {
        section.id: {field.id: value_for(field) for field in section.fields}
        for section in form.sections
        if section.repeats is None
    }


def value_for(field: FormField) -> str:
    """Something that is right in this field."""
    if field.options:
        return next(iter(field.options))
    return VALUES.get(field.type) or f"{field.label} <b>"[: field.most_characters]
