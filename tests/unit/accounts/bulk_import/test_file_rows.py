"""Rows of accounts: what is wrong in them is named by line and column, and what stands there never."""

from pathlib import Path

import pytest

from accounts.bulk_import import file_rows
from accounts.bulk_import.csv_files import AccountFileError, CsvFile, FileRow
from accounts.bulk_import.file_rows import IDENTITY_COLUMNS, REQUIRED_COLUMNS, AccountFile, FileAccount
from accounts.passwords import COST, UNMADE

COLUMNS = [*REQUIRED_COLUMNS, *IDENTITY_COLUMNS]

ROW = {column: f"un {column}" for column in COLUMNS} | {
    "identity.birth_date": "1990-02-03",
    "identity.passport": "AB 12-34",
}


def checked(*rows: dict[str, str]) -> AccountFile:
    return file_rows.checked(CsvFile([FileRow(line, row) for line, row in enumerate(rows, 2)], [], []))


def account(**cells: str) -> FileAccount:
    file = checked(ROW | cells)
    assert file.problems == []
    return file.accounts[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer-2": " "}, "line 2: answer-2 is empty"),
        ({"username": "\N{ZERO WIDTH SPACE}"}, "line 2: username is empty"),
        ({"username": "u" * 201}, "line 2: username has more than 200 characters"),
        ({"password": "p" * 1001}, "line 2: password has more than 1000 characters"),
        ({"answer-1": "a" * 1001}, "line 2: answer-1 has more than 1000 characters"),
        ({"question-1": "q" * 1001}, "line 2: question-1 has more than 1000 characters"),
        (
            {"password": "mo\N{ZERO WIDTH SPACE}t"},
            "line 2: password has a character that nobody sees or types (U+200B)",
        ),
        ({"password": "mo\x00t"}, "line 2: password has a null character"),
        ({"training.diploma": "a\x00"}, "line 2: training.diploma has a null character"),
        ({"question-3": "", "answer-3": "Dakar"}, "line 2: question-3 is empty, and answer-3 is not"),
        ({"accommodation": "3"}, "line 2: accommodation must be from 1 to 2"),
        ({"accommodation": "nan"}, "line 2: accommodation"),
        ({"accommodation": "deux"}, "line 2: accommodation"),
        ({"created_at": "2016-01-20"}, "line 2: created_at"),
        ({"created_at": "2999-01-20T00:00:00Z"}, "line 2: created_at"),
        ({"created_at": "9999-12-31T23:59:59-23:59"}, "line 2: created_at"),
        (
            {"identity.birth_date": "03/02/1990"},
            "line 2: identity.birth_date must be a date such as 1990-02-03",
        ),
        ({"identity.birth_date": ""}, "line 2: identity.birth_date"),
        ({"identity.birth_date": "1990-02-30"}, "line 2: identity.birth_date"),
        ({"identity.birth_date": "2990-02-03"}, "line 2: identity.birth_date must be a date from 1880"),
        ({"identity.birth_date": "0990-02-03"}, "line 2: identity.birth_date"),
        ({"identity.passport": " - "}, "line 2: identity.passport is empty"),
        (
            {"identity.family_name": "", "identity.given_name": "-"},
            "line 2: identity.family_name and identity.given_name are empty",
        ),
    ],
)
def test_a_row_is_checked_and_not_repeated(changes: dict[str, str], words: str) -> None:
    """The line and the column are named; the values of the row are nowhere in the text."""
    file = checked(ROW | changes)
    said = [str(problem) for problem in file.problems]
    assert any(words in one for one in said), said
    assert "un username" not in " ".join(said)
    assert file.accounts == []


def test_every_problem_of_every_row_is_found() -> None:
    """Who corrects a file of thousands does it once."""
    file = checked(ROW | {"answer-1": "", "answer-2": ""}, ROW, ROW | {"username": "x", "password": ""})
    assert [problem.line for problem in file.problems] == [2, 2, 3, 4]
    assert "twice; line 2 has it" in file.problems[2].what


@pytest.mark.parametrize(
    "spelling", [" UN USERNAME ", "un\N{NO-BREAK SPACE}username", "u\N{ZERO WIDTH SPACE}n ùsername"]
)
def test_two_spellings_of_one_user_name_are_one(spelling: str) -> None:
    """A capital, an accent, a space around it or a mark that nobody sees make no second account."""
    (problem,) = checked(ROW, ROW | {"username": spelling}).problems
    assert str(problem) == "line 3: username: this user name stands in the file twice; line 2 has it."


@pytest.mark.parametrize(
    ("cells", "most"),
    [
        ({"username": "u" * 200, "password": "p" * 1000, "answer-1": "a" * 1000}, True),
        ({"password": "e\u0301" * 1000}, True),
        ({"password": "des espaces, et é ’ – œ"}, True),
        ({"password": "👩\N{ZERO WIDTH JOINER}💻"}, True),
    ],
)
def test_what_can_sign_in_is_taken(cells: dict[str, str], most: bool) -> None:
    """Up to the limits of the sign-in, counted as they are seen."""
    assert account(**cells).password


