"""Writes the parts of README.md that the code knows better: the map, the settings, the processes (`make readme`).

A part stands between `<!-- name -->` and `<!-- /name -->`. A test says when one is no longer what the code says.
"""

import ast
import re
import sys
from pathlib import Path

from config.processes.procfile import parse
from config.settings import table

ROOT = Path(__file__).parent.parent.parent

PACKAGES = {
    "quota": "Is there a place?",
    "waitingroom": "Who is next?",
    "submission": "Write it down once.",
    "config": "How is it put together?",
    "loadtests": "Does it hold? Speaks HTTP and WebSocket only.",
}


def first_sentence(path: Path) -> str:
    """The first sentence of a module's docstring: what the module is."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.?!])\s", text.replace("\n", " "), maxsplit=1)[0]


def module_map() -> list[str]:
    lines = []
    for package, answers in PACKAGES.items():
        lines += ["", f"**{package}/** {answers}", "", "| module | what |", "|---|---|"]
        for path in sorted((ROOT / package).glob("*.py")):
            if path.name != "__init__.py":
                lines.append(f"| [`{path.name}`]({package}/{path.name}) | {first_sentence(path)} |")
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
