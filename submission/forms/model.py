"""A form as data: what a programme asks, in which order, when, and what it means.

The file (`files.py`) has the same shape. A form is a frozen value, compared by identity: what follows from it alone is
worked out once a process (`evaluation.py`).
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from submission.forms.conditions import Condition

FormId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]

FormName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]

FormVersion = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,5}$")]

FormText = Annotated[str, Meta(min_length=1, max_length=2000)]

OptionId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]

MOST_MEMBERS = 50
"""Of one repeated section: more fit on no page."""

LONGEST_VALUE = 10_000
"""Characters of one answer, whatever a form says."""


class FieldType(StrEnum):
    """What a field takes. The canonical form of each stands in `answers.py` and `values.py`."""

    TEXT = "text"
    """One line."""
    LINES = "lines"
    """Several lines."""
    EMAIL = "email"
    """An e-mail address; whether it exists is not asked."""
    TELEPHONE = "telephone"
    """A telephone number; one that looks wrong is remarked, never refused."""
    DATE = "date"
    """A day, in three fields or as ISO."""
    YEAR = "year"
    """Four digits."""
    NUMBER = "number"
    """A whole number."""
    AMOUNT = "amount"
    """Dollars, with cents where there are any."""
    YES_NO = "yes_no"
    """`oui` or `non`."""
    CHOICE = "choice"
    """One of the options."""
    CHOICES = "choices"
    """Some of the options."""
    COUNTRY = "country"
    """A country, by its two letters (ISO 3166)."""
    BOX = "box"
    """A box that is ticked (`oui`) or not: a declaration."""


class AccountPart(StrEnum):
    """What an account has on file and a question may ask again (WCAG 3.3.7): it stands there already."""

    FAMILY_NAME = "family_name"
    """Of the identity."""
    GIVEN_NAME = "given_name"
    """Of the identity."""
    BIRTH_DATE = "birth_date"
    """Of the identity."""
    BIRTH_COUNTRY = "birth_country"
    """Of the identity."""
    PASSPORT = "passport"
    """Of the identity: the number."""
    EMAIL = "email"
    """The address that messages go to."""
    ADDRESS = "address"
    """The lines of the home address."""
    COUNTRY = "country"
    """The country of the home address."""


TYPED_TEXTS = frozenset({FieldType.TEXT, FieldType.LINES, FieldType.EMAIL, FieldType.TELEPHONE})

NUMBERS = frozenset({FieldType.NUMBER, FieldType.AMOUNT, FieldType.YEAR})

WITH_OPTIONS = frozenset({FieldType.CHOICE, FieldType.CHOICES})

LONGEST = {FieldType.TEXT: 200, FieldType.LINES: 3000, FieldType.EMAIL: 254, FieldType.TELEPHONE: 40}
"""Characters of a value, unless its field says otherwise."""


class FormRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold of a field that is filled in, from one day to another, both included.

    A rule that is over switches itself off: `source` says where it comes from (DR-07).
    """

    id: FormId
    source: FormText
    since: date | None = None
    until: date | None = None
    holds: Condition
    error: FormText

    def is_in_force(self, today: date) -> bool:
        """Whether the rule is asked on this day."""
        return (self.since is None or self.since <= today) and (self.until is None or today <= self.until)


class FormField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question.

    `when`: only then it is seen. `required_when`: only then it must be filled in (`required` is always). Either `paper`
    says where the paper form asks the same, or `beyond_paper` why it does not (DR-06). `least` and `most` bound numbers
    and years; `past` is of dates that cannot lie ahead. `from_account`: what the account says of it stands there until
    somebody saves the section.
    """

    id: FormId
    type: FieldType
    label: FormText
    help: FormText
    required: bool = True
    required_when: Condition | None = None
    when: Condition | None = None
    options: dict[OptionId, FormText] = {}
    longest: Annotated[int, Meta(ge=1, le=LONGEST_VALUE)] | None = None
    least: int | None = None
    most: int | None = None
    past: bool = False
    from_account: AccountPart | None = None
    autocomplete: Annotated[str, Meta(pattern=r"^[a-z0-9 -]{1,60}$")] | None = None
    paper: FormText | None = None
    beyond_paper: FormText | None = None
    rules: tuple[FormRule, ...] = ()

    @property
    def most_characters(self) -> int:
        """How long a value may be."""
        return self.longest or LONGEST.get(self.type, 200)


class MemberRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a section is filled in, and what one of its members is called (« Enfant »)."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    least: Annotated[int, Meta(ge=0, le=MOST_MEMBERS)] = 0
    most: Annotated[int, Meta(ge=1, le=MOST_MEMBERS)]


class FormSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One page of the form."""

    id: FormId
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    help: FormText
    when: Condition | None = None
    repeats: MemberRules | None = None
    fields: Annotated[tuple[FormField, ...], Meta(min_length=1)]


class AmendmentKind(StrEnum):
    """What may be added to a form after it was submitted and paid (PM-01, PM-03)."""

    DEPENDANT = "dependant"
    """A further person of the family."""
    STATUS = "status"
    """Another civil status."""
    ADDRESS = "address"
    """Another address."""


class FormAmendment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one kind of amendment asks: these fields, these sections whole, one more member of a repeated section.
    `sets` is what follows by itself, such as that there are children. Who somebody is, is never amended."""

    fields: tuple[FormText, ...] = ()
    sections: tuple[FormId, ...] = ()
    member_of: FormId | None = None
    sets: dict[FormText, FormText] = {}


class FormRetention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long what was filled in is kept: a draft over so many further periods, a submission so many years after its
    decision, and why."""

    further_periods: Annotated[int, Meta(ge=0, le=10)]
    years_after_decision: Annotated[int, Meta(ge=0, le=100)]
    source: FormText


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, eq=False, weakref=True):
    """One version of a form. `since` is the day from which it is the newest one for those who begin (DR-07)."""

    name: FormName
    version: FormVersion
    title: FormText
    since: date
    sample: bool = False
    retention: FormRetention
    amendments: dict[AmendmentKind, FormAmendment] = {}
    sections: Annotated[tuple[FormSection, ...], Meta(min_length=1)]

    def section(self, id: str) -> FormSection | None:
        """The section of this id."""
        return next((section for section in self.sections if section.id == id), None)

    def every_field(self) -> Iterator[tuple[FormSection, FormField]]:
        """Each field with its section, in the form's order."""
        for section in self.sections:
            for field in section.fields:
                yield section, field

    def paths(self) -> tuple[str, ...]:
        """The path of each field, such as `training.diploma`, in the form's order; of a repeated section's without a
        member's key."""
        return tuple(f"{section.id}.{field.id}" for section, field in self.every_field())
