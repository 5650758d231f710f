"""What the pages of a draft show: its sections with where they stand, what is missing with links, two texts side by
side. Pure, no markup.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from foundation.calendar.days import day_of
from submission.drafts.look import DraftView
from submission.forms.answers import KEY, SectionAnswers, members_of
from submission.forms.evaluation import Evaluation
from submission.forms.fields import PARTS
from submission.forms.model import Form, FormSection
from submission.forms.wording import asked_in


class SectionStand(StrEnum):
    """Where a section stands. Completeness is shown, never demanded."""

    COMPLETE = "complete"
    """Nothing is missing, nothing wrong."""
    INCOMPLETE = "incomplete"
    """Something is missing or wrong."""
    EMPTY = "empty"
    """Nobody has saved anything in it."""
    READ_AGAIN = "read_again"
    """A newer form changed it: it is to be read again."""
    NOT_ASKED = "not_asked"
    """By what was answered elsewhere it is not asked for."""


STANDS = {
    SectionStand.COMPLETE: "Complète",
    SectionStand.INCOMPLETE: "À compléter",
    SectionStand.EMPTY: "À remplir",
    SectionStand.READ_AGAIN: "À relire",
    SectionStand.NOT_ASKED: "Ne vous est pas demandée",
}
"""Where a section stands -> what is read beside its name."""


class OverviewRow(NamedTuple):
    """A section in the list. `gaps`: how many of its fields are to be mended."""

    id: str
    title: str
    stand: SectionStand
    gaps: int


class Gap(NamedTuple):
    """Something that is missing or wrong: its section, its label, and its anchor on the section's page."""

    section: str
    title: str
    label: str
    anchor: str


class Overview(NamedTuple):
    """The whole draft. `days` are those left."""

    rows: list[OverviewRow]
    gaps: list[Gap]
    days: int

    @property
    def is_complete(self) -> bool:
        return not self.gaps


def overview(view: DraftView, found: Evaluation) -> Overview:
    """The draft's sections and what is to be mended, in the form's order."""
    gaps = [gap_of(view.asked, path) for path in in_form_order(view.asked, found)]
    return Overview(
        [_row(view, section, found, gaps) for section in view.asked.sections], gaps, days_left(view)
    )


def days_left(view: DraftView) -> int:
    """Whole days until the last one, in Montréal."""
    return max(0, (day_of(view.kept_until) - day_of(view.now)).days)


def in_form_order(form: Form, found: Evaluation) -> list[str]:
    """The paths of what is to be mended, section by section."""
    places = {section.id: place for place, section in enumerate(form.sections)}
    return sorted(found.to_mend, key=lambda path: places[path.partition(".")[0]])


def _row(view: DraftView, section: FormSection, found: Evaluation, gaps: list[Gap]) -> OverviewRow:
    count = sum(gap.section == section.id for gap in gaps)
    stored = None if view.draft is None else view.draft.sections.get(section.id)
    if not is_asked(section, found):
        stand = SectionStand.NOT_ASKED
    elif stored is not None and stored.read_again is not None:
        stand = SectionStand.READ_AGAIN
    elif stored is None and (count or not section.repeats):
        stand = SectionStand.EMPTY
    else:
        stand = SectionStand.INCOMPLETE if count else SectionStand.COMPLETE
    return OverviewRow(section.id, section.title, stand, count)


def is_asked(section: FormSection, found: Evaluation) -> bool:
    """Whether anything of this section is seen."""
    if section.repeats is not None:
        return section.id in found.members
    return any(f"{section.id}.{field.id}" in found.visible for field in section.fields)


def gap_of(form: Form, path: str) -> Gap:
    """What a path is called."""
    id, _, rest = path.partition(".")
    section = form.section(id)
    assert section is not None
    if not rest:
        name = "" if section.repeats is None else section.repeats.name
        return Gap(id, section.title, f"{name}\N{NO-BREAK SPACE}: à ajouter", id)
    field = rest.rpartition(".")[2]
    labels = {one: label for one, label, _ in asked_in(form, id)}
    return Gap(id, section.title, labels.get(field, field), path)


class TextDifference(NamedTuple):
    """One question that two texts answer differently, in people's words: `here` is this page's, `elsewhere` the one
    that was saved meanwhile."""

    label: str
    here: str
    elsewhere: str


def differences(
    form: Form, section: FormSection, here: SectionAnswers, elsewhere: SectionAnswers
) -> list[TextDifference]:
    """Where two texts of a section differ, question by question, members by their keys."""
    return list(_differences(form, section, here, elsewhere))


def _differences(
    form: Form, section: FormSection, here: SectionAnswers, elsewhere: SectionAnswers
) -> Iterator[TextDifference]:
    if section.repeats is None:
        yield from _compared(form, section, "", _texts(here), _texts(elsewhere))
        return
    mine = {member.get(KEY, ""): member for member in members_of(here)}
    other = {member.get(KEY, ""): member for member in members_of(elsewhere)}
    for place, key in enumerate(dict.fromkeys([*other, *mine]), 1):
        name = f"{section.repeats.name} {place}, "
        yield from _compared(form, section, name, mine.get(key, {}), other.get(key, {}))


def _compared(
    form: Form, section: FormSection, name: str, here: Mapping[str, str], elsewhere: Mapping[str, str]
) -> Iterator[TextDifference]:
    for id, label, words in asked_in(form, section.id):
        mine, other = here.get(id, ""), elsewhere.get(id, "")
        if mine != other:
            yield TextDifference(f"{name}{label}", words(mine) if mine else "", words(other) if other else "")


def _texts(answers: SectionAnswers) -> dict[str, str]:
    return {id: text for id, text in answers.items() if isinstance(text, str)}


def as_posted(section: FormSection, posted: Mapping[str, list[str]], answers: SectionAnswers) -> Evaluation:
    """An evaluation in which exactly the questions that were posted are seen: a form that comes back without a session
    shows all that was typed, whatever other sections say."""
    found = Evaluation({}, set(), [], {}, {})
    keys = [member[KEY] for member in members_of(answers)]
    prefixes = [f"{section.id}."] if section.repeats is None else [f"{section.id}.{key}." for key in keys]
    if section.repeats is not None:
        found.members[section.id] = keys
    for prefix in prefixes:
        for field in section.fields:
            path = prefix + field.id
            if path in posted or any(path + part in posted for part in PARTS):
                found.visible[path] = ""
                if field.required:
                    found.required.add(path)
    return found


class ReadAgain(msgspec.Struct, frozen=True):
    """What a newer version of the form changed in a section, in sentences."""

    form_version: str
    changes: list[str]


def read_again_of(stored: str | None) -> ReadAgain | None:
    """The note of a section, from its row."""
    return None if stored is None else msgspec.json.decode(stored, type=ReadAgain)
