"""Drafts as rows and as values. Everything that reads a draft goes through here: answers are encrypted in the table.

A draft that an earlier release wrote is plain JSON in its row until somebody saves in it or the keys are rotated; it
reads like any other, each section as its first version.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts import store as accounts_store
from accounts.sessions import RunningRow, Session
from foundation.sql.direct import DirectLook
from foundation.sql.tables import among
from submission.drafts import store
from submission.drafts.encryption import DraftCiphers, OpenedSections, SealedSection, StoredSection, place_of
from submission.drafts.retention import kept_until
from submission.forms.answers import Answers

AT_ONCE = 1_000
"""Rows a statement, as `accounts/bulk_import/new_accounts.py` has it."""

FIRST_VERSION: Final = 1
"""Of a section that was saved once; zero is one that never was."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A live draft, opened. `stored_until` is what was recorded of how long it is kept; ask `until`."""

    id: int
    account: int
    programme: str
    form_version: str | None
    revision: int
    begun_at: int
    stored_until: int | None
    updated_at: int
    sections: dict[str, StoredSection]
    is_plain: bool = False
    """Of an earlier release: not encrypted yet."""

    @property
    def answers(self) -> Answers:
        """By section."""
        return {name: section.answers for name, section in self.sections.items()}

    def until(self, days: int) -> int:
        """The instant up to which it is kept, where the programme keeps drafts so many days (DR-01)."""
        return kept_until(self.begun_at, self.stored_until, days)


class DraftRow(NamedTuple):
    """The columns of a draft, as `COLUMNS` names them; all None where an outer join found none."""

    draft_id: int
    draft_account: int
    draft_programme: str
    draft_content: str | None
    draft_form_version: str | None
    draft_revision: int
    draft_begun_at: int
    draft_kept_until: int | None
    draft_updated_at: int


_d = store.draft.c

COLUMNS = tuple(_d[name.removeprefix("draft_")].label(name) for name in DraftRow._fields)
"""What `opened` needs of a draft, for a statement that joins it."""

LIVE = _d.destroyed_at.is_(None)

_ROWS = sa.select(*COLUMNS).where(LIVE)

_OF_ACCOUNTS = DirectLook(_ROWS.where(among(_d.account, "owners")))

_SECTIONS = sa.select(store.draft_section).where(among(store.draft_section.c.draft, "drafts"))


def row_in(row: sa.Row[*tuple[Any, ...]]) -> DraftRow:
    """The draft's part of a row that has more."""
    return DraftRow(*(getattr(row, name) for name in DraftRow._fields))


async def find(conn: AsyncConnection, ciphers: DraftCiphers, account: int, programme: str) -> Draft | None:
    """This account's live draft for a programme, or None."""
    theirs = _ROWS.where(_d.account == account, _d.programme == programme)
    found = await opened(conn, ciphers, map(row_in, await conn.execute(theirs)))
    return found[0] if found else None


async def of_accounts(
    conn: AsyncConnection, ciphers: DraftCiphers, owners: Collection[int]
) -> dict[tuple[int, str], Draft]:
    """The live drafts of these accounts, by account and programme."""
    rows = await _OF_ACCOUNTS.rows(conn, {"owners": owners})
    found = await opened(conn, ciphers, map(DraftRow._make, rows))
    return {(draft.account, draft.programme): draft for draft in found}


_OF_SESSIONS = DirectLook(
    sessions.RUNNING.add_columns(*COLUMNS).outerjoin(
        store.draft, sa.and_(_d.account == accounts_store.session.c.owner, LIVE)
    )
)

_OF_SESSION: Final = len(RunningRow._fields)
"""How many columns of a row are the session's; those of the draft follow."""


async def of_sessions(
    conn: AsyncConnection, ciphers: DraftCiphers, digests: Collection[str]
) -> tuple[dict[str, Session], dict[tuple[int, str], Draft]]:
    """The candidates' sessions of these digests, ended ones too, and what their owners have filled in, by account and
    programme.

    One statement, as each costs as much as the rows of twenty people, and one more for what this process has not opened
    lately.
    """
    found: dict[str, Session] = {}
    begun: dict[int, DraftRow] = {}
    if digests:
        for row in await _OF_SESSIONS.rows(conn, {"digests": digests}):
            session = RunningRow._make(row[:_OF_SESSION])
            found[session.digest] = sessions.session_of(session)
            if row[_OF_SESSION] is not None:
                begun[row[_OF_SESSION]] = DraftRow._make(row[_OF_SESSION:])
    drafts = await opened(conn, ciphers, begun.values())
    return found, {(draft.account, draft.programme): draft for draft in drafts}


