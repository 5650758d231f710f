"""Static files of all features under one address each, with a hash of what they hold."""

import re
from collections import Counter

import pytest

from config.assets import FEATURES, STATIC
from foundation.errors import Refusal
from server.rendering.compression import Coding
from server.rendering.static_files import StaticFiles, smaller
from server.requests import Answer, Incoming
from tests.support.places import ROOT
from tests.unit.server.rendering.test_compression import read


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


def asked(name: str = "base.css", query: str = "", **headers: str) -> Answer:
    """What the handler answers."""
    answers: list[Answer | Exception] = []
    pairs = [(key.replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
    scope = {"path": f"/static/{name}", "query_string": query.encode(), "headers": pairs}
    StaticFiles(STATIC).handle(Incoming(scope, parameters={"name": name}), answers.append)
    (answer,) = answers
    assert isinstance(answer, Answer)
    return answer


def headers_of(answer: Answer) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in (*answer.kind, *answer.headers)}


RIGHT = STATIC.address("base.css").partition("?")[2]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (RIGHT, "public, max-age=31536000, immutable"),
        ("v=0123456789", "no-cache"),
        (f"{RIGHT}&x", "no-cache"),
        ("", "no-cache"),
    ],
)
def test_only_the_right_hash_is_kept_for_a_year(query: str, kept: str) -> None:
    """A process of the release before, asked for a file of the next one, gives what it has: nobody may keep that."""
    answer = asked(query=query)
    assert (answer.status, headers_of(answer)["cache-control"]) == (200, kept)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip"])
def test_each_coding_is_the_same_file_with_a_tag_of_its_own(coding: str) -> None:
    """A proxy that keeps them keeps them apart."""
    answer, plain = asked(accept_encoding=coding), asked()
    headers = headers_of(answer)
    assert (headers["content-encoding"], headers["vary"]) == (coding, "accept-encoding")
    assert headers["etag"] == f'"{headers_of(plain)["etag"][1:-1]}-{coding}"'
    assert len(answer.body) < len(plain.body) / 2
    assert read(answer.body, Coding(coding)) == plain.body


def test_a_style_and_a_script_are_smaller_and_say_the_same() -> None:
    """Without comments; what `/*!` says stays, as licences do."""
    assert b"/*" not in asked().body
    assert smaller(b"/*! MIT */ a  =  1; // why", ".js") == b"/*! MIT */a=1;"
    assert smaller(b"a { b : c ; }", ".css") == b"a{b:c}"


def within(style: bytes) -> list[str]:
    """Where a selector goes on, behind a blank, with « what is hovered, focused… inside of it »."""
    bare = re.sub(r"/\*.*?\*/", "", style.decode(), flags=re.DOTALL)
    selectors = (" ".join(each.split()) for each in re.findall(r"[^{};]*(?=\{)", bare))
    return [found for selector in selectors for found in re.findall(r"[^\s{}():,>+~] :[\w-]+", selector)]


def test_no_selector_becomes_another_one() -> None:
    """rcssmin takes the blank out in layers, containers, scopes and nested rules
    (`findings/rcssmin-joins-a-descendant-in-layers.sh`); `ul *:focus` says the same everywhere."""
    for path in (path for folder in STATIC.folders for path in folder.glob("*.css")):
        style = path.read_bytes()
        assert within(smaller(style, ".css")) == within(style), path.name
    lost = b"@layer page { ul :focus { color: red } }"
    assert within(lost) == ["l :focus"] and within(smaller(lost, ".css")) == []
    assert within(smaller(b"ul :focus { color: red }", ".css")) == ["l :focus"]


@pytest.mark.parametrize(
    "tag", ["*", "{tag}", "W/{tag}", '"other", {tag}', "{gzip}", "{tag}" + ', "x"' * 400]
)
def test_a_client_that_has_it_is_told_so(tag: str) -> None:
    """In whichever coding it has it, and however much it says."""
    plain, gzip = (headers_of(asked(accept_encoding=coding))["etag"] for coding in ("", "gzip"))
    answer = asked(if_none_match=tag.format(tag=plain, gzip=gzip), query=RIGHT)
    assert (answer.status, answer.body) == (304, b"")
    assert headers_of(answer) == {
        "cache-control": "public, max-age=31536000, immutable", "etag": plain, "vary": "accept-encoding",
    }  # fmt: skip


@pytest.mark.parametrize("tag", ["", '"other"', "base.css", '"' + "x" * 1000 + '"'])
def test_a_client_that_has_another_gets_it(tag: str) -> None:
    """And nonsense is no copy."""
    assert asked(if_none_match=tag).status == 200


def test_a_part_is_one_of_the_file_as_it_is() -> None:
    """Also for a client that takes codings: players of sounds do."""
    answer = asked("call.wav", range="bytes=0-3", accept_encoding="br")
    assert (answer.status, answer.body) == (206, b"RIFF")
    assert headers_of(answer)["content-range"] == f"bytes 0-3/{len(asked('call.wav').body)}"
    assert "content-encoding" not in headers_of(answer)


def test_a_part_of_something_else_is_no_part() -> None:
    """`If-Range`: of the same file a part, of another the whole."""
    tag = headers_of(asked())["etag"]
    assert asked(range="bytes=0-3", if_range=tag).status == 206
    assert asked(range="bytes=0-3", if_range='"other"').status == 200


def test_behind_the_end_there_is_no_part() -> None:
    """416, which no cache keeps."""
    answer = asked(range="bytes=999999-")
    assert answer.status == 416
    assert headers_of(answer) == {
        "cache-control": "no-store",
        "content-range": f"bytes */{len(asked().body)}",
    }


@pytest.mark.parametrize("name", ["nothing.css", "..", "base.css ", "BASE.CSS", ".", "%2e%2e"])
def test_only_a_name_of_ours_is_a_file(name: str) -> None:
    """There is no path to leave."""
    with pytest.raises(Refusal):
        asked(name)
