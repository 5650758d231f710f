"""A small form for tests, as a file's text and as a value; and the form that the demo uses."""

import tempfile
from pathlib import Path

import config
from submission.forms.files import load_form
from submission.forms.model import Form

SHIPPED = Path(config.__file__).parent / "programmes" / "forms"

HEAD = """\
name = "essai"
version = "1"
title = "Formulaire d’essai"
since = 2016-01-01

[retention]
further_periods = 2
years_after_decision = 5
source = "Essai."
"""

SECTION = """
[[sections]]
id = "{id}"
title = "Section {id}"
help = "Aide de la section."
{more}
"""

FIELD = """
[[sections.fields]]
id = "{id}"
type = "{type}"
label = "Question {id}"
help = "Aide de la question."
paper = "A-1"
{more}
"""


def section(id: str, *fields: str, more: str = "") -> str:
    """A section of a file."""
    return SECTION.format(id=id, more=more) + "".join(fields)


def field(id: str, kind: str = "text", more: str = "") -> str:
    """A field of a file."""
    return FIELD.format(id=id, type=kind, more=more)


def text(*sections: str) -> str:
    """The text of a form file."""
    return HEAD + "".join(sections)


def form(*sections: str) -> Form:
    """The form of these sections."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "essai.1.toml"
        path.write_text(text(*sections), "utf-8")
        return load_form(path)


def form_of(content: str) -> Form:
    """The form of a whole file's text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "essai.1.toml"
        path.write_text(content, "utf-8")
        return load_form(path)


def family() -> Form:
    """A person, perhaps a spouse, and children: conditions over sections, within members and over members."""
    return form(
        section(
            "person",
            field("name"),
            field("married", "yes_no"),
            field("spouse_name", more='when = { is = "equals", field = "married", value = "oui" }'),
            field(
                "spouse_reason",
                more='required = false\nwhen = { is = "filled", field = "spouse_name" }',
            ),
        ),
        section(
            "children",
            field("name"),
            field("born", "date", "past = true"),
            field("school", more='when = { is = "age", field = "born", at_least = 5 }'),
            more='repeats = { name = "Enfant", least = 0, most = 3 }',
        ),
        section(
            "care",
            field("who"),
            more=(
                'when = { is = "some", section = "children", '
                'where = { is = "not", of = { is = "age", field = "born", at_least = 5 } } }'
            ),
        ),
    )
