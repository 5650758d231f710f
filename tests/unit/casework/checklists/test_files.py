"""Files of the rules are read strictly: every mistake is told with file, line and key."""

from pathlib import Path

import pytest

from casework.checklists.files import ChecklistFileError, load_checklist, load_checklists
from config.settings import PROGRAMMES
from quota.programmes import load_all
from submission.forms.files import load_forms
from tests.support.forms.filled import DEMO_FORM

GOOD = """
programme = "demo"
version = "1"

[persons.principal]
section = "identity"

[[items]]
id = "passport"
title = "Passeport"
help = "Les pages utiles."
per = ["principal"]
format = "original"
address = "documents"
source = "DC-05"
when = { is = "filled", field = "passport" }
"""


def test_what_comes_with_the_program_is_right() -> None:
    """Both programmes have rules, marked as samples."""
    known = load_all(PROGRAMMES)
    found = load_checklists(PROGRAMMES / "checklists", known, load_forms(PROGRAMMES / "forms", known))
    assert set(found) == {"demo", "prtq-2016"}
    assert all(rules.sample and len(rules.digest) == 64 for rules in found.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "original"', 'format = "gold"', "line 13, key items[0].format"),
        ('help = "Les pages utiles."\n', "", "key items[0].help: is missing"),
        ('source = "DC-05"', 'source = "DC-05"\nmaybe = 1', "items[0].maybe: is not known"),
        ('field = "passport"', 'field = "identity.pasport"', "line 16, key items[0].when: identity.pasport"),
        ('address = "documents"', 'address = "mail"', "items[0].address: there is no address mail"),
        ('per = ["principal"]', 'per = ["spouse"]', "items[0].per: [persons.spouse] does not say"),
        ('section = "identity"', 'section = "person"', "the form demo has no section person"),
        ('section = "identity"', 'section = "identity"\nname = ["first"]', "identity has no field first"),
        ('source = "DC-05"', 'source = "DC-05"\nsince = 2016-02-01\nuntil = 2016-01-01', "never in force"),
        ("[[items]]", "[[addresses]]\n[[items]]", "key addresses: stands in offices/offices.toml"),
        ('version = "1"', 'version = "1"\n[days]\nreminders = [3, 14]', "the greatest first"),
        ('version = "1"', 'version = "1"\n[days]\nreminders = [90]', "a reminder comes after the list"),
        ('programme = "demo"', 'programme = "other"', "key programme: the file is called demo.toml"),
        ('programme = "demo"', 'programme = "demo"\ndigest = "x"', "is worked out, not written"),
        ('programme = "demo"', "programme = ", "not valid TOML"),
        ("[[items]]", "[items]", "write [[items]] tables"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "demo.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ChecklistFileError) as refused:
        load_checklist(path, [DEMO_FORM], load_all(PROGRAMMES)["demo"].offices)
    assert str(path) in str(refused.value) and said in str(refused.value), refused.value


def test_two_rules_of_one_name_are_not_in_force_at_once(tmp_path: Path) -> None:
    """One after the other they may be: that is how a rule changes (DC-06)."""
    path, item = tmp_path / "demo.toml", GOOD[GOOD.index("[[items]]") :]
    path.write_text(GOOD + "until = 2015-10-25\n" + item + "since = 2015-10-26\n", encoding="utf-8")
    assert len(load_checklist(path, [DEMO_FORM], load_all(PROGRAMMES)["demo"].offices).items) == 2
    path.write_text(GOOD + item, encoding="utf-8")
    with pytest.raises(ChecklistFileError, match=r"items\[1\]\.id: two of the id passport"):
        load_checklist(path, [DEMO_FORM], load_all(PROGRAMMES)["demo"].offices)


def test_rules_of_a_programme_that_there_is_not_are_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ChecklistFileError, match="there is no programme demo"):
        load_checklists(tmp_path, {}, load_forms(PROGRAMMES / "forms"))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_bytes(b"\xff")
    with pytest.raises(ChecklistFileError, match="UTF-8"):
        load_checklist(tmp_path / "demo.toml", [DEMO_FORM], ())
