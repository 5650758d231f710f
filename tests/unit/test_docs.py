"""What the documents say of the code is what the code does."""

import importlib.util
import re
import tomllib
from types import ModuleType
from typing import Any

import click
import pytest

from config.cli import main
from tests.support.places import ROOT

CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def readme_writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "docs" / "tools" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_is_what_the_code_says() -> None:
    """Map, settings and processes: every one of them, none more. `make readme` writes them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme_writer().written(text) == text, "run `make readme`"


def commands(group: click.Group, before: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        found |= commands(command, words) if isinstance(command, click.Group) else {words}
    return found


def documented_commands() -> set[str]:
    """`guichet a b / c` in the contract's table stands for `a b` and `a c`."""
    found: set[str] = set()
    table = CONTRACT.partition("## Command line")[2]
    for row in re.findall(r"^\| (`guichet .*?) \|", table, re.MULTILINE):
        for text in re.findall(r"`guichet ([^`\[]*)", row):
            first, *others = [part.strip() for part in text.split(" / ")]
            words = [
                word
                for word in first.split()
                if not word.startswith("-") and word.islower() and word.replace("-", "").isalpha()
            ]
            found.add(" ".join(words))
            found |= {" ".join([*words[:-1], other]) for other in others}
    return found


def test_the_contract_has_every_command_and_none_more() -> None:
    """What the command line offers is what the contract promises."""
    assert documented_commands() == commands(main)


def test_the_demo_has_the_options_of_the_contract() -> None:
    """Each option and its default."""
    (row,) = re.findall(r"`guichet demo ([^`]*)`", CONTRACT)[:1]
    documented = dict(re.findall(r"\[(--[a-z-]+) ?([^\]]*)\]", row))
    options = {option.opts[0]: option for option in main.commands["demo"].params}
    assert set(documented) == set(options)
    for name in ("--cap", "--accounts", "--crowd", "--token-seconds"):
        assert str(options[name].default) == documented[name]


def names_of(requirements: list[str]) -> set[str]:
    """As an index writes them (PEP 503)."""
    names = (re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in requirements)
    return {re.sub(r"[._-]+", "-", name).lower() for name in names}


def test_every_dependency_has_its_reason_and_a_place_in_the_lock() -> None:
    """docs/dependencies.md and the lock have each of them; the page has none more."""
    groups = PROJECT["dependency-groups"]
    service = names_of(PROJECT["project"]["dependencies"])
    others = names_of(
        [*PROJECT["project"]["optional-dependencies"]["load"], *groups["dev"], *groups["build"]]
    )
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == service | others
    run, dev = locked("run"), locked("dev")
    assert service | names_of(groups["build"]) <= set(run)
    assert service | others <= set(dev)
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_lock_has_hashes_and_names_no_host(name: str) -> None:
    """Whoever installs decides where from; the hashes decide what."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    """Where to read, where to change what, and the map: each file is there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([^)#:]+)\)", text))
    assert len(links) > 200
    assert sorted(link for link in links if not (ROOT / link).exists()) == []
