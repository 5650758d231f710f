"""What a newer version of a form asks differently."""

import msgspec
import pytest

from config.settings import PROGRAMMES
from submission.drafts.lifetime.moving import changes
from submission.forms.files import load_form
from submission.forms.model import FormField

OLD = load_form(PROGRAMMES / "forms" / "demo.1.toml")


def newer(*fields: FormField, without: str = "") -> list[str]:
    """What a version says of the section « Formation » that has these questions, or lacks one."""
    sections = []
    for section in OLD.sections:
        if section.id == "training":
            kept = {field.id: field for field in section.fields if field.id != without}
            kept |= {field.id: field for field in fields}
            section = msgspec.structs.replace(section, fields=tuple(kept.values()))
        sections.append(section)
    found = changes(OLD, msgspec.structs.replace(OLD, version="2", sections=tuple(sections)))
    assert set(found) <= {"training"}
    return found.get("training", [])


DIPLOMA = next(field for _, field in OLD.every_field() if field.id == "diploma")


@pytest.mark.parametrize(
    ("changed", "without", "words"),
    [
        ({}, "", []),
        ({"id": "level"}, "", ["est nouvelle"]),
        ({"label": "Titre du diplôme"}, "", ["se lit maintenant « Titre du diplôme »"]),
        ({"longest": 12}, "", ["permises"]),
        ({"required": False}, "", ["facultative"]),
        ({"help": "Autre aide."}, "", []),
        ({}, "year", ["n’est plus posée"]),
    ],
    ids=["nothing", "new", "label", "bounds", "optional", "help", "gone"],
)
def test_each_kind_of_change_is_a_sentence(
    changed: dict[str, object], without: str, words: list[str]
) -> None:
    """Of the section it is in; help that was reworded is no reason to read again."""
    fields = [msgspec.structs.replace(DIPLOMA, **changed)] if changed else []
    sentences = newer(*fields, without=without)
    assert len(sentences) == len(words)
    assert all(word in sentence for word, sentence in zip(words, sentences, strict=True))


def test_a_new_section_is_said_so() -> None:
    """Once, not question by question."""
    fewer = msgspec.structs.replace(OLD, sections=OLD.sections[1:])
    assert changes(fewer, OLD) == {"identity": ["Cette section est nouvelle."]}
