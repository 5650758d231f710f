"""The recipes of `docs/howto/` are true: what they show is what the code takes, and every file they name is there."""

import re
import tomllib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from casework.checklists.files import load_checklist
from config.settings import PROGRAMMES
from quota.programmes import load, load_all
from server.problems import load_table
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.forms.files import FormFileError, load_form
from tests.support.forms.filled import DEMO_FORM
from tests.support.places import ROOT

HOWTO = ROOT / "docs" / "howto"

RECIPES = sorted(path.name for path in HOWTO.glob("*.md"))

TO_COME = frozenset({"dist/guichet-VERSION-py3-none-any.whl"})
"""Named as what a command writes."""

DEMO_OFFICES = load_all(PROGRAMMES)["demo"].offices


def text(name: str) -> str:
    return (HOWTO / name).read_text("utf-8")


def snippet(name: str, language: str) -> str:
    """The first block of this language in a recipe, without the indentation of its list."""
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", text(name), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name} shows no {language}"
    return re.sub(rf"^{found[1]}", "", found[2], flags=re.MULTILINE)


@pytest.mark.parametrize("name", RECIPES)
def test_every_file_a_recipe_names_is_there(name: str) -> None:
    """Paths in code marks lead somewhere; a placeholder in angle brackets stands for any folder."""
    named = set(re.findall(r"`([a-z][\w./-]*/[\w./-]*)`", text(name))) - TO_COME
    missing = {path for path in named if not (ROOT / path).exists() and not (ROOT / f"{path}.py").exists()}
    local = {path for path in missing if path in {"templates/", "static/"}}
    assert missing - local == set()


@pytest.mark.parametrize("name", RECIPES)
def test_links_between_recipes_lead_somewhere(name: str) -> None:
    """Every link to a file of ours leads to one."""
    links = re.findall(r"\]\(([^)#:]+)\)", text(name))
    assert [link for link in links if not (HOWTO / link).exists()] == []


def test_every_recipe_is_in_the_list() -> None:
    """The list names each recipe once."""
    assert sorted(re.findall(r"\]\(([\w-]+\.md)\)", text("README.md"))) == sorted(
        set(RECIPES) - {"README.md"}
    )


def test_the_programme_of_the_recipe_is_read(tmp_path: Path) -> None:
    """It is a whole programme file."""
    path = tmp_path / "entrepreneurs-2027.toml"
    path.write_text(snippet("new-programme.md", "toml"), encoding="utf-8")
    programme = load(path)
    assert programme.cap.total == 550
    assert programme.id == "entrepreneurs-2027"


def test_a_misspelt_rule_of_it_would_be_refused(tmp_path: Path) -> None:
    """Twin: with one key misspelt it is refused by file and key."""
    path = tmp_path / "entrepreneurs-2027.toml"
    path.write_text(snippet("new-programme.md", "toml").replace("seconds", "secnods"), encoding="utf-8")
    with pytest.raises(Exception, match=r"entrepreneurs-2027\.toml.*secnods"):
        load(path)


def test_the_form_of_the_recipe_is_read(tmp_path: Path) -> None:
    """It is a whole form file, and its rule switches itself on by date."""
    path = tmp_path / "exemple.1.toml"
    path.write_text(snippet("new-form.md", "toml"), encoding="utf-8")
    form = load_form(path)
    answers: Answers = {"person": {"born": "1985-03-27", "test": "tef", "test_date": "2014-01-01"}}
    assert evaluate(form, answers, date(2016, 3, 31)).is_complete
    assert list(evaluate(form, answers, date(2016, 4, 1)).errors) == ["person.test_date"]


def test_a_mistake_in_that_form_would_be_refused(tmp_path: Path) -> None:
    """Twin: with one name misspelt it is refused by file, line and key."""
    path = tmp_path / "exemple.1.toml"
    wrong = snippet("new-form.md", "toml").replace('field = "test", values', 'field = "tset", values')
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(
        FormFileError, match=r"exemple\.1\.toml: line \d+, key sections\[0\]\.fields\[2\]\.when.*tset"
    ):
        load_form(path)


def test_the_refusal_of_the_recipe_is_a_row_of_the_table() -> None:
    """Status, title, reason and remedy, and nothing else."""
    table = load_table(snippet("new-refusal.md", "toml"))
    assert {entry.status for entry in table.values()} == {410}
    assert tomllib.loads(snippet("new-refusal.md", "toml")).keys() == table.keys()


def test_the_body_of_the_recipe_is_read_strictly() -> None:
    """The struct of the new call takes its text and refuses a longer one."""
    from typing import Annotated

    from msgspec import Meta

    names: dict[str, object] = {"msgspec": msgspec, "Annotated": Annotated, "Meta": Meta}
    exec(snippet("new-call.md", "python"), names)
    wish = names["Wish"]
    assert isinstance(wish, type)
    assert msgspec.json.decode(b'{"text": "a"}', type=wish) == wish(text="a")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"text": "a" * 201}), type=wish)


def test_the_list_of_the_recipe_is_read(tmp_path: Path) -> None:
    """As it stands, for the form of the demo."""
    path = tmp_path / "demo.toml"
    path.write_text(snippet("new-checklist.md", "toml"), encoding="utf-8")
    assert load_checklist(path, [DEMO_FORM], DEMO_OFFICES).items[0].give_back
