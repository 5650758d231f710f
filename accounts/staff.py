"""Staff: the operators who steer periods, how they are added and how they sign in."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import roles, sessions, store
from accounts.acts import AccountAct, record_failed_sign_in
from accounts.attempts.challenge import Challenge, prove
from accounts.identities import known_as
from accounts.passwords import COST
from accounts.roles import HolderKind, Role
from accounts.services import AccountServices
from accounts.sessions import SignedIn
from accounts.states import SessionRole
from foundation import audit
from foundation.audit import By
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from server.requests import Incoming


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in reads of an operator's row."""

    id: int
    username: str
    password_hash: str


async def add_operator(
    conn: AsyncConnection, username: str, password: str, now: int, by: By = audit.COMMAND_LINE
) -> None:
    """Make an operator, on the record, or give an existing one this password, which ends the sessions begun with the
    old one. The role is granted where it is not held."""
    known = known_as(username)
    existed = sa.select(store.operator.c.id).where(store.operator.c.username == known)
    is_new = (await conn.execute(existed)).first() is None
    values = {"username": known, "password_hash": COST.hash(password), "created_at": now}
    statement = insert_for(conn, store.operator).values(values)
    new_password = {"password_hash": statement.excluded.password_hash}
    upsert = statement.on_conflict_do_update(index_elements=["username"], set_=new_password)
    owner = (await conn.execute(upsert.returning(store.operator.c.id))).scalar_one()
    await sessions.end_all(conn, SessionRole.OPERATOR, owner)
    granted = await roles.grant(conn, HolderKind.OPERATOR, owner, Role.OPERATOR, by, now)
    subject = Subject.row(store.OPERATOR, owner)
    after = {"granted": [Role.OPERATOR] if granted else []}
    await audit.record(
        conn, by, AccountAct.OPERATOR_ADD, subject, now, after=after, username=known, is_new=is_new
    )


async def by_username(conn: AsyncConnection, username: str) -> StaffMember | None:
    """The operator with this name, as `known_as` writes it."""
    o = store.operator
    columns = sa.select(o.c.id, o.c.username, o.c.password_hash)
    row = (await conn.execute(columns.where(o.c.username == username))).one_or_none()
    return (
        None
        if row is None
        else StaffMember(id=row.id, username=row.username, password_hash=row.password_hash)
    )


async def sign_in_operator(
    services: AccountServices, came: Incoming, username: str, password: str
) -> SignedIn:
    """Sign an operator in. Refusals rate_limited; bad_credentials, on the record; Unavailable."""
    username = known_as(username)
    role = SessionRole.OPERATOR

    def pairs(operator: StaffMember | None) -> Sequence[tuple[str | None, str]]:
        return ((None if operator is None else operator.password_hash, password),)

    async def begin(conn: AsyncConnection, operator: StaffMember) -> SignedIn:
        owner = sessions.Owner(role=role, id=operator.id, username=operator.username)
        return await sessions.begin(conn, services, came, owner, sessions.LASTS_MS[role])

    challenge = Challenge[StaffMember](
        name=sessions.known_name(role, username),
        find=lambda conn: by_username(conn, username),
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS,),
    )
    try:
        return await prove(services, came, challenge, begin)
    except Refusal as refusal:
        if refusal.code == Code.BAD_CREDENTIALS:
            await services.db.write(lambda conn: record_failed_sign_in(conn, username, now_ms()))
        raise
