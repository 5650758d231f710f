"""What a row of a file of accounts must hold, so that its account can sign in and is one person. Pure.

Every problem of a row is found, not only the first: who corrects a file of thousands does it once.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

import msgspec

from accounts import accommodations, normalisation
from accounts.bulk_import import csv_files
from accounts.bulk_import.csv_files import CsvFile, FileProblem, FileRow
from accounts.candidates import LEAST_QUESTIONS, LONGEST_SECRET, LONGEST_USERNAME, MOST_QUESTIONS
from accounts.identities import Identity, iso_date, known_as, passport_number
from accounts.normalisation import JOINERS, folded, is_blank, is_unseen, opaque, visible
from accounts.passwords import COST_WORDS, UNMADE, is_hash
from accounts.personal_data import email_addresses
from accounts.personal_data.email_addresses import EmailAddress
from foundation.clock import montreal, now_ms, parse_rfc3339

PASSWORD_HASH, ANSWERS_HASH = "password_hash", "answers_hash"
"""Columns of hashes that were made already, as `guichet` makes them."""

PLAIN_COLUMNS = ("username", "password", PASSWORD_HASH, ANSWERS_HASH, "email", "accommodation", "created_at")

QUESTION_COLUMNS = tuple((f"question-{place}", f"answer-{place}") for place in range(1, MOST_QUESTIONS + 1))

IDENTITY_COLUMNS = {f"identity.{name}": name for name in Identity.__struct_fields__}
"""Column -> field of the identity. A form may have the same columns: the file has each once."""

REQUIRED_COLUMNS = (
    "username", "password", *(column for pair in QUESTION_COLUMNS[:LEAST_QUESTIONS] for column in pair)
)  # fmt: skip
"""No row may leave these empty, unless it brings their hash."""

HASHES = {"password": PASSWORD_HASH} | {answer: ANSWERS_HASH for _, answer in QUESTION_COLUMNS}
"""Column of a secret -> column of the hash that may stand instead."""

BIRTH_COUNTRY = "identity.birth_country"
"""Files of earlier releases need not have it, nor anybody fill it in."""

NAMES = ("identity.family_name", "identity.given_name")
"""One of the two may be empty: a person may have one name only."""

_ANY_QUESTION = re.compile(r"(question|answer)-[0-9]+")

_BORN_FIRST = date(1880, 1, 1)
"""Nobody who lives was born earlier: such a date is a slip."""

LONGEST = {"username": LONGEST_USERNAME} | dict.fromkeys(
    ("password", *(column for pair in QUESTION_COLUMNS for column in pair)), LONGEST_SECRET
)
"""By column, in characters: what the sign-in takes, and a question as long as an answer."""


class FileAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as a file has it. `known` is the user name as it is stored; a secret is empty where the file brings
    its hash, and a hash is UNMADE where it brings the secret."""

    line: int
    known: str
    username: str
    password: str
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    identity: Identity
    accommodation: float
    created_at: int | None
    columns: Mapping[str, str]
    email: EmailAddress | None = None
    password_hash: str = UNMADE
    answers_hash: str = UNMADE

    @property
    def is_hashed(self) -> bool:
        """Whether the file brings both hashes."""
        return UNMADE not in (self.password_hash, self.answers_hash)


class AccountFile(msgspec.Struct, frozen=True):
    """The accounts of a file of so many rows, what is wrong in it, and what is to be said of the rest."""

    rows: int
    accounts: list[FileAccount]
    problems: list[FileProblem]
    notes: list[FileProblem]


