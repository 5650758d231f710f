"""Accounts and their drafts together: an account knows nothing of forms, and a form nothing of files."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.acts import AccountAct
from accounts.bulk_import import csv_files, file_rows, new_accounts
from accounts.bulk_import.csv_files import AccountFileError, FileProblem
from accounts.bulk_import.file_rows import AccountFile, FileAccount
from accounts.bulk_import.new_accounts import ExistingAccount, NewAccount
from accounts.identities import Identity, iso_date, known_as
from accounts.personal_data.fields import PersonalFields
from config.settings import forms_folder
from foundation import audit
from foundation.audit import By
from foundation.clock import montreal, now_ms
from quota import store as quota_store
from quota.programmes import Programme, load_all
from quota.states import PeriodState
from submission import readiness
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.drafts.evaluated import newest_form
from submission.drafts.lifetime import reminders
from submission.forms import columns
from submission.forms.answers import Answers
from submission.forms.files import Forms, load_forms
from submission.forms.model import Form
from submission.readiness import ReadyCandidates

WRITTEN_AT_ONCE: Final = 1_000
"""Accounts of a file in one transaction: a second or two, for which other writers wait."""

EXTENDED_LATEST_MS: Final = 3_600_000
"""After the beginning of an import the periods of the programme are looked at for its drafts, finished or not."""


class CandidateCiphers(NamedTuple):
    """What encrypts what is about a person, and what they fill in."""

    personal: PersonalFields
    drafts: DraftCiphers


def ciphers_of(secret_keys: Sequence[str]) -> CandidateCiphers:
    """Those of these keys."""
    return CandidateCiphers(PersonalFields(secret_keys), DraftCiphers(secret_keys))


class NewCandidate(msgspec.Struct, frozen=True):
    """An account to be made and the draft it begins with."""

    account: NewAccount
    content: Answers


class Added(msgspec.Struct, frozen=True):
    """What became of candidates: accounts that are new, or were there and stay as they are; and the same of drafts."""

    accounts_new: int
    accounts_there: int
    drafts_new: int
    drafts_there: int

    def plus(self, other: "Added") -> "Added":
        """Both together."""
        return Added(*(a + b for a, b in zip(*map(msgspec.structs.astuple, (self, other)), strict=True)))


class ImportTarget(NamedTuple):
    """The programme that drafts of a file are for, and the form that they are filled in by."""

    programme: str
    form: Form


def form_in(programmes_dir: Path, programme: str, now: int) -> Form:
    """The form by which drafts of a programme are begun now, of the files in this folder."""
    programmes = load_all(programmes_dir)
    forms = load_forms(forms_folder(programmes_dir), programmes)
    return newest_form(forms, programme, programmes[programme].draft, now)


class ImportPlan(msgspec.Struct, frozen=True):
    """What a file would do to a store: whose accounts are new, which of the others lack a draft, and which lack the
    hashes of their secrets, because an import of before was interrupted.

    `problems` are rows that cannot be done; with one of them nothing is. `notes` say what is not applied of the others.
    """

    new: list[FileAccount]
    lacking: dict[int, FileAccount]
    unhashed: dict[int, FileAccount]
    added: Added
    problems: list[FileProblem]
    notes: list[FileProblem]

    @property
    def to_hash(self) -> int:
        """How many accounts have secrets that are yet to be hashed."""
        return sum(not account.is_hashed for account in (*self.new, *self.unhashed.values()))


class WrittenPart(NamedTuple):
    """What a part of a file did, and the accounts whose secrets are to be hashed now, by id."""

    added: Added
    waiting: dict[int, FileAccount]


async def add_candidates(
    conn: AsyncConnection,
    ciphers: CandidateCiphers,
    candidates: Sequence[NewCandidate],
    programme: str,
    now: int,
    made_at: int | None = None,
    form_version: str | None = None,
) -> Added:
    """Insert accounts and their drafts for one programme. Accounts that exist stay as they are, and get the draft that
    they lack.

    `made_at` is the instant of creation of accounts that bring none, `now` the drafts'. `form_version` is that of the
    form that the drafts are filled in by; none is the first.
    """
    by_name = {known_as(candidate.account.username): candidate for candidate in candidates}
    there = await new_accounts.existing(conn, ciphers.personal, list(by_name))
    fresh = [candidate.account for name, candidate in by_name.items() if name not in there]
    ids = await new_accounts.add_accounts(conn, ciphers.personal, fresh, now if made_at is None else made_at)
    ids |= {name: account.id for name, account in there.items()}
    drafted = await repository.owners(conn, ids.values(), programme)
    contents = {id: by_name[name].content for name, id in ids.items() if id not in drafted}
    await repository.add(conn, ciphers.drafts, contents, programme, now, form_version)
    if contents:
        await reminders.stage_extension(conn, programme, now)
    return Added(len(fresh), len(there), len(contents), len(drafted))


def read_candidates(path: Path, form: Form) -> AccountFile:
    """The candidates of a CSV file, with a form's fields by path. Raises AccountFileError, OSError."""
    return file_rows.read_accounts(path, columns.columns(form))


