"""The file of the paper register."""

import pytest

from accounts.linkage.paper_register import COLUMNS, LONGEST_CELL, read_register

HEAD = ",".join(COLUMNS)

GOOD = f"{HEAD}\nP-1,N’Diaye,Awa,1990-02-23,AB1\nP-2,,Suharto,1990-02-24,\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
def test_a_register_is_read(separator: str, mark: str) -> None:
    """Comma, semicolon or tab, with or without a byte order mark; one name and no passport are enough."""
    found, wrong = read_register(mark + GOOD.replace(",", separator))
    assert wrong == []
    assert [line.reference for line in found] == ["P-1", "P-2"]
    assert found[0].record.identity.passport == "AB1"


WRONG = {
    "a column is missing": ("reference,family_name\nP-1,A\n", 1, "birth_date"),
    "no reference": (f"{HEAD}\n,A,B,1990-02-23,\n", 2, "reference"),
    "no name": (f"{HEAD}\nP-1,\u200b,,1990-02-23,\n", 2, "name"),
    "no date": (f"{HEAD}\nP-1,A,B,23/02/1990,\n", 2, "birth_date"),
    "too few cells": (f"{HEAD}\nP-1,A\n", 2, "cells"),
    "too many cells": (f"{HEAD}\nP-1,A,B,1990-02-23,,x\n", 2, "cells"),
    "a cell too long": (f"{HEAD}\nP-1,{'A' * (LONGEST_CELL + 1)},B,1990-02-23,\n", 2, "longer"),
    "nothing": ("", 1, "missing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_line(case: str) -> None:
    """And without the line's own text."""
    text, line, word = WRONG[case]
    found, wrong = read_register(text)
    assert found == []
    assert [one.line for one in wrong] == [line]
    assert word in str(wrong[0])
    assert "23/02" not in str(wrong[0])
