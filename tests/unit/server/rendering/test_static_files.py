"""Static files of all features under one address each, with a hash of what they hold."""

import re
from collections import Counter

import pytest

from config.assets import FEATURES, STATIC
from tests.support.places import ROOT


def test_a_name_stands_in_one_folder_only() -> None:
    """To browsers all folders are one; a second file of a name would never be seen. The same for templates."""
    for kind in ("static", "templates"):
        folders = [ROOT / feature.replace(".", "/") / kind for feature in FEATURES]
        names = Counter(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())
        assert {name for name, count in names.items() if count > 1} == set()


MOVING = re.compile(r"(font|width|height|padding|margin|border|letter-spacing|display|position|inset)\b")
"""Properties that change where things stand; `border-color` does not."""


def test_nothing_moves_under_the_mouse() -> None:
    """A rule for what is hovered changes colours and lines, never a size: a button that grows escapes the click."""
    hovered = {
        (path.name, rule["selector"].strip()): rule["body"]
        for folder in STATIC.folders
        for path in folder.glob("*.css")
        for rule in re.finditer(
            r"(?P<selector>[^{}]*:hover[^{}]*)\{(?P<body>[^{}]*)\}", path.read_text("utf-8")
        )
    }
    assert hovered
    for place, body in hovered.items():
        names = [declared.split(":")[0].strip() for declared in body.split(";")]
        assert not [name for name in names if MOVING.match(name) and not name.endswith("-color")], place


def test_every_folder_of_assets_is_served() -> None:
    """A feature with templates or static files is in the list."""
    kept = {
        path.parent for kind in ("templates", "static") for path in ROOT.glob(f"*/**/{kind}") if path.is_dir()
    }
    holding = (folder for folder in kept if ".venv" not in folder.parts)
    ours = {str(folder.relative_to(ROOT)).replace("/", ".") for folder in holding}
    assert ours - {"tests"} == set(FEATURES)


def test_an_address_changes_with_what_it_holds() -> None:
    """So that browsers may keep it for a year."""
    assert re.fullmatch(r"/static/base\.css\?v=[0-9a-f]{10}", STATIC.address("base.css"))


def test_a_file_that_is_not_there_is_an_error() -> None:
    """At the first rendering, not in somebody's browser."""
    with pytest.raises(FileNotFoundError):
        STATIC.address("missing.css")