@pytest.mark.parametrize("empty", ["identity.family_name", "identity.given_name"])
def test_a_person_of_one_name_has_an_account(empty: str) -> None:
    """Either field may be empty, not both."""
    identity = account(**{empty: " "}).identity
    assert "" in (identity.family_name, identity.given_name)


@pytest.mark.parametrize(
    ("text", "factor"), [("", 1.0), ("1", 1.0), ("1,5", 1.5), (" 2 ", 2.0), ("0.9", None), ("inf", None)]
)
def test_a_factor_is_from_one_to_two(text: str, factor: float | None) -> None:
    """The bounds are the accommodation's own; a comma is a point."""
    assert file_rows.factor_of({"accommodation": text}) == factor


def test_an_account_has_the_questions_that_have_an_answer() -> None:
    """A third one where it is there; one that nobody answered is left out, and that is said."""
    file = checked(ROW | {"question-3": "Ville ?", "answer-3": ""})
    assert file.accounts[0].questions == ("un question-1", "un question-2")
    assert [str(note) for note in file.notes] == ["line 2: question-3 has no answer and is left out."]
    assert account(**{"question-3": "Ville ?", "answer-3": "Dakar"}).answers[-1] == "Dakar"


def test_an_account_is_kept_as_it_is_compared_and_shown() -> None:
    """The passport without what was typed between, names without what nobody sees, the password as it is."""
    made = account(**{"identity.given_name": " Awa\N{ZERO WIDTH SPACE} ", "password": " x "})
    assert (made.identity.passport, made.identity.given_name, made.password) == ("AB1234", "Awa", " x ")
    assert made.columns["identity.passport"] == "AB 12-34"
    assert made.columns["identity.given_name"] == "Awa"


@pytest.mark.parametrize("column", ["question-4", "answer-4", "question-0"])
def test_too_many_questions_are_refused(tmp_path: Path, column: str) -> None:
    """A question that nobody asks later would leave the person outside."""
    path = tmp_path / "people.csv"
    path.write_text(",".join([*COLUMNS, column]) + "\n")
    with pytest.raises(AccountFileError, match=f"line 1: {column}: an account has 2 to 3 questions"):
        file_rows.read_accounts(path, [])


def test_other_columns_come_with_the_account(tmp_path: Path) -> None:
    """What belongs to no account is handed back with it."""
    path = tmp_path / "people.csv"
    row = ROW | {"accommodation": "1,5", "training.diploma": "Maîtrise"}
    path.write_text(",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n")
    (read,) = file_rows.read_accounts(path, ["training.diploma"]).accounts
    assert read.accommodation == 1.5
    assert read.columns["training.diploma"] == "Maîtrise"
    assert read.line == 2


def test_one_passport_in_two_rows_is_said() -> None:
    """Two accounts of one person are no error of the file; the second cannot submit (P4)."""
    file = checked(ROW, ROW | {"username": "another", "identity.passport": "ab1234"})
    assert file.problems == []
    assert [str(note) for note in file.notes] == [
        "line 3: identity.passport is that of line 2 too: one person submits once."
    ]


HASH = COST.hash("un secret")

HASHED = dict.fromkeys(("password", "answer-1", "answer-2"), "") | {
    "password_hash": HASH,
    "answers_hash": HASH,
}


def test_hashes_may_stand_instead_of_secrets() -> None:
    """Questions count without their answers then, which the hash has."""
    found = account(**HASHED, **{"question-3": "Rue ?"})
    assert (found.password_hash, found.answers_hash, found.is_hashed) == (HASH, HASH, True)
    assert found.questions == ("un question-1", "un question-2", "Rue ?")
    assert checked(ROW | HASHED | {"question-3": "Rue ?"}).notes == []
    assert not account().is_hashed
    half = account(password="", password_hash=HASH)
    assert (half.password_hash, half.answers_hash, half.is_hashed) == (HASH, UNMADE, False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password_hash": "$2b$12$of-another-kind"}, "password_hash is no Argon2id hash"),
        ({"answers_hash": HASH.replace("m=19456", "m=8")}, "answers_hash is no Argon2id hash"),
        ({"answers_hash": HASH.replace("m=19456", "m=9999999")}, "answers_hash is no Argon2id hash"),
        ({"password": "un secret"}, "password and password_hash are both there"),
        ({"answer-2": "une"}, "answer-2 and answers_hash are both there"),
        ({"password_hash": ""}, "password is empty"),
        ({"answers_hash": " "}, "answer-1 is empty"),
    ],
    ids=["other-kind", "cheap", "dear", "both-passwords", "both-answers", "no-password", "no-answers"],
)
def test_a_hash_is_one_as_the_service_makes_it(changes: dict[str, str], words: str) -> None:
    """Of its cost, once; the line and the column are named, and what stands there is not repeated."""
    file = checked(ROW | HASHED | changes)
    said = [str(problem) for problem in file.problems]
    assert any(f"line 2: {words}" in one for one in said), said
    assert "$argon2id" not in " ".join(said)
