"""What a form asks, for whoever writes it: as a sentence, and what of it the paper form does not ask (DR-06)."""

from submission.forms.model import Form


def what_is_asked(form: Form) -> str:
    """« demo, version 1 (sample): 6 sections, 22 fields, 2 that depend on others, 0 rules »."""
    fields = [field for _, field in form.every_field()]
    conditions = sum(section.when is not None for section in form.sections) + sum(
        field.when is not None or field.required_when is not None for field in fields
    )
    rules = sum(len(field.rules) for field in fields)
    repeated = sum(section.repeats is not None for section in form.sections)
    return (
        f"{form.name}, version {form.version}{' (sample)' if form.sample else ''}, from {form.since}: "
        f"{len(form.sections)} sections ({repeated} repeated), {len(fields)} fields, {conditions} conditions, "
        f"{rules} rules with dates."
    )


def unmapped(form: Form) -> list[str]:
    """The fields that the paper form does not ask, each with its named reason; every other has its place there."""
    return [
        f"{section.id}.{field.id} is not on the paper form: {field.beyond_paper}"
        for section, field in form.every_field()
        if field.beyond_paper is not None
    ]