async def opened(conn: AsyncConnection, ciphers: DraftCiphers, rows: Iterable[DraftRow]) -> list[Draft]:
    """These drafts with their answers, in order. What this process has opened lately costs no further statement."""
    rows = list(rows)
    known = {row.draft_id: ciphers.remembered(_state(row)) for row in rows}
    unknown = [row for row in rows if known[row.draft_id] is None]
    if unknown:
        stored = await _stored(conn, [row.draft_id for row in unknown])
        for row in unknown:
            known[row.draft_id] = _open(ciphers, row, stored.get(row.draft_id, []))
    return [_draft(row, known[row.draft_id] or {}) for row in rows]


async def _stored(conn: AsyncConnection, drafts: Collection[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in await conn.execute(_SECTIONS, {"drafts": drafts}):
        found.setdefault(row.draft, []).append(row)
    return found


def _open(ciphers: DraftCiphers, row: DraftRow, stored: Sequence[Any]) -> dict[str, StoredSection]:
    sections = OpenedSections(plain_sections(row.draft_content, row.draft_updated_at))
    for one in stored:
        answers = ciphers.open(place_of(row.draft_id, one.section), SealedSection(one.key, one.answers))
        sections[one.section] = StoredSection(one.version, answers, one.updated_at, one.read_again)
    if row.draft_content is None:
        ciphers.remember(_state(row), sections)
    return sections


def plain_sections(content: str | None, updated_at: int) -> dict[str, StoredSection]:
    """The sections of a draft that an earlier release wrote."""
    if content is None:
        return {}
    answers = msgspec.json.decode(content, type=Answers)
    return {name: StoredSection(FIRST_VERSION, one, updated_at) for name, one in answers.items()}


def _state(row: DraftRow) -> tuple[int, int, int, int]:
    return row.draft_id, row.draft_account, row.draft_revision, row.draft_updated_at


def state_of(draft: Draft) -> tuple[int, int, int, int]:
    """What names a draft and everything that changes with it, for `DraftCiphers.remember`."""
    return draft.id, draft.account, draft.revision, draft.updated_at


def _draft(row: DraftRow, sections: dict[str, StoredSection]) -> Draft:
    return Draft(
        id=row.draft_id, account=row.draft_account, programme=row.draft_programme,
        form_version=row.draft_form_version, revision=row.draft_revision, begun_at=row.draft_begun_at,
        stored_until=row.draft_kept_until, updated_at=row.draft_updated_at, sections=sections,
        is_plain=row.draft_content is not None,
    )  # fmt: skip


async def add(
    conn: AsyncConnection,
    ciphers: DraftCiphers,
    contents: Mapping[int, Answers],
    programme: str,
    now: int,
    form_version: str | None = None,
) -> None:
    """Insert a draft for a programme, begun now, for each of these accounts. None of them has one."""
    rows = [
        {
            "account": account, "programme": programme, "form_version": form_version, "revision": 1,
            "begun_at": now, "updated_at": now,
        }
        for account in contents
    ]  # fmt: skip
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        await conn.execute(sa.insert(store.draft), some)
        owners = [row["account"] for row in some]
        ids = await conn.execute(_ids(programme), {"owners": owners})
        sections = [
            section_row(ciphers, row.id, name, answers, FIRST_VERSION, now)
            for row in ids
            for name, answers in contents[row.account].items()
        ]
        if sections:
            await conn.execute(sa.insert(store.draft_section), sections)


def _ids(programme: str) -> sa.Select[tuple[int, int]]:
    return sa.select(_d.id, _d.account).where(among(_d.account, "owners"), _d.programme == programme, LIVE)


def section_row(
    ciphers: DraftCiphers, draft: int, section: str, answers: Any, version: int, now: int
) -> dict[str, Any]:
    """A section's row, sealed."""
    sealed = ciphers.seal(place_of(draft, section), answers)
    return {
        "draft": draft, "section": section, "version": version, "key": sealed.key, "answers": sealed.answers,
        "updated_at": now, "read_again": None,
    }  # fmt: skip


async def remove(conn: AsyncConnection, accounts: Sequence[int]) -> int:
    """Delete every draft of these accounts, tombstones too; how many there were."""
    removed = 0
    for start in range(0, len(accounts), AT_ONCE):
        theirs = _d.account.in_(accounts[start : start + AT_ONCE])
        ids = sa.select(_d.id).where(theirs).scalar_subquery()
        for part in (store.draft_section, store.draft_past):
            await conn.execute(sa.delete(part).where(part.c.draft.in_(ids)))
        removed += (await conn.execute(sa.delete(store.draft).where(theirs))).rowcount
    return removed


async def owners(conn: AsyncConnection, accounts: Collection[int], programme: str) -> set[int]:
    """Which of these accounts have a live draft for a programme."""
    wanted, found = sorted(accounts), set[int]()
    for start in range(0, len(wanted), AT_ONCE):
        some = {"owners": wanted[start : start + AT_ONCE]}
        found |= {row.account for row in await conn.execute(_ids(programme), some)}
    return found
