"""A register's file: read whole, or refused with line and column of each fault."""

from datetime import date
from pathlib import Path

import pytest

from accounts.bulk_import.csv_files import AccountFileError
from accounts.representatives.register.files import read_register, refuse
from accounts.representatives.register.standing import ConsultantStatus, RegisterEntry

HEADER = "number,name,status,valid_from,valid_to"

ROWS = ["11-234,Côté Marie,recognised,2026-01-01,2027-12-31", "555,Roy Jean,Révoqué,2020-01-01,2022-01-01"]


def written(folder: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path = folder / "register.csv"
    path.write_bytes(end.join(lines).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("separator", "encoding", "end", "above"),
    [(",", "utf-8", "\n", []), (";", "utf-8-sig", "\r\n", []), ("\t", "utf-8", "\r\n", []),
     (";", "utf-8-sig", "\r\n", ["sep=;"]), (",", "utf-16", "\n", [])],
    ids=["plain", "bom", "tab", "sep", "utf-16"],
)  # fmt: skip
def test_files_of_any_program_say_the_same(
    tmp_path: Path, separator: str, encoding: str, end: str, above: list[str]
) -> None:
    """Comma, semicolon or tab, with a byte order mark or without, statuses in both languages."""
    lines = [*above, *(line.replace(",", separator) for line in (HEADER, *ROWS)), ""]
    file = read_register(written(tmp_path, *lines, encoding=encoding, end=end))
    assert file.problems == [] and file.rows == 2
    assert file.entries == {
        "11234": RegisterEntry(
            number="11234", name="Côté Marie", status=ConsultantStatus.RECOGNISED,
            valid_from=date(2026, 1, 1), valid_to=date(2027, 12, 31),
        ),
        "555": RegisterEntry(
            number="555", name="Roy Jean", status=ConsultantStatus.REVOKED,
            valid_from=date(2020, 1, 1), valid_to=date(2022, 1, 1),
        ),
    }  # fmt: skip
    refuse(tmp_path, file)


def test_each_fault_has_its_line_and_column(tmp_path: Path) -> None:
    """All of them at once, without what stands there; nothing is imported."""
    path = written(
        tmp_path, HEADER, ROWS[0], " - ,,perhaps,2026-13-01,01/02/2026",
        "7,A,recognised,2026-01-02,2026-01-01", "11234,B,suspended,2026-01-01,2026-01-01", "8,too,few",
    )  # fmt: skip
    with pytest.raises(AccountFileError) as refused:
        refuse(path, read_register(path))
    text = str(refused.value)
    for fault in ("line 3: number:", "line 3: name:", "line 3: status:", "line 3: valid_from:", "line 3: valid_to:",
                  "line 4: valid_to: it is before valid_from", "line 5: number: it is that of line 2 too",
                  "line 6: it has 3 columns", "4 of 5 rows are refused"):  # fmt: skip
        assert fault in text
    assert "perhaps" not in text


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    """With the name of the column."""
    with pytest.raises(AccountFileError, match="status"):
        read_register(written(tmp_path, "number,name,valid_from,valid_to", "1,A,2026-01-01,2026-01-02"))
