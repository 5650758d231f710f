"""What is wrong with a body is named, also in a mapping whose keys are the client's."""

import msgspec
import pytest

from server.reading.wrong_values import told


class Sections(msgspec.Struct):
    """A body as drafts have it."""

    version: int
    answers: dict[str, str | list[dict[str, str]]]


def wrong(raw: bytes) -> tuple[str, str]:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(raw, type=Sections)
    return told(raw, Sections, str(refused.value))


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b'{"version":1,"answers":{"a":"x","city":5,"z":6}}', "answers.city", "un texte"),
        (b'{"version":1,"answers":{"a":"x","members":[{"key":"a"},{"key":"b","n":5}]}}', "answers.members[1].n",
         "un texte"),
        (b'{"version":1,"answers":{"members":["x"]}}', "answers.members[0]", "un objet"),
        (b'{"version":1,"answers":{"a.b":5}}', "answers.a.b", "un texte"),
        (b'{"version":1,"answers":{"a.b":[{"c":1}]}}', "answers[...][0][...]", "un texte"),
        (b'{"version":"1","answers":{"a":5}}', "version", "un nombre entier"),
        (b'{"answers":{}}', "version", "obligatoire"),
        (b"[]", "", "un objet"),
    ],
)  # fmt: skip
def test_the_field_is_named(raw: bytes, name: str, says: str) -> None:
    """By its path; what no path can say stays as msgspec has it. The value is never told."""
    found, reason = wrong(raw)
    assert (found, says in reason) == (name, True)


def test_a_body_of_many_keys_is_no_work() -> None:
    """Each is looked at alone, once."""
    keys = b",".join(b'"k%d":"x"' % n for n in range(5_000))
    assert wrong(b'{"version":1,"answers":{%s,"bad":5}}' % keys)[0] == "answers.bad"
