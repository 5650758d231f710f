"""Templates and static files of all features, put together."""

import re
from collections import Counter
from importlib.resources import files

from config.assets import BUNDLES, FEATURES, STATIC, is_there, missing, named, renderer, templates
from server.rendering.static_files import folder_of
from waitingroom.states import ICONS


def test_a_name_stands_in_one_feature_only() -> None:
    """Two templates of one name would hide each other, whichever came first."""
    named = Counter(
        entry.name
        for feature in FEATURES
        if (folder := files(feature) / "templates").is_dir()
        for entry in folder.iterdir()
    )
    assert [name for name, times in named.items() if times > 1] == []


def test_every_feature_brings_something() -> None:
    """A feature without templates and static files has nothing to be listed for."""
    empty = [
        feature
        for feature in FEATURES
        if not any((files(feature) / folder).is_dir() for folder in ("templates", "static"))
    ]
    assert empty == []


def test_every_template_is_one() -> None:
    """Each is found by its name and can be read by the engine."""
    environment = templates()
    names = [name for name in environment.list_templates() if name.endswith(".html")]
    assert "operator.html" in names
    for name in names:
        environment.get_template(name)


def test_the_environment_is_made_once() -> None:
    """Pages of all features share it, and with it what was compiled."""
    assert templates() is templates()
    assert callable(renderer())
    assert STATIC.path("base.css").is_file()


def test_the_files_that_pages_name_are_known() -> None:
    """By reading the templates: a file that a page asks for and that is gone is found before a person finds it."""
    assert {"base.css", "room-page.js", "operator.js"} <= named()
    assert missing() == []
    assert not is_there("no such file")


def test_no_script_is_left_that_no_page_asks_for() -> None:
    """Each is named by a template, or is a part of what one names; and every part is there."""
    parts = {part for made_of in BUNDLES.values() for part in made_of}
    assert all(is_there(part) for part in parts)
    there = {one.name for feature in FEATURES for one in folder_of(feature).glob("*.js")}
    assert there - parts <= named()


def drawing(shape: str) -> str:
    return str(templates().get_template("icons.html").module.drawing(shape)).strip()  # type: ignore[attr-defined]


def test_every_state_has_a_favicon_of_its_own_shape() -> None:
    """Without colours no two are alike, and none is the logo."""
    shapes = {re.sub(r"#[0-9a-f]+", "", drawing(shape)) for shape in {*ICONS.values(), "guichet"}}
    assert len(shapes) == len(set(ICONS.values())) + 1


def test_the_favicons_of_the_script_are_those_of_the_pages() -> None:
    """The two are written twice, so that neither asks for a file."""
    script = STATIC.path("room_parts.js").read_text(encoding="utf-8")
    table = script.partition("const ICONS = {")[2].partition("};")[0]
    found = re.findall(r"""(\w+): (plate\()?"(.*?)"(?:, "(#\w+)")?\)?,\n""", table)
    assert {"waiting", "soon", "paused", "called", "lost", "over", "open"} == {name for name, *_ in found}
    for name, on_plate, inner, colour in found:
        plate = f"<rect width='32' height='32' rx='7' fill='{colour or '#124e78'}'/>" if on_plate else ""
        assert plate + inner == drawing(name)
