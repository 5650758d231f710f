"""The form of a broadcast is read whole: every fault at its field."""

from types import SimpleNamespace
from typing import Any

import pytest

from casework.files.states import FileStatus
from casework.mailbox.audiences import Audience, AudienceKind
from console.broadcasts.forms import audience_words, number_in, read, typed_of
from foundation.errors import Refusal

TYPED = {"title": "Titre", "text": "Texte", "kind": "applicants", "programme": "demo", "status-paid": "1"}


def test_what_is_read_is_typed_again_the_same() -> None:
    said, audience = read(TYPED, ["demo"])
    assert audience == Audience(kind=AudienceKind.APPLICANTS, programme="demo", statuses=(FileStatus.PAID,))
    assert typed_of(said, audience) == TYPED | {"period": ""}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"title": "", "kind": "nobody"}, ["title", "kind"]),
        ({"programme": "other"}, ["programme"]),
        ({"kind": "everybody"}, ["kind"]),
        ({"kind": "account_only", "status-paid": "", "period": "p"}, ["kind"]),
    ],
)
def test_every_fault_is_said_at_once(typed: dict[str, str], wrong: list[str]) -> None:
    """And filters that do not go together are refused, not dropped."""
    with pytest.raises(Refusal) as refused:
        read(TYPED | typed, ["demo"])
    assert [field["name"] for field in refused.value.fields["fields"]] == wrong


def test_an_audience_is_said_in_words() -> None:
    programmes: Any = {"demo": SimpleNamespace(name="Démonstration")}
    paid = Audience(kind=AudienceKind.APPLICANTS, programme="demo", period="p", statuses=(FileStatus.PAID,))
    assert audience_words(paid, programmes, {"p": "période 1"})[1:] == [
        "Programme : Démonstration", "Période : période 1", "Statut : Payée, dossier ouvert",
    ]  # fmt: skip
    assert len(audience_words(Audience(kind=AudienceKind.EVERYBODY), programmes, {})) == 1


@pytest.mark.parametrize("text", ["", "-1", "1e3", "٣", "9" * 30])
def test_a_number_that_is_none_is_nobodys(text: str) -> None:
    assert number_in({"version": text}, "version") == 0
