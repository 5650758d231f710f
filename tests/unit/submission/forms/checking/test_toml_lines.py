"""On which line a key of a TOML file stands."""

import pytest

from submission.forms.checking.toml_lines import KeyPath, TomlLines

TEXT = '''# a remark = 1
name = "x"
[table]
a.b = 1
"quoted key" = 2

[[rows]]
id = "one"
text = """
id = "not a key"
"""
list = [
  "[[rows]]",  # neither
  { id = "nor this" },
]
last = 'it''

[[rows]]
[rows.inner]
deep = [[1, 2],
  [3]]
[[rows.cells]]  # a [remark]
id = 7
'''.replace("'it''", "'it'")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("table",), 3),
        (("table", "a", "b"), 4),
        (("table", "quoted key"), 5),
        (("rows", 0), 7),
        (("rows", 0, "id"), 8),
        (("rows", 0, "list"), 12),
        (("rows", 0, "list", "unknown"), 12),
        (("rows", 0, "last"), 16),
        (("rows", 1), 18),
        (("rows", 1, "inner", "deep"), 20),
        (("rows", 1, "cells", 0, "id"), 23),
        (("rows", 1, "cells", 0, "missing"), 22),
        (("nowhere",), 1),
    ],
    ids=[str(n) for n in range(14)],
)
def test_the_line_of_a_key(path: KeyPath, line: int) -> None:
    """Texts and arrays of several lines hold no keys; what has no line of its own has that of what is around it."""
    assert TomlLines(TEXT).of(path) == line