async def plan(
    conn: AsyncConnection, personal: PersonalFields, file: AccountFile, programme: str
) -> ImportPlan:
    """What the file would do, as the store is now; nothing is written."""
    accounts = {account.known: account for account in file.accounts}
    there = await new_accounts.existing(conn, personal, list(accounts))
    drafted = await repository.owners(conn, [account.id for account in there.values()], programme)
    new = [account for name, account in accounts.items() if name not in there]
    lacking = {one.id: accounts[name] for name, one in there.items() if one.id not in drafted}
    emails = [account.email for account in new if account.email is not None]
    taken = await new_accounts.taken_emails(conn, personal, emails)
    return ImportPlan(
        new=new,
        lacking=lacking,
        unhashed={one.id: accounts[name] for name, one in there.items() if not one.is_hashed},
        added=Added(len(new), len(there), len(new) + len(lacking), len(drafted)),
        problems=file.problems + somebody_elses(accounts, there) + with_account(new, taken),
        notes=file.notes + not_applied(accounts, there),
    )


def not_applied(
    accounts: Mapping[str, FileAccount], there: Mapping[str, ExistingAccount]
) -> list[FileProblem]:
    """Accommodations of a file that an account that is there does not have: it stays as it is."""
    return [
        FileProblem(
            accounts[name].line,
            "accommodation is not applied, as the account was there already: `guichet accounts grant` changes it.",
        )
        for name, one in there.items()
        if accounts[name].columns.get("accommodation") and accounts[name].accommodation != one.accommodation
    ]


def with_account(new: Sequence[FileAccount], taken: Collection[str]) -> list[FileProblem]:
    """Rows of new accounts whose e-mail address another account has: an address has one (AC-02)."""
    return [
        FileProblem(one.line, "email: another account has this address.")
        for one in new
        if one.email is not None and one.email.canonical in taken
    ]


def somebody_elses(
    accounts: Mapping[str, FileAccount], there: Mapping[str, ExistingAccount]
) -> list[FileProblem]:
    """Rows whose user name is the account of another person: their draft would go to that one."""
    return [
        FileProblem(
            accounts[name].line,
            "username: the account of this user name is of another person (identity, passport). An import changes no "
            "account: give this person another user name, or the identity that the account has.",
        )
        for name, one in there.items()
        if not same_person(accounts[name].identity, one.identity)
    ]


def same_person(of_file: Identity, of_account: Identity) -> bool:
    """Whether both are one person. A date of birth that an earlier release took as it came is no difference."""

    def parts(identity: Identity) -> tuple[list[str], str, object]:
        letters = normalisation.letters
        names = sorted(filter(None, (letters(identity.family_name), letters(identity.given_name))))
        return names, letters(identity.passport), iso_date(identity.birth_date)

    names, passport, born = parts(of_file)
    other_names, other_passport, other_born = parts(of_account)
    return (names, passport) == (other_names, other_passport) and (other_born is None or born == other_born)


def parts_of(file: AccountFile) -> Iterator[AccountFile]:
    """The accounts of a file that was checked, in its order, as many as are written in one transaction."""
    for start in range(0, len(file.accounts), WRITTEN_AT_ONCE):
        some = file.accounts[start : start + WRITTEN_AT_ONCE]
        yield AccountFile(len(some), some, [], [])


