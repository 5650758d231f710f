"""Form files: read strictly, with file, line, key and reason of what is wrong; and which programme uses which."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from config.settings import PROGRAMMES
from quota.programmes import load_all
from submission.forms.files import FormFileError, Forms, load_form, load_forms, narrowed
from tests.support.forms.small import SHIPPED, field, form, section, text

SMALL = text(section("a", field("b"), field("c", "number")))


def refused(folder: Path, content: str, name: str = "essai.1.toml") -> str:
    path = folder / name
    path.write_text(content, "utf-8")
    with pytest.raises(FormFileError) as raised:
        load_form(path)
    return str(raised.value).replace(str(path), "FILE")


def line_of(content: str, part: str) -> int:
    return next(n for n, line in enumerate(content.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('type = "number"', 'type = "nombre"', "sections[0].fields[1].type", "Invalid enum value 'nombre'"),
        ('help = "Aide de la section."', "", "sections[0].help", "is missing"),
        ('label = "Question c"\n', "", "sections[0].fields[1].label", "is missing"),
        ('label = "Question c"', 'label = "x"\nlabl = "y"', "sections[0].fields[1].labl", "is not known"),
        (
            'label = "Question c"',
            'label = "x"\nwhen = { is = "fil" }',
            "sections[0].fields[1].when.is",
            "Invalid value",
        ),
        ("further_periods = 2", "further_periods = 20", "retention.further_periods", "<= 10"),
        ('name = "essai"', 'name = "autre"', "name", "it must be autre.1.toml"),
        ("since = 2016-01-01", 'since = "hier"', "since", "Invalid"),
    ],
    ids=[str(n) for n in range(8)],
)
def test_a_mistake_has_file_line_key_and_reason(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    """So that whoever wrote it finds it."""
    assert old in SMALL
    content = SMALL.replace(old, new)
    sentence = refused(tmp_path, content)
    assert sentence.startswith("FILE: line ")
    assert f"key {key}: " in sentence
    assert reason in sentence


def test_the_line_is_the_keys(tmp_path: Path) -> None:
    """Of a key that is missing it is that of its table."""
    content = SMALL.replace('type = "number"', 'type = "nombre"')
    assert f"line {line_of(content, 'nombre')}, " in refused(tmp_path, content)
    assert "line 17, " in refused(tmp_path, SMALL.replace('label = "Question b"\n', ""))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """A line for each."""
    content = text(section("a", field("b"), field("b"), field("c"), field("c")))
    assert len(refused(tmp_path, content).splitlines()) == 4


def test_what_is_no_form_file_is_refused(tmp_path: Path) -> None:
    """No TOML, no text, no sections, no file."""
    assert "not valid TOML" in refused(tmp_path, "name = ")
    assert "sections: is missing" in refused(tmp_path, text())
    (tmp_path / "essai.1.toml").write_bytes(b"\xff")
    with pytest.raises(FormFileError, match="UTF-8"):
        load_form(tmp_path / "essai.1.toml")
    with pytest.raises(FormFileError, match="cannot be read"):
        load_form(tmp_path / "nowhere.1.toml")


def test_every_form_that_is_shipped_is_read_for_every_programme() -> None:
    """With all checks."""
    programmes = load_all(PROGRAMMES)
    forms = load_forms(SHIPPED, programmes)
    assert len(forms.every()) == len(list(SHIPPED.glob("*.toml")))
    assert all(forms.newest(id, date(2016, 6, 13)) for id in programmes)


def test_a_programme_without_its_form_is_refused() -> None:
    """Also one that asks for a section that its form does not have."""
    demo = load_all(PROGRAMMES)["demo"]
    nowhere = msgspec.structs.replace(demo, draft=msgspec.structs.replace(demo.draft, form="nowhere"))
    with pytest.raises(FormFileError, match="uses the form nowhere"):
        load_forms(SHIPPED, {"demo": nowhere})
    more = msgspec.structs.replace(
        demo, draft=msgspec.structs.replace(demo.draft, sections=("identity", "shoes"))
    )
    with pytest.raises(FormFileError, match="section shoes"):
        load_forms(SHIPPED, {"demo": more})


def test_the_newest_version_is_that_of_the_day() -> None:
    """By number, not by spelling; one whose day has not come is not there yet, and can be had by its version."""
    first = form(section("a", field("b")))
    tenth = msgspec.structs.replace(first, version="10", since=date(2017, 1, 1))
    ninth = msgspec.structs.replace(first, version="9", since=date(2016, 6, 1))
    forms = Forms([tenth, first, ninth], {"programme": "essai"})
    assert forms.newest("programme", date(2016, 5, 31)) is first
    assert forms.newest("essai", date(2016, 6, 1)) is ninth
    assert forms.newest("essai", date(2017, 1, 1)) is tenth
    assert forms.get("programme", "10") is tenth
    assert [one.version for one in forms.every()] == ["1", "9", "10"]
    with pytest.raises(LookupError):
        forms.newest("essai", date(2015, 1, 1))
    with pytest.raises(LookupError):
        forms.get("nowhere", "1")
    with pytest.raises(LookupError):
        forms.get("essai", "2")


def test_a_programme_may_ask_for_fewer_sections() -> None:
    """The form with these alone; the same value each time, as what follows from it is kept."""
    whole = form(section("a", field("b")), section("c", field("d")))
    assert narrowed(whole, ()) is whole
    assert narrowed(whole, ("c", "a", "x")) is whole
    fewer = narrowed(whole, ("c",))
    assert [one.id for one in fewer.sections] == ["c"]
    assert narrowed(whole, ("c",)) is fewer
