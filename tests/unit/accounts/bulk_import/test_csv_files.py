"""CSV as people's programs write it: what is read of it, and what is said of the rest by line."""

from pathlib import Path

import pytest

from accounts.bulk_import import csv_files
from accounts.bulk_import.csv_files import AccountFileError, CsvFile

KNOWN = ("username", "password", "identity.birth_date", "training.diploma")

REQUIRED = ("username", "password")


def read(path: Path, content: str | bytes) -> CsvFile:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return csv_files.read(path, KNOWN, REQUIRED, lambda name: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
@pytest.mark.parametrize("said", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_table_is_one_however_it_was_saved(
    path: Path, separator: str, mark: str, said: bool, end: str
) -> None:
    """Comma, semicolon or tab, with or without a byte order mark and `sep=`, with any end of a line."""
    lines = [separator.join(("username", "password")), separator.join(('"awa, b; c\td"', "é"))]
    text = mark + end.join([*([f"sep={separator}"] if said else []), *lines]) + end
    (row,) = read(path, text).rows
    assert row.cells == {"username": "awa, b; c\td", "password": "é"}
    assert row.line == (3 if said else 2)


def test_unicode_text_of_a_spreadsheet_is_read(path: Path) -> None:
    """UTF-16 says so by its mark."""
    assert read(path, "username\tpassword\nawa\té\n".encode("utf-16")).rows[0].cells["password"] == "é"


def test_a_file_in_windows_1252_is_refused_with_what_to_do(path: Path) -> None:
    """Its line is named, and how to save it again; nothing of it is shown."""
    with pytest.raises(
        AccountFileError, match=r"line 3: it is not written in UTF-8.* Windows-1252.* CSV UTF-8"
    ) as wrong:
        read(path, "username;password\nawa;x\nzoé;secret\n".encode("cp1252"))
    assert "zo" not in str(wrong.value)
    assert str(wrong.value).endswith(".")


def test_another_separator_is_refused(path: Path) -> None:
    """`sep=` may not say what is not read."""
    with pytest.raises(AccountFileError, match=r"line 1: .* comma, semicolon or tab"):
        read(path, "sep=|\nusername|password\n")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("username", "line 1: the column password is missing."),
        ("username,password,username", "line 1: the column username is there twice"),
        ("username,password,USERNAME ", "line 1: the column username is there twice"),
        ("username,password,note,note", "line 1: the column note is there twice"),
        ("username,password,pasword", "the column pasword is not known; most likely password is meant."),
        ("username,password,training.diplome", "most likely training.diploma is meant."),
        ("a|b|c", "line 1: no column is known in it"),
        ("", "no column is known in it"),
    ],
)
def test_a_wrong_header_is_said(path: Path, header: str, words: str) -> None:
    """Missing, there twice, or misspelt: a rule that is misspelt is a rule that is missing."""
    with pytest.raises(AccountFileError) as wrong:
        read(path, f"{header}\nawa,x\n")
    assert words in str(wrong.value)


def test_names_of_columns_are_texts_like_others(path: Path) -> None:
    """Neither case nor spaces nor what nobody sees make another column."""
    file = read(path, " UserName ,pass\N{ZERO WIDTH SPACE}word,Identity.Birth_Date\nawa,x,1990-02-03\n")
    assert file.rows[0].cells == {"username": "awa", "password": "x", "identity.birth_date": "1990-02-03"}


def test_a_column_of_nobody_is_left_out_and_said(path: Path) -> None:
    """A note of somebody's own does no harm; it is not passed over in silence."""
    file = read(path, "username,password,commentaire,\nawa,x,à rappeler,\n")
    assert [str(note) for note in file.notes] == [
        "line 1: the column commentaire is not known and is left out."
    ]
    assert file.rows[0].cells == {"username": "awa", "password": "x"}


def test_rows_of_another_length_are_named_and_empty_ones_passed_over(path: Path) -> None:
    """By the line they begin on, though a cell may hold ends of lines."""
    text = 'username,password\n"a\nb",x\n,,,\n\nonly\nawa,x,,\nawa,x,more\n'
    file = read(path, text)
    assert [(row.line, row.cells["username"]) for row in file.rows] == [(2, "a\nb"), (7, "awa")]
    assert [str(problem) for problem in file.problems] == [
        "line 6: it has 1 columns, and the first line has 2.",
        "line 8: it has 3 columns, and the first line has 2.",
    ]


def test_quotation_marks_that_do_not_close_are_named(path: Path) -> None:
    """By the line they open on."""
    with pytest.raises(AccountFileError, match="line 3: quotation marks"):
        read(path, 'username,password\nawa,x\n"ada,x\n')


def test_problems_are_told_in_order_and_not_without_end() -> None:
    """Some twenty lines; the rest is counted."""
    problems = [csv_files.FileProblem(line, "it is wrong.") for line in range(30, 0, -1)]
    lines = csv_files.told(Path("x.csv"), problems).splitlines()
    assert lines[0] == "x.csv, line 1: it is wrong."
    assert lines[-1] == "x.csv: and 10 more such lines."
    assert len(lines) == 21


def test_a_column_may_stand_instead_of_a_required_one(path: Path) -> None:
    """The hash of a secret, for example; without either the secret is what is missing."""
    path.write_text("username,hash\nawa,x\n")
    known, instead = (*KNOWN, "hash"), {"password": "hash"}
    (row,) = csv_files.read(path, known, REQUIRED, lambda name: None, instead).rows
    assert row.cells == {"username": "awa", "hash": "x"}
    path.write_text("username\nawa\n")
    with pytest.raises(AccountFileError, match="the column password is missing"):
        csv_files.read(path, known, REQUIRED, lambda name: None, instead)
