"""A programme's rules of decisions, as data: which take two people, and which remedies there are (RX-01, RX-07)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from casework.checklists.rules import DatedRule, ProgrammeId
from casework.decisions.states import DecisionOutcome
from quota.offices.office_addresses import OfficeUse
from submission.forms.model import FormId, FormText, FormVersion


class RemedyRule(DatedRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody can do about a decision: `text` says how; `days` by when it must have been received, in calendar
    days from the day of the decision, None where nothing says so; `office` to which of the offices it goes by post."""

    title: Annotated[str, Meta(min_length=1, max_length=160)]
    text: FormText
    days: Annotated[int, Meta(ge=1, le=730)] | None = None
    office: OfficeUse | None = None


class OutcomeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An outcome: whether a second person must confirm it, and its remedies by their ids."""

    outcome: DecisionOutcome
    second_person: bool
    remedies: tuple[FormId, ...] = ()


class DecisionRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one programme. `sample`: no real ones, as the letter says. `digest` is of the file."""

    programme: ProgrammeId
    version: FormVersion
    sample: bool = False
    outcomes: Annotated[tuple[OutcomeRule, ...], Meta(min_length=1)]
    remedies: tuple[RemedyRule, ...] = ()
    digest: str = ""

    def of(self, outcome: DecisionOutcome) -> OutcomeRule:
        """The rule of an outcome; a file has each of them."""
        return next(one for one in self.outcomes if one.outcome is outcome)
