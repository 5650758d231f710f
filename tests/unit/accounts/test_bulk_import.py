"""Files of accounts: what is wrong in them is named by line and column, and what stands there never."""

from pathlib import Path

import pytest

from accounts import bulk_import
from accounts.bulk_import import REQUIRED_COLUMNS, AccountFileError
from accounts.passwords import COST

FILE = Path("people.csv")

COLUMNS = [*REQUIRED_COLUMNS, *bulk_import.IDENTITY_COLUMNS]

ROW = {column: f"un {column}" for column in COLUMNS}


@pytest.mark.parametrize(
    ("columns", "others", "words"),
    [
        (COLUMNS, (), None),
        ([*COLUMNS, "question-3", "answer-3", "accommodation", "created_at"], (), None),
        ([*COLUMNS, "training.diploma"], ("training.diploma",), None),
        ([*COLUMNS, "training.diploma"], (), "training.diploma is not known"),
        ([column for column in COLUMNS if column != "answer-2"], (), "answer-2 is missing"),
        ([column for column in COLUMNS if column != "identity.passport"], (), "identity.passport is missing"),
        ([], (), "is missing"),
    ],
)
def test_the_header_is_checked(columns: list[str], others: tuple[str, ...], words: str | None) -> None:
    """All that is needed, and nothing but what an account has or the caller knows."""
    if words is None:
        bulk_import.check_header(FILE, columns, others)
    else:
        with pytest.raises(AccountFileError, match=words):
            bulk_import.check_header(FILE, columns, others)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answer-2": " "}, "line 2: answer-2 is empty"),
        ({"accommodation": "3"}, "line 2: accommodation must be from 1 to 2"),
        ({"accommodation": "nan"}, "line 2: accommodation"),
        ({"accommodation": "deux"}, "line 2: accommodation"),
        ({"created_at": "2016-01-20"}, "line 2: created_at"),
        ({"created_at": "2999-01-20T00:00:00Z"}, "line 2: created_at"),
        ({"created_at": "9999-12-31T23:59:59-23:59"}, "line 2: created_at"),
    ],
)
def test_a_row_is_checked_and_not_repeated(changes: dict[str, str], words: str) -> None:
    """The line and the column are named; the values of the row are nowhere in the text."""
    with pytest.raises(AccountFileError, match=words) as wrong:
        list(bulk_import.checked(FILE, [ROW | changes]))
    assert "un username" not in str(wrong.value)


def test_two_spellings_of_one_user_name_are_one() -> None:
    """A capital or a space around it make no second account."""
    with pytest.raises(AccountFileError, match="line 3: this user name stands in the file twice"):
        list(bulk_import.checked(FILE, [ROW, ROW | {"username": " UN USERNAME "}]))


@pytest.mark.parametrize(
    ("text", "is_one"), [("1", True), ("1.5", True), ("2", True), ("0.9", False), ("inf", False), ("", False)]
)
def test_a_factor_is_from_one_to_two(text: str, is_one: bool) -> None:
    """The bounds are the accommodation's own."""
    assert bulk_import.is_factor(text) is is_one


def test_an_account_has_the_questions_that_have_an_answer(tmp_path: Path) -> None:
    """A third one where it is there; what the account does not need is handed back with it."""
    path = tmp_path / "people.csv"
    extra = {"question-3": "Ville ?", "answer-3": "", "accommodation": "1,5", "training.diploma": "Maîtrise"}
    row = ROW | extra
    path.write_text(",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n")
    (read,) = bulk_import.read_csv(path, ["training.diploma"])
    assert read.account.questions == ("un question-1", "un question-2")
    assert read.account.accommodation == 1.5
    assert read.account.identity.passport == "un identity.passport"
    assert COST.verify(read.account.password_hash, "un password")
    assert read.columns["training.diploma"] == "Maîtrise"
