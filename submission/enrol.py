"""Accounts made by us: from a CSV file, or many alike for the demo. Forms for people to make their own come later."""

import csv
import io
import random
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from quota.clock import now_ms, parse_rfc3339
from quota.store import Database, insert_for
from submission import accounts, drafts, store
from submission.accounts import Hasher, Identity

COLUMNS: Mapping[str, str] = {
    "username": "required; capitals and spaces around it do not count",
    "password": "required; at least 8 characters, hashed when imported",
    "question_1": "required; first security question (and question_2, question_3)",
    "answer_1": "required; its answer (and answer_2, answer_3); at least two pairs are required",
    "family_name": "required; as in the passport",
    "given_name": "required; as in the passport",
    "birth_date": "required; 1990-12-31",
    "passport": "required; its number",
    "created_at": "RFC 3339 with offset; when the account was made (default: now)",
    "accommodation": "1 to 2; lengthens the ten minutes (default: 1)",
    "programme": "what the draft is for (default: no draft)",
    "begun_at": "RFC 3339 with offset; when the draft was begun (default: now)",
}
"""The columns of the CSV file, UTF-8 with a header line. Every other column is a line of the draft, such as
`training.diploma`; the draft's identity is taken from the account. An incomplete draft is imported as it is."""

PAIRS = (1, 2, 3)
FEWEST_PAIRS = 2
"""AC-01 speaks of questions in the plural."""

SHORTEST_PASSWORD = 8
AT_ONCE = 500
"""Rows an insert: SQLite and PostgreSQL limit the parameters of one statement."""


class WrongFile(Exception):
    """A file that cannot be imported; nothing of it was. Each problem is a line number and a reason."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"line {line}: {reason}" for line, reason in problems))
        self.problems = list(problems)


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """One account to make, not yet hashed. `line` is where the file has it. Instants in milliseconds."""

    line: int
    username: str
    password: str
    questions: list[str]
    answers: list[str]
    identity: Identity
    created_at: int
    accommodation: float
    programme: str
    begun_at: int
    content: drafts.Content


async def import_csv(db: Database, hasher: Hasher, text: str, programmes: Collection[str]) -> int:
    """Make the accounts of a CSV file, all or none; how many there were. Raises WrongFile, Unavailable.

    Hashing takes 60 ms an account on one core.
    """
    found, problems = read_csv(text, programmes, now_ms())
    taken = await db.read(lambda conn: _taken(conn, [one.username for one in found]))
    problems += [
        (one.line, f"user name {one.username} exists already") for one in found if one.username in taken
    ]
    if problems:
        raise WrongFile(sorted(problems))
    rows = [row async for row in _hashed(hasher, found)]
    contents = [(one.username, one.programme, one.begun_at, one.content) for one in found if one.programme]
    await db.write(lambda conn: _write(conn, rows, contents))
    return len(rows)


def read_csv(
    text: str, programmes: Collection[str], now: int
) -> tuple[list[Enrolment], list[tuple[int, str]]]:
    """What the file says, and what is wrong with it by line. Pure."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = reader.fieldnames or []
    except csv.Error as problem:
        return [], [(1, f"not valid CSV: {problem}")]
    known = {
        *COLUMNS,
        *(f"{kind}_{pair}" for kind in ("question", "answer") for pair in PAIRS),
        *drafts.LABELS,
    }
    needed = [name for name, meaning in COLUMNS.items() if meaning.startswith("required")]
    problems = [(1, f"column {name} is not known") for name in header if name not in known]
    problems += [(1, f"column {name} is missing") for name in needed if name not in header]
    problems += [
        (1, f"column {name} comes twice") for name in sorted({n for n in header if header.count(n) > 1})
    ]
    found: list[Enrolment] = []
    if problems:
        return found, problems
    lines: dict[str, int] = {}
    try:
        for row in reader:
            line = reader.line_num
            try:
                one = _enrolment(row, line, programmes, now)
            except ValueError as problem:
                problems.append((line, str(problem)))
                continue
            if one.username in lines:
                problems.append((line, f"user name {one.username} is on line {lines[one.username]} too"))
            lines.setdefault(one.username, line)
            found.append(one)
    except csv.Error as problem:
        problems.append((reader.line_num, f"not valid CSV: {problem}"))
    return found, problems


