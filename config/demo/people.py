"""The people of the demo: accounts with complete drafts of persons who do not exist."""

from collections.abc import Iterable, Sequence

from accounts.bulk_import.new_accounts import NewAccount
from accounts.identities import Identity, answers_text
from accounts.normalisation import opaque
from accounts.passwords import COST
from accounts.personal_data import email_addresses
from config.bulk_import import NewCandidate
from config.demo.filling_in import completed, overlaid
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from submission.forms.answers import Answers, text_in
from submission.forms.model import Form

FAMILY_NAMES = (
    "Tremblay", "Nguyen", "Benali", "Garcia", "Diallo", "Roy", "Haddad", "Kowalska", "Okafor", "Silva", "Traoré",
    "Petrescu", "Lefebvre", "Rahimi", "Gómez", "Mbaye", "Côté", "Ivanova", "Chen", "Bouchard",
)  # fmt: skip

GIVEN_NAMES = (
    "Amélie", "Karim", "Lucía", "Mamadou", "Élise", "Viktor", "Fatima", "Jean", "Ngozi", "Paulo", "Inès", "Andrei",
    "Mei", "Samir", "Chloé", "Aïssatou", "Marc", "Olga", "Yasmine", "Diego",
)  # fmt: skip

BORN_FROM = 1970
"""Invented people are born in the thirty years from here."""


def invented(
    prefix: str,
    numbers: Iterable[int],
    password: str,
    answers: Sequence[str],
    questions: Sequence[str],
    born_from: int = BORN_FROM,
    form: Form | None = None,
) -> list[NewCandidate]:
    """Accounts such as `demo-00001` with one shared password, each a person of its own with a complete draft.

    All share one hash: at 60 ms an account 6,000 would take six minutes. Two groups of people who are `born_from` two
    years have no namesakes of one birthday, whom `guichet verify` would remark. Drafts are of
    this `form`; without one, of the demo's.
    """
    today = day_of(now_ms())
    filled = None if form is None else completed(form, invented_content(prefix, 1, born_from), today)
    password_hash, answers_hash = COST.hash(opaque(password)), COST.hash(answers_text(answers))
    candidates = []
    for number in numbers:
        content = invented_content(prefix, number, born_from)
        identity = identity_of(content)
        account = NewAccount(
            username=f"{prefix}{number:05d}",
            password_hash=password_hash,
            answers_hash=answers_hash,
            questions=tuple(questions),
            identity=identity,
            email=email_addresses.read(text_in(content["contact"], "email")),
        )
        if form is not None and filled is not None:
            content = overlaid(form, filled, content, today)
        candidates.append(NewCandidate(account, content))
    return candidates


def identity_of(content: Answers) -> Identity:
    """The person of a draft."""
    return Identity(**{name: text_in(content["identity"], name) for name in Identity.__struct_fields__})


def invented_content(prefix: str, number: int, born_from: int = BORN_FROM) -> Answers:
    """A complete draft of a person who does not exist; the passport number is nobody else's."""
    given = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    family = FAMILY_NAMES[number // len(GIVEN_NAMES) % len(FAMILY_NAMES)]
    name = f"{prefix}{number:05d}"
    return {
        "identity": {
            "family_name": family,
            "given_name": given,
            "birth_date": f"{born_from + number % 30}-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "birth_country": "FR",
            "passport": f"{prefix[:2].upper()}{number:07d}",
        },
        "contact": {
            "address": f"{number}, rue de la Démonstration",
            "city": "Lyon",
            "country": "FR",
            "email": f"{name}@exemple.invalid",
            "telephone": f"+33 1 00 {number // 10_000 % 100:02d} {number // 100 % 100:02d} {number % 100:02d}",
        },
        "training": {
            "diploma": "Master",
            "field": "Informatique",
            "school": "Université de Lyon",
            "year": "2008",
        },
        "experience": {"occupation": "Analyste", "employer": "Société Exemple", "months": "62"},
        "languages": {"french": "TEF Canada, C1", "english": "IELTS, 6,5"},
        "plans": {"region": "Montréal", "occupation": "Analyste en informatique", "family_members": "0"},
    }
