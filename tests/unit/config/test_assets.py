"""Templates and static files of all features, put together."""

from collections import Counter
from importlib.resources import files

from config.assets import FEATURES, STATIC, is_there, missing, named, renderer, templates


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
    assert {"base.css", "room.js", "operator.js"} <= named()
    assert missing() == []
    assert not is_there("no such file")
