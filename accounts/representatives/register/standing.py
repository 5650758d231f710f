"""Whether the register recognises a consultant on a day (RP-05): one pure decision over its row."""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.representatives.store import consultant
from foundation.sql.tables import plain_row

c = consultant.c


class ConsultantStatus(StrEnum):
    """What the register says of a consultant."""

    RECOGNISED = "recognised"
    """May act, from the first day of the recognition to its last."""
    SUSPENDED = "suspended"
    """May not act for now."""
    REVOKED = "revoked"
    """May not act any more."""


class RegisterStanding(StrEnum):
    """Where a consultant stands on a day."""

    RECOGNISED = "recognised"
    """In the register, neither suspended nor revoked, and within its dates."""
    UNKNOWN = "unknown"
    """Not in the register."""
    NOT_YET = "not_yet"
    """The recognition begins on a later day."""
    SUSPENDED = "suspended"
    """Suspended."""
    REVOKED = "revoked"
    """Revoked."""
    EXPIRED = "expired"
    """The recognition was not renewed after its last day."""


REFUSED: Final = {
    RegisterStanding.UNKNOWN: "Ce numéro n’est pas au Registre québécois des consultants en immigration. Vérifiez-le "
    "avec cette personne.",
    RegisterStanding.NOT_YET: "La reconnaissance de cette personne au registre n’a pas encore commencé.",
    RegisterStanding.SUSPENDED: "Sa reconnaissance est suspendue : cette personne ne peut pas vous représenter.",
    RegisterStanding.REVOKED: "Sa reconnaissance a été révoquée : cette personne ne peut pas vous représenter.",
    RegisterStanding.EXPIRED: "Sa reconnaissance a pris fin sans être renouvelée : cette personne ne peut pas vous "
    "représenter.",
}
"""Standing -> why a consultant cannot be declared, beside the field of the number."""

OTHER_NAME: Final = (
    "Dans le registre, ce numéro est celui d’une autre personne. Vérifiez le numéro et l’orthographe du nom."
)


class RegisterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A consultant's row. Both dates are in the recognition."""

    id: int = 0
    number: str
    name: str
    status: ConsultantStatus
    valid_from: date
    valid_to: date


def number_of(text: str) -> str:
    """A number as it is kept and looked up: capitals and digits, whatever stands between them."""
    return normalisation.letters(text).upper()


def standing(entry: RegisterEntry | None, day: date) -> RegisterStanding:
    """Whether the register recognises them on this day. A suspension counts before any date. Pure."""
    if entry is None:
        return RegisterStanding.UNKNOWN
    if entry.status is not ConsultantStatus.RECOGNISED:
        return RegisterStanding(entry.status)
    if day < entry.valid_from:
        return RegisterStanding.NOT_YET
    return RegisterStanding.EXPIRED if day > entry.valid_to else RegisterStanding.RECOGNISED


def is_named(entry: RegisterEntry, given_name: str, family_name: str) -> bool:
    """Whether the register's name has the family name that was typed, or the only name, in any spelling. Pure."""
    wanted = normalisation.letters(family_name) or normalisation.letters(given_name)
    return bool(wanted) and wanted in normalisation.letters(entry.name)


async def by_number(conn: AsyncConnection, number: str) -> RegisterEntry | None:
    """The consultant of this number, however it is typed."""
    row = (await conn.execute(sa.select(consultant).where(c.number == number_of(number)))).one_or_none()
    return None if row is None else entry_of(row)


async def by_id(conn: AsyncConnection, id: int) -> RegisterEntry | None:
    """The consultant of this row."""
    row = (await conn.execute(sa.select(consultant).where(c.id == id))).one_or_none()
    return None if row is None else entry_of(row)


def entry_of(row: sa.Row[*tuple[object, ...]]) -> RegisterEntry:
    """A row as a value."""
    return msgspec.convert(plain_row(row), RegisterEntry, strict=False)
