"""`guichet paper-register import` and `guichet duplicates scan`."""

from pathlib import Path

from accounts.linkage.staging import LinkageTask
from accounts.linkage.store import linkage_block, paper_record
from foundation.audit import audit
from foundation.outbox import task
from foundation.sql.database import Database
from tests.conftest import apart
from tests.integration.config.commands.shell import GOOD_KEY, add_staff, guichet, one_sentence, rows
from tests.support.candidates.alike import account_of, scanned
from tests.support.desks import make_desk

FILE = "reference;family_name;given_name;birth_date;passport\nP-12;N’Diaye;Awa;1990-02-23;\n"


def written(folder: Path, text: str) -> str:
    path = folder / "papier.csv"
    path.write_text(text, "utf-8-sig")
    return str(path)


def test_a_register_is_taken_over_once(database_url: str, tmp_path: Path) -> None:
    """On the record; the second time nothing is new, and nobody's name is in the store as it is."""
    add_staff(database_url, "jeanne")
    path = written(tmp_path, FILE)
    checked = guichet("paper-register", "import", path, "--check", url=database_url, SECRET_KEYS=GOOD_KEY)
    assert checked.exit_code == 0, checked.stderr
    assert rows(database_url, paper_record) == []
    for said in ("1 lines are new, 0 were there", "0 lines are new, 1 were there"):
        done = guichet(
            "paper-register", "import", path, "--as", "jeanne", url=database_url, SECRET_KEYS=GOOD_KEY
        )
        assert said in done.stderr
    (line,) = rows(database_url, paper_record)
    assert "Diaye" not in str(line)
    assert rows(database_url, linkage_block)
    assert [one.act for one in rows(database_url, audit)][-2:] == ["paper_register_import"] * 2


def test_a_wrong_file_is_refused_whole(database_url: str, tmp_path: Path) -> None:
    """With its lines, and without what stands in them."""
    path = written(tmp_path, f"{FILE}P-13;Secret;Nom;23/02/1990;\n")
    refused = guichet("paper-register", "import", path, url=database_url, SECRET_KEYS=GOOD_KEY)
    assert refused.exit_code == 1
    assert "line 3: birth_date" in refused.stderr
    assert "Secret" not in refused.stderr
    assert rows(database_url, paper_record) == []
    latin = tmp_path / "latin.csv"
    latin.write_bytes("é".encode("latin-1"))
    one_sentence(
        guichet("paper-register", "import", str(latin), url=database_url, SECRET_KEYS=GOOD_KEY), "UTF-8"
    )


def test_accounts_that_were_never_looked_at_are(database_url: str) -> None:
    """A task each, once; those that were are not."""

    async def two() -> None:
        database = Database(database_url)
        desk = make_desk(database)
        await scanned(desk, await account_of(desk, 1))
        await account_of(desk, 2)
        await database.close()

    apart(two())
    done = guichet("duplicates", "scan", url=database_url)
    assert "1 accounts are to be looked at" in done.stderr
    staged = [(row.kind, row.subject_id) for row in rows(database_url, task)]
    assert staged == [(LinkageTask.ACCOUNT_SCAN, "2")]
