"""What a candidate fills in beforehand: the form as data, and what is missing of it.

The form below is the smallest believable one. A draft's content is JSON, section by section: `{"training": {"diploma":
"..."}}`. Forms to fill it in come later; `guichet accounts import` and the demo bring complete drafts.
"""

from collections.abc import Collection, Mapping

import msgspec

from accounts.normalisation import is_blank
from submission.forms.answers import Answers, SectionAnswers

Content = Answers
"""By section."""


class DraftField(msgspec.Struct, frozen=True):
    """One line of the form: its name in the content, its French label, whether it must be filled in.

    `instead` is a field of the same section that may be filled in instead.
    """

    name: str
    label: str
    required: bool = True
    instead: str | None = None


class DraftSection(msgspec.Struct, frozen=True):
    name: str
    title: str
    fields: tuple[DraftField, ...]


FORM: tuple[DraftSection, ...] = (
    DraftSection("identity", "Identité", (
        DraftField("family_name", "Nom de famille", instead="given_name"),  # a person may have one name only
        DraftField("given_name", "Prénom", instead="family_name"),
        DraftField("birth_date", "Date de naissance"),
        DraftField("birth_country", "Pays de naissance"),
        DraftField("passport", "Numéro de passeport"),
    )),
    DraftSection("contact", "Coordonnées", (
        DraftField("address", "Adresse"),
        DraftField("city", "Ville"),
        DraftField("country", "Pays de résidence"),
        DraftField("email", "Courriel"),
        DraftField("telephone", "Téléphone", required=False),
    )),
    DraftSection("training", "Formation", (
        DraftField("diploma", "Diplôme"),
        DraftField("field", "Domaine de formation"),
        DraftField("school", "Établissement"),
        DraftField("year", "Année d’obtention"),
    )),
    DraftSection("experience", "Expérience de travail", (
        DraftField("occupation", "Profession"),
        DraftField("employer", "Employeur"),
        DraftField("months", "Mois d’expérience"),
    )),
    DraftSection("languages", "Connaissances linguistiques", (
        DraftField("french", "Français"),
        DraftField("english", "Anglais"),
    )),
    DraftSection("plans", "Projet au Québec", (
        DraftField("region", "Région visée"),
        DraftField("occupation", "Profession visée"),
        DraftField("family_members", "Membres de la famille qui accompagnent", required=False),
    )),
)  # fmt: skip

PATHS = tuple(f"{section.name}.{field.name}" for section in FORM for field in section.fields)
"""The name of each field, such as `training.diploma`, in the form's order."""


def missing(content: Content, sections: Collection[str] | None = None) -> list[str]:
    """The paths of what must still be filled in, in the form's order, such as `training.diploma`.

    Only `sections` are asked for, if a programme names some.
    """
    found: list[str] = []
    for section in FORM:
        if sections is None or section.name in sections:
            answers = content.get(section.name, {})
            found += [
                f"{section.name}.{field.name}"
                for field in section.fields
                if field.required and not is_filled_in(answers, field)
            ]
    return found


def is_filled_in(answers: SectionAnswers, field: DraftField) -> bool:
    """Whether something that is seen stands in this field of a section's answers, or in the one that serves instead."""
    if not is_blank(line(answers, field.name)):
        return True
    return field.instead is not None and not is_blank(line(answers, field.instead))


def line(answers: SectionAnswers, name: str) -> str:
    """The text of a field of a section that is not repeated; empty where there is none."""
    answer = answers.get(name, "")
    return answer if isinstance(answer, str) else ""


def content_of(answers: Mapping[str, str]) -> Content:
    """A draft's content from answers by path, such as `training.diploma`; what is not among them is empty."""
    return {
        section.name: {
            field.name: answers.get(f"{section.name}.{field.name}") or "" for field in section.fields
        }
        for section in FORM
    }