def _enrolment(row: Mapping[str | None, Any], line: int, programmes: Collection[str], now: int) -> Enrolment:
    """One line of the file. ValueError says what is wrong with it."""
    if None in row or None in row.values():
        raise ValueError("has another number of fields than the header")
    text = {str(name): str(value).strip() for name, value in row.items()}
    if any("\0" in value for value in text.values()):
        raise ValueError("holds a NUL character")
    for name, meaning in COLUMNS.items():
        if meaning.startswith("required") and not text[name]:
            raise ValueError(f"{name} is empty")
    if len(text["password"]) < SHORTEST_PASSWORD:
        raise ValueError(f"password has fewer than {SHORTEST_PASSWORD} characters")
    identity = Identity(**{name: text[name] for name in Identity.__struct_fields__})
    if not text.get("programme") and any(text.get(path) for path in drafts.LABELS):
        raise ValueError("has a draft but no programme")
    if text.get("programme") and text["programme"] not in programmes:
        raise ValueError(f"programme {text['programme']} is not known")
    questions, answers = _pairs(text)
    return Enrolment(
        line=line,
        username=accounts.known_as(text["username"]),
        password=text["password"],
        questions=questions,
        answers=answers,
        identity=identity,
        created_at=_instant(text, "created_at", now),
        accommodation=_factor(text.get("accommodation", "")),
        programme=text.get("programme", ""),
        begun_at=_instant(text, "begun_at", now),
        content=_content(text, identity),
    )


def _pairs(text: Mapping[str, str]) -> tuple[list[str], list[str]]:
    pairs = [(text.get(f"question_{pair}", ""), text.get(f"answer_{pair}", "")) for pair in PAIRS]
    if any(bool(question) != bool(accounts.plain(answer)) for question, answer in pairs):
        raise ValueError("has a security question without an answer, or the other way round")
    full = [pair for pair in pairs if pair[0]]
    if len(full) < FEWEST_PAIRS:
        raise ValueError(f"has fewer than {FEWEST_PAIRS} security questions")
    return [question for question, _ in full], [answer for _, answer in full]


def _instant(text: Mapping[str, str], name: str, now: int) -> int:
    if not text.get(name):
        return now
    try:
        return parse_rfc3339(text[name])
    except ValueError as problem:
        raise ValueError(f"{name} is not an instant: {problem}") from None


def _factor(text: str) -> float:
    try:
        factor = float(text or "1")
    except ValueError:
        factor = 0.0
    if not 1.0 <= factor <= 2.0:
        raise ValueError("accommodation is not a number from 1 to 2")
    return factor


def _content(text: Mapping[str, str], identity: Identity) -> drafts.Content:
    """The draft's content: the columns that are the form's, and who the account belongs to."""
    content: drafts.Content = {section.name: {} for section in drafts.FORM}
    for path in drafts.LABELS:
        section, _, name = path.partition(".")
        content[section][name] = text.get(path, "")
    try:
        date.fromisoformat(identity.birth_date)
    except ValueError:
        raise ValueError("birth_date is not a date such as 1990-12-31") from None
    content["identity"] |= msgspec.structs.asdict(identity)
    return content


async def _hashed(hasher: Hasher, found: Sequence[Enrolment]) -> AsyncIterator[dict[str, Any]]:
    for one in found:
        password_hash, answers_hash = await hasher.hash(one.password, accounts.answers_text(one.answers))
        yield _row(one.username, one.identity, one.questions, password_hash, answers_hash, one.created_at) | {
            "accommodation": one.accommodation
        }


def _row(
    username: str,
    identity: Identity,
    questions: list[str],
    password_hash: str,
    answers_hash: str,
    created_at: int,
) -> dict[str, Any]:
    return {
        "username": username,
        "password_hash": password_hash,
        "answers_hash": answers_hash,
        "questions": msgspec.json.encode(questions).decode(),
        "created_at": created_at,
        "identity": msgspec.json.encode(identity).decode(),
        "accommodation": 1.0,
    }


async def _taken(conn: AsyncConnection, usernames: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(usernames), AT_ONCE):
        part = usernames[start : start + AT_ONCE]
        rows = await conn.execute(
            sa.select(store.account.c.username).where(store.account.c.username.in_(part))
        )
        found.update(rows.scalars())
    return found


