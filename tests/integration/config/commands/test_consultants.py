"""`guichet consultants import`: the register from the shell, all of it or nothing, on the record."""

from pathlib import Path

from accounts.representatives.store import consultant
from foundation.audit import audit
from foundation.outbox import task
from tests.integration.config.commands.shell import add_staff, guichet, rows

HEADER = "number;name;status;valid_from;valid_to\r\n"

GOOD = f"{HEADER}11-234;Côté Marie;reconnue;2026-01-01;2027-12-31\r\n"


def written(folder: Path, text: str) -> str:
    path = folder / "register.csv"
    path.write_text(text, "utf-8-sig")
    return str(path)


def test_a_register_is_taken_over(database_url: str, tmp_path: Path) -> None:
    """Semicolons and a byte order mark, as a spreadsheet saves it; `--check` writes nothing."""
    add_staff(database_url, "jeanne")
    path = written(tmp_path, GOOD)
    checked = guichet("consultants", "import", path, "--check", url=database_url)
    assert (
        checked.exit_code == 0
        and "Nothing was written" in checked.stderr
        and "1 consultants are new" in checked.stderr
    )
    assert rows(database_url, consultant) == [] and rows(database_url, task) == []
    done = guichet("consultants", "import", path, "--as", "jeanne", url=database_url)
    assert done.exit_code == 0, done.stderr
    assert [(row.number, row.status) for row in rows(database_url, consultant)] == [("11234", "recognised")]
    assert [row.kind for row in rows(database_url, task)] == ["consultant_check"]
    assert ("jeanne", "consultants_import") in [(line.actor, line.act) for line in rows(database_url, audit)]


def test_a_wrong_file_is_refused_whole_with_line_and_column(database_url: str, tmp_path: Path) -> None:
    """Exit status 1, and nothing of its good lines is in the store."""
    path = written(tmp_path, f"{GOOD}12;B;parti;2026-02-30;2027-12-31\r\n")
    for more in ((), ("--check",)):
        refused = guichet("consultants", "import", path, *more, url=database_url)
        assert refused.exit_code == 1
        assert "line 3: status:" in refused.stderr and "line 3: valid_from:" in refused.stderr
        assert "parti" not in refused.stderr
    assert rows(database_url, consultant) == []


def test_nobody_imports_it_under_a_name_without_the_role(database_url: str, tmp_path: Path) -> None:
    """On the record, as any refused command."""
    refused = guichet("consultants", "import", written(tmp_path, GOOD), "--as", "personne", url=database_url)
    assert refused.exit_code == 1 and rows(database_url, consultant) == []
    assert [line.act for line in rows(database_url, audit)] == ["refused"]
