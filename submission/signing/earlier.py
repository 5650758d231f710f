"""Submissions of a release that had one form in its code: plain JSON without labels, read in the labels of then."""

from collections.abc import Mapping
from typing import Final

import msgspec

from submission.signing.frozen import FrozenAnswer, FrozenAnswers, FrozenMember, FrozenSection

VERSION: Final = "0"
"""Of the form of then: no file has it."""

LABELS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "identity": ("Identité", {
        "family_name": "Nom de famille", "given_name": "Prénom", "birth_date": "Date de naissance",
        "birth_country": "Pays de naissance", "passport": "Numéro de passeport",
    }),
    "contact": ("Coordonnées", {
        "address": "Adresse", "city": "Ville", "country": "Pays de résidence", "email": "Courriel",
        "telephone": "Téléphone",
    }),
    "training": ("Formation", {
        "diploma": "Diplôme", "field": "Domaine de formation", "school": "Établissement", "year": "Année d’obtention",
    }),
    "experience": ("Expérience de travail", {
        "occupation": "Profession", "employer": "Employeur", "months": "Mois d’expérience",
    }),
    "languages": ("Connaissances linguistiques", {"french": "Français", "english": "Anglais"}),
    "plans": ("Projet au Québec", {
        "region": "Région visée", "occupation": "Profession visée",
        "family_members": "Membres de la famille qui accompagnent",
    }),
}  # fmt: skip


def answers_of(programme: str, content: str) -> FrozenAnswers:
    """The answers of a row of then, as they would be frozen now; without a salt, as nothing was signed."""
    answers = msgspec.json.decode(content, type=dict[str, dict[str, str]])
    sections = [
        FrozenSection(
            id,
            title,
            [FrozenMember("", "", [
                FrozenAnswer(field, label, text) for field, label in labels.items() if (text := answers[id].get(field))
            ])],
        )
        for id, (title, labels) in LABELS.items() if id in answers
    ]  # fmt: skip
    return FrozenAnswers(programme, VERSION, "", sections)
