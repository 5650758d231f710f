"""Writes the parts of README.md that the code knows better: the map, the settings, the processes (`make readme`).

A part stands between `<!-- name -->` and `<!-- /name -->`. A test says when one is no longer what the code says.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from config.processes.procfile import parse
from config.settings import table

ROOT = Path(__file__).parent.parent.parent

FOLDERS = {
    "foundation": "What does everything stand on?",
    "server": "How do requests come in?",
    "quota": "Is there a place?",
    "accounts": "Who is it?",
    "waitingroom": "Who is next?",
    "submission": "What is applied for, written down once?",
    "casework": "What becomes of it?",
    "publicsite": "What is everybody told?",
    "evidence": "Did it hold?",
    "console": "Who steers?",
    "config": "How is it put together?",
    "loadtests": "Does it hold under load? Speaks HTTP and WebSocket only.",
}

OTHER_FILES = ("*.html", "*.js", "*.css", "*.lua", "*.toml")
"""What is no module and still decides something: pages, scripts of browsers and of Redis, data."""

COMMENT = re.compile(r"^\s*(\{#|/\*|//|--|#)\s*(.*?)\s*(#\}|\*/)?\s*$")
"""The first line of such a file, which says what it is."""

OF_SCRIPTS = re.compile(r"^ *const ([A-Z][A-Z0-9_]+) = ([\d_.]+);", re.MULTILINE)
"""The named numbers of a script for browsers."""

NAMED = re.compile(r"[A-Z][A-Z0-9_]+")

LONGEST = 120
"""Characters of a number as it is written; a longer one is a table."""


def sentence(text: str) -> str:
    """The first sentence."""
    return re.split(r"(?<=[.?!»])\s", " ".join(text.split()), maxsplit=1)[0]


def numbers(tree: ast.Module) -> list[str]:
    """The named numbers of a module, such as `MOST_SOCKETS` 3: where a rule's number stands."""
    found = []
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = node.value.elts if isinstance(node.value, ast.Tuple) and len(names) > 1 else [node.value]
        for name, value in zip(names, values, strict=False):
            text = ast.unparse(value)
            if (
                isinstance(name, ast.Name)
                and NAMED.fullmatch(name.id)
                and is_number(value)
                and len(text) <= LONGEST
            ):
                found.append(f"`{name.id}` {text}")
    return found


def is_number(value: ast.expr) -> bool:
    """A number as it is written: plain, calculated, a rate, or several with their names."""
    if isinstance(value, ast.BinOp):
        return (is_number(value.left) and is_number(value.right)) or has_number(value)
    if isinstance(value, ast.Call):
        return ast.unparse(value.func) == "Rate"
    if isinstance(value, ast.Tuple):
        return bool(value.elts) and all(is_number(one) or isinstance(one, ast.Constant) for one in value.elts)
    if isinstance(value, ast.Dict):
        return bool(value.values) and all(is_number(one) for one in value.values)
    return (
        isinstance(value, ast.Constant) and isinstance(value.value, int | float) and value.value is not True
    )


def has_number(value: ast.BinOp) -> bool:
    """A product of a number and a name."""
    sides = (value.left, value.right)
    return any(is_number(side) for side in sides) and all(
        isinstance(side, ast.Name) or is_number(side) for side in sides
    )


def told(path: Path) -> str:
    """What a file is, in a sentence; and of a module, its named numbers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tree = ast.parse(text)
        about = sentence(ast.get_docstring(tree) or "")
        named = numbers(tree)
        return f"{about} <sub>{', '.join(named)}</sub>" if named else about
    first = COMMENT.match(text.partition("\n")[0])
    about = sentence(first[2]) if first else ""
    named = [f"`{name}` {number}" for name, number in OF_SCRIPTS.findall(text)]
    return f"{about} <sub>{', '.join(named)}</sub>" if named else about


def has_code(path: Path) -> bool:
    """Whether there is more in it than a docstring."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) > 1


def files_of(folder: Path) -> Iterator[Path]:
    """The modules of a folder, then what else decides something there; then the folders in it."""
    yield from sorted(path for path in folder.glob("*.py") if path.name != "__init__.py" or has_code(path))
    for pattern in OTHER_FILES:
        yield from sorted(folder.glob(pattern))
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "versions"):
        yield from files_of(inner)


def module_map() -> list[str]:
    lines = []
    for folder, question in FOLDERS.items():
        lines += ["", f"**{folder}/** {question}", "", "| file | what |", "|---|---|"]
        for path in files_of(ROOT / folder):
            name = path.relative_to(ROOT)
            if about := told(path):
                lines.append(f"| [`{name.relative_to(folder)}`]({name}) | {about} |")
    return lines[1:]


def processes() -> list[str]:
    lines = parse((ROOT / "Procfile").read_text(encoding="utf-8"))
    rows = [f"| `{line.name}` | `{' '.join(line.command)}` | {line.sentence} |" for line in lines]
    return ["| process | command | what |", "|---|---|---|", *rows]


def written(text: str) -> str:
    """The README with its parts as the code says them now. ValueError when a part's marks are missing."""
    for name, lines in (("map", module_map()), ("settings", table()), ("processes", processes())):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        head, found, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"README.md has no part {name}")
        text = head + begin + "\n" + "\n".join(lines) + "\n\n" + end + tail
    return text


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(written(readme.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stderr.write("README.md is what the code says.\n")