async def _write(
    conn: AsyncConnection,
    rows: Sequence[dict[str, Any]],
    contents: Sequence[tuple[str, str, int, drafts.Content]],
) -> None:
    """Accounts, then their drafts (user name, programme, begun at, content)."""
    a = store.account
    ids: dict[str, int] = {}
    for start in range(0, len(rows), AT_ONCE):
        part = list(rows[start : start + AT_ONCE])
        await conn.execute(insert_for(conn, a), part)
        names = [row["username"] for row in part]
        found = await conn.execute(sa.select(a.c.username, a.c.id).where(a.c.username.in_(names)))
        ids.update((row.username, row.id) for row in found)
    drafted = [
        {"account": ids[username], "programme": programme, "begun_at": begun_at, "updated_at": begun_at,
         "content": msgspec.json.encode(content).decode()}
        for username, programme, begun_at, content in contents
    ]  # fmt: skip
    for start in range(0, len(drafted), AT_ONCE):
        await conn.execute(sa.insert(store.draft), drafted[start : start + AT_ONCE])


async def enrol_alike(
    db: Database,
    hasher: Hasher,
    *,
    prefix: str,
    count: int,
    password: str,
    answers: Sequence[str],
    programme: str,
    now: int,
) -> int:
    """Make accounts `prefix-00001` to `prefix-{count}` with complete drafts; how many were new.

    All share one password, one set of answers and so one hash: thousands are there in seconds. For the demo only.
    """
    names = [accounts.known_as(f"{prefix}-{index:05d}") for index in range(1, count + 1)]
    taken = await db.read(lambda conn: _taken(conn, names))
    new = [(index, name) for index, name in enumerate(names, 1) if name not in taken]
    if not new:
        return 0
    password_hash, answers_hash = await hasher.hash(password, accounts.answers_text(answers))
    questions = [f"Question de sécurité n° {index}" for index in range(1, len(answers) + 1)]
    rows, contents = [], []
    for index, name in new:
        identity, content = someone(f"{prefix}-{index}")
        rows.append(_row(name, identity, questions, password_hash, answers_hash, now))
        contents.append((name, programme, now, content))
    await db.write(lambda conn: _write(conn, rows, contents))
    return len(rows)


FAMILY_NAMES = (
    "Tremblay",
    "Benali",
    "Nguyen",
    "Okafor",
    "Silva",
    "Haddad",
    "Martin",
    "Kovács",
    "Rossi",
    "Diallo",
)
GIVEN_NAMES = ("Amélie", "Karim", "Linh", "Chidi", "Beatriz", "Nour", "Étienne", "Zsófia", "Luca", "Aïssatou")
COUNTRIES = (
    "France",
    "Algérie",
    "Vietnam",
    "Nigéria",
    "Brésil",
    "Liban",
    "Belgique",
    "Hongrie",
    "Italie",
    "Guinée",
)
TRADES = (
    "Infirmière",
    "Soudeur",
    "Analyste programmeur",
    "Mécanicien",
    "Comptable",
    "Enseignante",
    "Cuisinier",
)
REGIONS = ("Montréal", "Capitale-Nationale", "Estrie", "Outaouais", "Saguenay–Lac-Saint-Jean", "Mauricie")
LEVELS = ("Débutant", "Intermédiaire", "Avancé")


def someone(seed: str) -> tuple[Identity, drafts.Content]:
    """A person who does not exist, with a complete draft: the same for the same seed, no two alike."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrets
    where = chance.randrange(len(COUNTRIES))
    identity = Identity(
        family_name=chance.choice(FAMILY_NAMES),
        given_name=chance.choice(GIVEN_NAMES),
        birth_date=(date(1970, 1, 1) + timedelta(days=chance.randrange(10_000))).isoformat(),
        passport=f"X{accounts.keyed('passport', seed)[:9].upper()}",
    )
    trade = chance.choice(TRADES)
    content = {
        "identity": msgspec.structs.asdict(identity) | {"birth_country": COUNTRIES[where]},
        "contact": {
            "address": f"{chance.randrange(1, 300)}, rue des Exemples",
            "city": "Ville-Exemple",
            "country": COUNTRIES[where],
            "email": f"{seed}@exemple.invalid",
            "telephone": "",
        },
        "training": {
            "diploma": chance.choice(("Baccalauréat", "Maîtrise", "Diplôme professionnel")),
            "field": trade,
            "school": "Institut des Exemples",
            "year": str(chance.randrange(1995, 2016)),
        },
        "experience": {
            "occupation": trade,
            "employer": "Entreprise Exemple",
            "months": str(chance.randrange(6, 200)),
        },
        "languages": {"french": chance.choice(LEVELS), "english": chance.choice(LEVELS)},
        "plans": {
            "region": chance.choice(REGIONS),
            "occupation": trade,
            "family_members": str(chance.randrange(5)),
        },
    }
    return identity, content
