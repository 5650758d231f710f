"""What people have filled in, as it is stored and passed on.

Each value is text in its canonical form: `""` where nothing stands, dates as ISO, `oui` or `non`, an option's id,
several options' ids with one space between them, a country's two letters. A repeated section is `{"members": [{"key":
"<slug>", field: text, ...}, ...]}`: a member keeps its key for good, wherever it stands in the list.

A path names one value: `section.field`, or `section.key.field` of a member.
"""

from collections.abc import Mapping

Member = dict[str, str]
"""One member of a repeated section: its fields, and its key under `KEY`."""

SectionAnswers = dict[str, str | list[Member]]

Answers = dict[str, SectionAnswers]
"""By section id."""

MEMBERS = "members"

KEY = "key"


def members_of(section: Mapping[str, str | list[Member]]) -> list[Member]:
    """The members of a repeated section's answers; none where something else stands."""
    found = section.get(MEMBERS)
    return found if isinstance(found, list) else []


def text_in(section: Mapping[str, str | list[Member]], field: str) -> str:
    """The text of a field of a section that is not repeated; empty where there is none."""
    found = section.get(field, "")
    return found if isinstance(found, str) else ""


def merged(
    stored: Mapping[str, str | list[Member]], typed: Mapping[str, str | list[Member]]
) -> SectionAnswers:
    """A section as it is after a save: questions that were not on the page keep their answer, and so do those of a
    member that is still there. A member with nothing but a key is none."""
    before = {member.get(KEY, ""): member for member in members_of(stored)}
    together = dict(stored) | dict(typed)
    if MEMBERS in typed:
        members = [before.get(member.get(KEY, ""), {}) | member for member in members_of(typed)]
        together[MEMBERS] = [one for one in members if any(text for id, text in one.items() if id != KEY)]
    return together