async def carry_out(
    conn: AsyncConnection,
    ciphers: CandidateCiphers,
    part: AccountFile,
    target: ImportTarget,
    began: int,
    by: By,
) -> WrittenPart:
    """Write a part of a file, on the record, in one transaction; what is there already is left alone.

    Raises AccountFileError when the store has changed so that a row of it cannot be done any more. `began` is the
    instant at which the import of the file began.
    """
    planned = await plan(conn, ciphers.personal, part, target.programme)
    if planned.problems:
        changed = "Accounts changed while the file was imported; what stands before this line is written. Run it again."
        raise AccountFileError(f"{planned.problems[0]} {changed}")
    now, added, form = now_ms(), planned.added, target.form
    new = [new_accounts.of_file(account) for account in planned.new]
    ids = await new_accounts.add_accounts(conn, ciphers.personal, new, now)
    fresh = {ids[account.known]: account for account in planned.new}
    contents = {
        id: columns.answers_in(form, account.columns) for id, account in {**fresh, **planned.lacking}.items()
    }
    await repository.add(conn, ciphers.drafts, contents, target.programme, now, form.version)
    if contents:
        # Once a file, at its end; this one is for an import that is interrupted and never finished.
        await reminders.stage_extension(conn, target.programme, began, due_at=began + EXTENDED_LATEST_MS)
        await audit.record(
            conn, by, AccountAct.ACCOUNTS_IMPORT, None, now,
            programme=target.programme, new=added.accounts_new, there=added.accounts_there, drafts=added.drafts_new,
        )  # fmt: skip
    waiting = {id: account for id, account in fresh.items() if not account.is_hashed}
    return WrittenPart(added, {**planned.unhashed, **waiting})


async def finish(conn: AsyncConnection, programme: str, now: int) -> None:
    """Have the drafts that were written kept over the periods of their programme."""
    await reminders.stage_extension(conn, programme, now)


def refuse(path: Path, file: AccountFile, planned: ImportPlan) -> None:
    """All or nothing: raises AccountFileError with every problem, as far as they are shown, and how many rows it is."""
    if not planned.problems:
        return
    refused = len({problem.line for problem in planned.problems})
    summary = f"Nothing was imported: {refused} of {file.rows} rows are refused."
    problems = csv_files.told(path, planned.problems)
    raise AccountFileError(f"{problems}{' ' if len(planned.problems) == 1 else chr(10)}{summary}")


def outcome(added: Added, programme: str, *, check: bool) -> str:
    """What was done with a file, or what would be, as a sentence."""
    kept = {"passwords, answers and identities": added.accounts_there, "drafts": added.drafts_there}
    left = " and ".join(what for what, number in kept.items() if number)
    return (
        f"{'Nothing was written, with --check. ' if check else ''}{added.accounts_new} accounts are new, "
        f"{added.accounts_there} were there already; {added.drafts_new} drafts for {programme} are new, "
        f"{added.drafts_there} were there already{f' ({left} of the file are not applied to these)' if left else ''}."
    )


async def readiness_lines(
    conn: AsyncConnection, ciphers: DraftCiphers, forms: Forms, programme: Programme
) -> list[str]:
    """How many people are ready for each period of a programme that is not over, a sentence each."""
    to_come = (PeriodState.DRAFT, PeriodState.ANNOUNCED, PeriodState.ARMED, PeriodState.OPEN)
    p = quota_store.period
    rows = await conn.execute(
        sa.select(p)
        .where(p.c.programme == programme.id, p.c.state.in_(to_come))
        .order_by(p.c.opens_at, p.c.id)
    )
    lines = []
    for period in map(quota_store.period_of, rows):
        ready = await readiness.of_period(conn, ciphers, forms, period, programme.draft)
        opens = f"{montreal(period.opens_at):%Y-%m-%d %H:%M}"
        lines.append(f"{period.id} ({period.state}, opens {opens}, Montréal time): {readiness_words(ready)}")
    if not lines:
        before = programme.accounts.created_before_at
        ready = await readiness.count(conn, ciphers, forms, programme.id, programme.draft, now_ms(), before)
        lines.append(f"No period of {programme.id} is to come; today: {readiness_words(ready)}")
    return lines


def readiness_words(ready: ReadyCandidates) -> str:
    """The count as the rest of a sentence."""
    against = {
        "drafts incomplete": ready.drafts - ready.complete,
        "drafts expired by then": ready.expired,
        "accounts made too late": ready.too_recent,
    }
    more = "".join(f", {number} {words}" for words, number in against.items() if number)
    return (
        f"{ready.accounts} accounts, {ready.complete} complete drafts for this programme; {ready.ready} people are "
        f"ready{more}."
    )