def read_accounts(path: Path, other_columns: Collection[str]) -> AccountFile:
    """The accounts of a CSV file. Raises AccountFileError where nothing can be read of it, and OSError for no file.

    Columns: `username`, `password`, if wanted `email` (which its owner has yet to confirm), `question-1`, `answer-1`
    and `-2`, if wanted `-3`, `accommodation` (1 to 2), since when the account exists (`created_at`,
    RFC 3339; otherwise since now), the identity's fields, such as `identity.family_name`, and any of `other_columns`.
    `password_hash` may stand instead of the password, `answers_hash` instead of the answers.
    """
    questions = (column for pair in QUESTION_COLUMNS for column in pair)
    known = (*PLAIN_COLUMNS, *questions, *IDENTITY_COLUMNS, *other_columns)
    required = {*REQUIRED_COLUMNS, *IDENTITY_COLUMNS} - {BIRTH_COUNTRY}
    return checked(csv_files.read(path, tuple(dict.fromkeys(known)), required, too_many_questions, HASHES))


def too_many_questions(column: str) -> str | None:
    """Why a column may not be left out: a question that nobody asks later would leave the person outside."""
    if not _ANY_QUESTION.fullmatch(column):
        return None
    return f"{column}: an account has {LEAST_QUESTIONS} to {MOST_QUESTIONS} questions, numbered from 1."


def checked(file: CsvFile) -> AccountFile:
    """Every row that is right as an account, and every problem of the others."""
    accounts, problems, notes = [], list(file.problems), list(file.notes)
    first_lines: dict[str, int] = {}
    passports: dict[str, int] = {}
    emails: dict[str, int] = {}
    now = now_ms()
    for row in file.rows:
        wrong = list(row_problems(row, now))
        known = known_as(row.cells["username"])
        if known and first_lines.setdefault(known, row.line) != row.line:
            wrong.append(
                f"username: this user name stands in the file twice; line {first_lines[known]} has it."
            )
        email = email_of(row.cells)
        if email is not None and emails.setdefault(email.canonical, row.line) != row.line:
            wrong.append(
                f"email: this address stands in the file twice; line {emails[email.canonical]} has it."
            )
        problems += (FileProblem(row.line, what) for what in wrong)
        notes += (FileProblem(row.line, what) for what in row_notes(row.cells))
        if not wrong:
            accounts.append(account_of(row, known))
            number = accounts[-1].identity.passport
            if passports.setdefault(number, row.line) != row.line:
                what = f"identity.passport is that of line {passports[number]} too: one person submits once."
                notes.append(FileProblem(row.line, what))
    rows = len(file.rows) + len({problem.line for problem in file.problems})
    return AccountFile(rows, accounts, problems, notes)


def row_problems(row: FileRow, now: int) -> Iterator[str]:
    """What is wrong with a row, each with its column. No value is repeated."""
    cells = row.cells
    for name, text in cells.items():
        if "\0" in text:
            yield f"{name} has a null character in it, which nothing can keep."
    yield from _secrets_problems(cells)
    yield from _identity_problems(cells, montreal(now).date())
    if not is_blank(cells.get("email", "")) and email_of(cells) is None:
        yield "email is no e-mail address such as nom@exemple.ca."
    if factor_of(cells) is None:
        bounds = f"{accommodations.LEAST_FACTOR:g} to {accommodations.MOST_FACTOR:g}"
        yield f"accommodation must be from {bounds}."
    try:
        created_at(cells, now)
    except (ValueError, OverflowError):
        yield "created_at must be a past instant such as 2016-01-20T14:05:00-05:00."


def row_notes(cells: Mapping[str, str]) -> Iterator[str]:
    """What is as it may be, and most likely was not meant."""
    for question, answer in QUESTION_COLUMNS[LEAST_QUESTIONS:]:
        unanswered = folded(cells.get(question, "")) and not folded(cells.get(answer, ""))
        if unanswered and is_blank(cells.get(ANSWERS_HASH, "")):
            yield f"{question} has no answer and is left out."
    password = cells.get("password", "")
    if password != password.strip():
        yield "password begins or ends with a space, which counts."


