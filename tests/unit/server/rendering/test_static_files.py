"""Static files of all features under one address each, with a hash of what they hold."""

import re
from collections import Counter

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from config.assets import FEATURES, STATIC
from server.rendering.static_files import Static
from tests.support.places import ROOT


def test_a_name_stands_in_one_folder_only() -> None:
    """To browsers all folders are one; a second file of a name would never be seen. The same for templates."""
    for kind in ("static", "templates"):
        folders = [ROOT / feature.replace(".", "/") / kind for feature in FEATURES]
        names = Counter(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())
        assert {name for name, count in names.items() if count > 1} == set()


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


@pytest.mark.parametrize(
    ("query", "status", "kept"),
    [
        ("?{right}", 200, "public, max-age=31536000, immutable"),
        ("?v=0123456789", 200, "no-cache"),
        ("?{right}&x", 200, "no-cache"),
        ("", 200, "no-cache"),
    ],
)
async def test_only_the_right_hash_is_kept_for_a_year(query: str, status: int, kept: str) -> None:
    """A process of the release before, asked for a file of the next one, gives what it has: nobody may keep that."""
    app = Starlette(routes=[Mount("/static", Static(STATIC))])
    right = STATIC.address("base.css").partition("?")[2]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        answer = await client.get(f"/static/base.css{query.format(right=right)}")
    assert (answer.status_code, answer.headers["cache-control"]) == (status, kept)
