"""What a candidate fills in beforehand: the form as data, what is missing of it, and how long it is kept.

The form below is the smallest believable one. A draft's content is JSON, section by section: `{"training": {"diploma":
"..."}}`. Forms to fill it in come later; `guichet accounts import` and the demo bring complete drafts.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.normalisation import is_blank
from foundation.calendar import DAY_MS
from foundation.sql.tables import among
from submission import store

AT_ONCE = 1_000
"""Rows a statement, as `accounts/bulk_import/new_accounts.py` has it."""

Content = dict[str, dict[str, str]]


class DraftField(msgspec.Struct, frozen=True):
    """One line of the form: its name in the content, its French label, whether it must be filled in.

    `instead` is a field of the same section that may be filled in instead.
    """

    name: str
    label: str
    required: bool = True
    instead: str | None = None


class DraftSection(msgspec.Struct, frozen=True):
    name: str
    title: str
    fields: tuple[DraftField, ...]


FORM: tuple[DraftSection, ...] = (
    DraftSection("identity", "Identité", (
        DraftField("family_name", "Nom de famille", instead="given_name"),  # a person may have one name only
        DraftField("given_name", "Prénom", instead="family_name"),
        DraftField("birth_date", "Date de naissance"),
        DraftField("birth_country", "Pays de naissance"),
        DraftField("passport", "Numéro de passeport"),
    )),
    DraftSection("contact", "Coordonnées", (
        DraftField("address", "Adresse"),
        DraftField("city", "Ville"),
        DraftField("country", "Pays de résidence"),
        DraftField("email", "Courriel"),
        DraftField("telephone", "Téléphone", required=False),
    )),
    DraftSection("training", "Formation", (
        DraftField("diploma", "Diplôme"),
        DraftField("field", "Domaine de formation"),
        DraftField("school", "Établissement"),
        DraftField("year", "Année d’obtention"),
    )),
    DraftSection("experience", "Expérience de travail", (
        DraftField("occupation", "Profession"),
        DraftField("employer", "Employeur"),
        DraftField("months", "Mois d’expérience"),
    )),
    DraftSection("languages", "Connaissances linguistiques", (
        DraftField("french", "Français"),
        DraftField("english", "Anglais"),
    )),
    DraftSection("plans", "Projet au Québec", (
        DraftField("region", "Région visée"),
        DraftField("occupation", "Profession visée"),
        DraftField("family_members", "Membres de la famille qui accompagnent", required=False),
    )),
)  # fmt: skip

PATHS = tuple(f"{section.name}.{field.name}" for section in FORM for field in section.fields)
"""The name of each field, such as `training.diploma`, in the form's order."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft's row as a value."""

    id: int
    account: int
    programme: str
    content: Content
    begun_at: int
    updated_at: int


def missing(content: Content, sections: Collection[str] | None = None) -> list[str]:
    """The paths of what must still be filled in, in the form's order, such as `training.diploma`.

    Only `sections` are asked for, if a programme names some.
    """
    found: list[str] = []
    for section in FORM:
        if sections is None or section.name in sections:
            answers = content.get(section.name, {})
            found += [
                f"{section.name}.{field.name}"
                for field in section.fields
                if field.required and not is_filled_in(answers, field)
            ]
    return found


def is_filled_in(answers: Mapping[str, str], field: DraftField) -> bool:
    """Whether something that is seen stands in this field of a section's answers, or in the one that serves instead."""
    if not is_blank(answers.get(field.name, "")):
        return True
    return field.instead is not None and not is_blank(answers.get(field.instead, ""))


def kept_until(begun_at: int, days: int) -> int:
    """The instant up to which a draft is kept: so many days from its beginning."""
    return begun_at + days * DAY_MS


def expired(begun_at: int, now: int, days: int) -> bool:
    """Whether a draft that is kept so many days is no longer good."""
    return now >= kept_until(begun_at, days)


def content_of(answers: Mapping[str, str]) -> Content:
    """A draft's content from answers by path, such as `training.diploma`; what is not among them is empty."""
    return {
        section.name: {
            field.name: answers.get(f"{section.name}.{field.name}") or "" for field in section.fields
        }
        for section in FORM
    }


async def add(conn: AsyncConnection, contents: Mapping[int, Content], programme: str, now: int) -> None:
    """Insert a draft for a programme, begun now, for each of these accounts. None of them has one."""
    rows = [
        {
            "account": account,
            "programme": programme,
            "content": msgspec.json.encode(content).decode(),
            "begun_at": now,
            "updated_at": now,
        }
        for account, content in contents.items()
    ]
    for start in range(0, len(rows), AT_ONCE):
        await conn.execute(sa.insert(store.draft), rows[start : start + AT_ONCE])


async def remove(conn: AsyncConnection, accounts: Sequence[int]) -> int:
    """Delete every draft of these accounts; how many there were."""
    d, removed = store.draft, 0
    for start in range(0, len(accounts), AT_ONCE):
        theirs = d.c.account.in_(accounts[start : start + AT_ONCE])
        removed += (await conn.execute(sa.delete(d).where(theirs))).rowcount
    return removed


async def owners(conn: AsyncConnection, accounts: Collection[int], programme: str) -> set[int]:
    """Which of these accounts have a draft for a programme."""
    d, wanted, found = store.draft.c, sorted(accounts), set[int]()
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = sa.select(d.account).where(d.programme == programme, d.account.in_(some))
        found |= set((await conn.execute(rows)).scalars())
    return found


async def find(conn: AsyncConnection, account: int, programme: str) -> Draft | None:
    """This account's draft for a programme, or None."""
    d = store.draft
    row = (
        await conn.execute(sa.select(d).where(d.c.account == account, d.c.programme == programme))
    ).one_or_none()
    if row is None:
        return None
    return _draft_of(row)


_OF_ACCOUNTS = sa.select(store.draft).where(among(store.draft.c.account, "owners"))


async def of_accounts(conn: AsyncConnection, owners: Collection[int]) -> dict[tuple[int, str], Draft]:
    """The drafts of these accounts, by account and programme."""
    rows = await conn.execute(_OF_ACCOUNTS, {"owners": owners})
    return {(row.account, row.programme): _draft_of(row) for row in rows}


def content_in(text: str | None) -> Content:
    """A draft's content from its JSON; nothing of a draft that is not there."""
    return {} if text is None else msgspec.json.decode(text, type=Content)


def _draft_of(row: sa.Row[*tuple[Any, ...]]) -> Draft:
    return Draft(
        id=row.id,
        account=row.account,
        programme=row.programme,
        content=content_in(row.content),
        begun_at=row.begun_at,
        updated_at=row.updated_at,
    )
