"""The record as CSV: what a spreadsheet opens, and would not run."""

import csv
import io

import pytest

from console.record.spreadsheet import COLUMNS, MARK, SEPARATOR, cell, header, lines
from tests.unit.console.record.test_words import line


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"), ("+33", "'+33"), ("-2", "'-2"), ("@sum", "'@sum"), ("\tx", "'\tx"), ("\r=x", "'\r=x"),
        (" =cmd()", "' =cmd()"), ("%0A", "'%0A"), ("agnes", "agnes"), ("", ""), (None, ""), (12, "12"),
        ({"a": "=1"}, '{"a":"=1"}'), ({}, ""),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(value: object, shown: str) -> None:
    """Whatever somebody typed as a reason, a notice or a name stands there as text."""
    assert cell(value) == shown


def test_it_reads_back_as_it_was_written() -> None:
    """Separators, quotes and line ends within a cell included."""
    text = header() + lines(
        [line(reason='a;b "c"\nd', after={"text": "été; =x"}), line(actor="=HYPERLINK()")]
    )
    assert text.startswith(MARK)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(MARK)), delimiter=SEPARATOR))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["reason"] == 'a;b "c"\nd'
    assert rows[0]["after"] == '{"text":"été; =x"}'
    assert (rows[0]["at"], rows[0]["act_fr"]) == ("2026-06-13T16:00:00.000Z", "Rythme")
    assert rows[1]["actor"] == "'=HYPERLINK()"
