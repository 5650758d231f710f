"""What a form says can be amended, held against what it asks: names that name nothing, and who somebody is."""

from collections.abc import Iterator, Mapping

from submission.forms.checking.faults import FormFault
from submission.forms.checking.toml_lines import KeyPath
from submission.forms.model import Form, FormAmendment, FormSection

IDENTITY = "identity"
"""The section of who the candidate is: no amendment touches it."""


def amendment_faults(form: Form) -> Iterator[FormFault]:
    """Every fault of what a form says can be amended."""
    sections = {section.id: section for section in form.sections}
    for kind, one in form.amendments.items():
        at: KeyPath = ("amendments", str(kind))
        if not (one.fields or one.sections or one.member_of):
            yield FormFault(at, "asks nothing: name fields, sections or member_of")
        yield from _named(one, sections, at)
        named = {*one.sections, *(path.partition(".")[0] for path in (*one.fields, *one.sets))}
        if IDENTITY in named or one.member_of == IDENTITY:
            yield FormFault(at, "names the section identity: who somebody is, is never amended")


def _named(one: FormAmendment, sections: Mapping[str, FormSection], at: KeyPath) -> Iterator[FormFault]:
    for name, paths in (("fields", one.fields), ("sets", tuple(one.sets))):
        for path in paths:
            section, _, field = path.partition(".")
            found = sections.get(section)
            if found is None or found.repeats or field not in {asked.id for asked in found.fields}:
                yield FormFault((*at, name), f"{path} is no field of a section that is filled in once")
    for id in one.sections:
        if id not in sections or sections[id].repeats:
            yield FormFault((*at, "sections"), f"{id} is no section that is filled in once")
    if one.member_of is not None:
        found = sections.get(one.member_of)
        if found is None or found.repeats is None:
            yield FormFault((*at, "member_of"), f"{one.member_of} is no section that repeats")
