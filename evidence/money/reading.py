"""Reading what the money of files says: movements, supplements, cases, events and what remains of deleted files, of the
submissions that a condition names."""

from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments.states import AmendmentAct
from casework.amendments.store import amendment, amendment_review
from casework.files.store import file_event
from casework.payments.card.states import RefundState
from casework.payments.card.store import card_refund, charge
from casework.payments.store import money_case, movement, refund_cheque, supplement, tombstone
from evidence.books import (
    Books,
    ChequeRow,
    FileEventRow,
    MoneyCaseRow,
    MovementRow,
    ProgrammePeriodRow,
    ReviewedAmendment,
    SubmissionRow,
    SupplementRow,
)
from quota.states import TokenState
from quota.store import period, token
from submission.store import submission

R = TypeVar("R", bound=msgspec.Struct)

s = submission.c

Whose = sa.ColumnElement[bool]
"""Which submissions are read."""


async def with_files(conn: AsyncConnection, books: Books, whose: Whose) -> Books:
    """The books with everything that files of these submissions say."""
    return msgspec.structs.replace(
        books,
        movements=await values_of(conn, MovementRow, _of_files(movement, whose)),
        cheques=await values_of(conn, ChequeRow, _of_files(refund_cheque, whose)),
        supplements=await values_of(conn, SupplementRow, _of_files(supplement, whose)),
        money_cases=await values_of(conn, MoneyCaseRow, _of_files(money_case, whose)),
        going_back={number: int(cents) for number, cents in await conn.execute(_going_back(whose))},
        given_back={number: int(cents) for number, cents in await conn.execute(_given_back(whose))},
        acknowledged=await values_of(conn, ReviewedAmendment, _acknowledged(whose)),
        file_events=await values_of(conn, FileEventRow, _of_files(file_event, whose)),
        tombstones=list(
            (
                await conn.execute(_of_files(tombstone, whose).with_only_columns(tombstone.c.submission))
            ).scalars()
        ),
    )


async def outside_files(conn: AsyncConnection, books: Books) -> Books:
    """Books of their own for the files of what was submitted outside the programme's quotas: a place of no period, and
    money as everybody's (P15)."""
    whose = s.ledger == books.period.programme
    columns = [one for one in submission.c if one.name != "number"]
    rows = sa.select(*columns, sa.literal(0).label("number")).where(whose).order_by(s.id)
    alone = Books(period=books.period, submissions=await values_of(conn, SubmissionRow, rows))
    return await with_files(conn, alone, whose)


async def periods_of(conn: AsyncConnection, programme: str) -> list[ProgrammePeriodRow]:
    """Every period of a programme, with how many of its files were deleted as unpaid, and how many of its tokens hold
    or took a place."""
    buried = (
        sa.select(sa.func.count()).select_from(tombstone).join(submission, s.id == tombstone.c.submission)
    )
    of_each = buried.where(s.period == period.c.uid).scalar_subquery().label("tombstones")
    holding = sa.select(sa.func.count()).where(
        token.c.period == period.c.uid, token.c.state.in_((TokenState.LIVE, TokenState.USED))
    )
    taken = holding.scalar_subquery().label("taken")
    mine = sa.select(*period.c, of_each, taken).where(period.c.programme == programme)
    return await values_of(conn, ProgrammePeriodRow, mine.order_by(period.c.ordinal))


async def values_of(conn: AsyncConnection, row: type[R], statement: sa.Select[Any]) -> list[R]:
    """The rows of a statement as values; columns that a value does not have are not read."""
    fields = {field.name for field in msgspec.structs.fields(row)}
    wanted = statement.with_only_columns(*(c for c in statement.selected_columns if c.name in fields))
    return [row(**found._mapping) for found in await conn.execute(wanted)]


def _of_files(table: sa.Table, whose: Whose) -> sa.Select[Any]:
    """The rows of a table that are of these submissions, in the order in which they were written."""
    first = next(iter(table.primary_key.columns))
    return sa.select(table).join(submission, s.id == table.c.submission).where(whose).order_by(first)


def _going_back(whose: Whose) -> sa.Select[Any]:
    """The cents of each of these submissions that are asked to go back to a card."""
    return _refunds(whose).where(card_refund.c.state == RefundState.ASKED)


def _given_back(whose: Whose) -> sa.Select[Any]:
    """The same with those that have gone."""
    return _refunds(whose).where(card_refund.c.state != RefundState.REFUSED)


def _refunds(whose: Whose) -> sa.Select[Any]:
    asked = sa.select(charge.c.submission, sa.func.sum(card_refund.c.cents))
    mine = asked.join(card_refund, card_refund.c.charge == charge.c.id).join(
        submission, s.id == charge.c.submission
    )
    return mine.where(whose).group_by(charge.c.submission)


def _acknowledged(whose: Whose) -> sa.Select[Any]:
    """The amendments of these submissions that were taken into account."""
    a, r = amendment.c, amendment_review.c
    found = sa.select(a.submission, a.serial, r.at).join(amendment_review, r.amendment == a.id)
    mine = found.join(submission, s.id == a.submission).where(whose)
    return mine.where(r.act == AmendmentAct.ACKNOWLEDGE).order_by(r.id)
