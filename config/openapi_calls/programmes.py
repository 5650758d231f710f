"""The public calls of programmes and their forms, and what they answer."""

from typing import Any, Final

from accounts.registration.windows import RegistrationState
from config.openapi_calls.shape import Call
from config.openapi_schemas import INSTANT, NUMBER, TEXT, TYPED, nullable, record
from foundation.errors import Code
from submission.forms.api import PROGRAMMES as ADDRESS
from submission.forms.model import FieldType

FORM: Final = f"{ADDRESS}/{{id}}/form"

PROGRAMMES: Final = (
    Call("get", ADDRESS, "What can be applied for.", {200: "PublicProgrammes"}),
    Call("get", f"{ADDRESS}/{{id}}", "One programme.", {200: "PublicProgramme"}, codes=(Code.NOT_FOUND,)),
    Call("get", FORM, "What it asks: the form by which a draft is begun today, or the `version` of the query.",
         {200: "FormDefinition"}, codes=(Code.NOT_FOUND,)),
)  # fmt: skip

FORM_QUERY: Final = [
    {"name": "version", "in": "query", "required": False, "schema": TYPED, "description": "of the form"}
]

CONDITION: Final = nullable(
    {"type": "object", "description": "a term by its `is`, see docs/howto/new-form.md; null is always"}
)

FIELD: Final = record(
    id=TEXT,
    type={"enum": list(FieldType)},
    label=TEXT,
    help=TEXT,
    required={"type": "boolean"},
    required_when=CONDITION,
    when=CONDITION,
    options={"type": "array", "items": record(id=TEXT, label=TEXT)},
    longest=NUMBER,
    least=nullable(NUMBER),
    most=nullable(NUMBER),
    paper=nullable(TEXT),
)

SECTION: Final = record(
    id=TEXT,
    title=TEXT,
    help=TEXT,
    repeats=nullable(record(name=TEXT, least=NUMBER, most=NUMBER)),
    when=CONDITION,
    fields={"type": "array", "items": FIELD},
)

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "PublicProgramme": record(
        id=TEXT,
        name=TEXT,
        registration=record(
            state={"enum": list(RegistrationState)},
            opens_at=nullable(INSTANT),
            closes_at=nullable(INSTANT),
            note=TEXT,
        ),
        form_version=nullable(TEXT),
        streams={"type": "array", "items": record(id=TEXT, name=TEXT)},
        fees={"type": "array", "items": {"type": "object"}},
        periods={"type": "array", "items": TEXT},
    ),
    "PublicProgrammes": {"type": "array", "items": {"$ref": "#/components/schemas/PublicProgramme"}},
    "FormDefinition": record(
        name=TEXT,
        version=TEXT,
        title=TEXT,
        sample={"type": "boolean"},
        sections={"type": "array", "items": SECTION},
    ),
}
"""By name, for the document's components."""
