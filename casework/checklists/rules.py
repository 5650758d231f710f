"""The rules of a programme's personal list of documents, as data: which documents, of whom, in which format, by which
day and to which address (DC-01 to DC-07).

The file (`files.py`) has the same shape. What is asked has days of effect, because the rules on originals and the
addresses did change (DC-06, DC-07); conditions are those of the forms, asked of the frozen answers.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from foundation.calendar.effect import DatesOfEffect
from submission.forms.conditions import Condition
from submission.forms.model import FormId, FormText, FormVersion

ProgrammeId = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]

TO_SEND_DAYS = 90
"""Days to send the documents, from the day on which the list went out (DC-02), unless a programme says otherwise."""


class PersonKind(StrEnum):
    """Of whom a document is asked."""

    PRINCIPAL = "principal"
    """The person who applies."""
    SPOUSE = "spouse"
    """Their spouse."""
    DEPENDANT = "dependant"
    """Each of the children, or others who depend on them."""


PERSONS = {
    PersonKind.PRINCIPAL: "Vous",
    PersonKind.SPOUSE: "Votre conjointe ou conjoint",
    PersonKind.DEPENDANT: "Personne à charge",
}
"""Kind of person -> how the list is headed, before the name."""


class ItemFormat(StrEnum):
    """In which format a document must come (DC-05)."""

    ORIGINAL = "original"
    """The document itself."""
    CERTIFIED_COPY = "certified_copy"
    """A copy that whoever issued the document says is true."""
    COPY = "copy"
    """A photocopy that can be read."""
    FORM = "form"
    """A form that is filled in and signed by hand."""


FORMATS = {
    ItemFormat.ORIGINAL: "Original",
    ItemFormat.CERTIFIED_COPY: "Copie certifiée conforme",
    ItemFormat.COPY: "Photocopie lisible",
    ItemFormat.FORM: "Formulaire signé à la main",
}
"""Format -> what people read."""


class DatedRule(DatesOfEffect, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has a name and is in force from one day to another, both included, and where it comes from."""

    id: FormId
    source: FormText


class PostalAddress(DatedRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where documents go by post (DC-07), as a list has it: the address of its day, by the name of its use."""

    lines: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=120)], ...], Meta(min_length=2, max_length=8)
    ]


class PersonRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a form tells of a person: the section, repeated for dependants, the fields of the name, and who of them
    counts."""

    section: FormId
    name: Annotated[tuple[FormId, ...], Meta(min_length=1)] = ("given_name", "family_name")
    when: Condition | None = None


class PersonsRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The persons of a form."""

    principal: PersonRules
    spouse: PersonRules | None = None
    dependant: PersonRules | None = None

    def every(self) -> Iterator[tuple[PersonKind, PersonRules]]:
        """Those that the form has, in the order of the list."""
        for kind in PersonKind:
            found: PersonRules | None = getattr(self, kind)
            if found is not None:
                yield kind, found


class DayRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days, all of them calendar days.

    `to_send` from the day on which the list went out; `again` from the day on which something was asked for once more;
    `tolerance` after the last day, within which a late document is flagged as late by the post alone: who decides is an
    agent, in any case (DC-02). `reminders`: so many days before the last one.
    """

    to_send: Annotated[int, Meta(ge=1, le=730)] = TO_SEND_DAYS
    again: Annotated[int, Meta(ge=1, le=730)] = 30
    tolerance: Annotated[int, Meta(ge=0, le=90)] = 10
    reminders: tuple[Annotated[int, Meta(ge=1, le=365)], ...] = (45, 14, 3)


class ItemRule(DatedRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One document: of whom, when, in which format. `give_back`: the original is sent back (DC-06). `translation`: with
    a translation where it is in neither French nor English. Names without a section are fields of the person's own
    section."""

    title: Annotated[str, Meta(min_length=1, max_length=160)]
    help: FormText
    per: Annotated[tuple[PersonKind, ...], Meta(min_length=1)]
    format: ItemFormat
    translation: bool = False
    give_back: bool = False
    address: FormId
    when: Condition | None = None


class ChecklistRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of a programme's lists. `sample`: no real ones, as the list says. `digest` is of the file, `addresses`
    those of the programme's offices, by the names of their uses."""

    programme: ProgrammeId
    version: FormVersion
    sample: bool = False
    days: DayRules = DayRules()
    persons: PersonsRules
    addresses: tuple[PostalAddress, ...] = ()
    items: Annotated[tuple[ItemRule, ...], Meta(min_length=1)]
    digest: str = ""

    def address(self, id: str, day: date) -> PostalAddress | None:
        """The address of this id that is in force on a day."""
        return next((one for one in self.addresses if one.id == id and one.is_in_force(day)), None)