def account_of(row: FileRow, known: str) -> FileAccount:
    """The account of a row that is right."""
    cells = row.cells
    asked = [
        (visible(cells.get(question, "")), cells.get(answer, "")) for question, answer in QUESTION_COLUMNS
    ]
    answers_hash = visible(cells.get(ANSWERS_HASH, ""))
    asked = [(question, answer) for question, answer in asked if folded(question if answers_hash else answer)]
    identity = {field: visible(cells.get(column, "")) for column, field in IDENTITY_COLUMNS.items()}
    kept = {column: visible(cells[column]) for column in ("identity.birth_date", *NAMES)}
    return FileAccount(
        line=row.line,
        known=known,
        username=visible(cells["username"]),
        password=cells.get("password", ""),
        password_hash=visible(cells.get(PASSWORD_HASH, "")) or UNMADE,
        answers_hash=answers_hash or UNMADE,
        questions=tuple(question for question, _ in asked),
        answers=tuple(answer for _, answer in asked),
        identity=Identity(**identity | {"passport": passport_number(identity["passport"])}),
        accommodation=factor_of(cells) or accommodations.LEAST_FACTOR,
        created_at=created_at(cells, now_ms()),
        columns={**cells, **kept},
        email=email_of(cells),
    )


def email_of(cells: Mapping[str, str]) -> EmailAddress | None:
    """The address of the account, None for none. That of the draft's contact section is another matter."""
    return email_addresses.read(cells.get("email", ""))


def factor_of(cells: Mapping[str, str]) -> float | None:
    """The accommodation of a row, 1 when it says none; None for what is no permitted one."""
    text = visible(cells.get("accommodation", "")).replace(",", ".") or "1"
    try:
        factor = float(text)
    except ValueError:
        return None
    return factor if accommodations.is_permitted(factor) else None


def created_at(cells: Mapping[str, str], now: int) -> int | None:
    """Since when this row's account exists; None when it does not say. Raises ValueError for what is to come."""
    text = visible(cells.get("created_at", ""))
    if not text:
        return None
    if not 0 <= (instant := parse_rfc3339(text)) <= now:
        raise ValueError("not a past instant")
    return instant


def _secrets_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _hash_problems(cells)
    for name in REQUIRED_COLUMNS:
        if not folded(cells.get(name, "")) and is_blank(cells.get(HASHES.get(name, ""), "")):
            yield f"{name} is empty."
    for name, most in LONGEST.items():
        if len(unicodedata.normalize("NFC", cells.get(name, ""))) > most:
            yield f"{name} has more than {most} characters: nobody could sign in with it."
    password = opaque(cells.get("password", ""))
    if unseen := [letter for letter in password if is_unseen(letter) and letter not in JOINERS]:
        yield f"password has a character that nobody sees or types (U+{ord(unseen[0]):04X})."
    for question, answer in QUESTION_COLUMNS[LEAST_QUESTIONS:]:
        if folded(cells.get(answer, "")) and not folded(cells.get(question, "")):
            yield f"{question} is empty, and {answer} is not."


def _hash_problems(cells: Mapping[str, str]) -> Iterator[str]:
    for column in (PASSWORD_HASH, ANSWERS_HASH):
        hashed = visible(cells.get(column, ""))
        if hashed and not is_hash(hashed):
            yield f"{column} is no Argon2id hash of the cost that this service makes ({COST_WORDS})."
        both = [name for name, other in HASHES.items() if other == column and folded(cells.get(name, ""))]
        if hashed and both:
            yield f"{both[0]} and {column} are both there: which of them counts?"


def _identity_problems(cells: Mapping[str, str], today: date) -> Iterator[str]:
    if not any(normalisation.letters(cells[name]) for name in NAMES):
        yield f"{NAMES[0]} and {NAMES[1]} are empty: a person has one name at least."
    born = iso_date(cells["identity.birth_date"])
    if born is None:
        yield "identity.birth_date must be a date such as 1990-02-03: year, month, day. 03/02/1990 is two dates."
    elif not _BORN_FIRST <= born <= today:
        yield f"identity.birth_date must be a date from {_BORN_FIRST} to today."
    if not normalisation.letters(cells["identity.passport"]):
        yield "identity.passport is empty: two people without one could not be told apart."
