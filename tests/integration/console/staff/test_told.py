"""What a member of staff is told of changes that others made to their access."""

from accounts import staff
from accounts.roles import Role
from accounts.sessions import Session
from accounts.states import SessionRole
from accounts.store import OPERATOR
from console.staff.told import TOLD_MS, others_changes
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject

ADA = Actor("ada", "administrator")


async def test_only_what_others_did_to_ones_own_access_is_told(database: Database) -> None:
    """Not one's own acts, nor those about a colleague, nor what is no change, nor what is long ago."""
    now = now_ms()
    luc = await database.write(lambda conn: staff.add_operator(conn, "luc", "", now, hashed="x", granted=()))
    bob = await database.write(lambda conn: staff.add_operator(conn, "bob", "", now, hashed="x", granted=()))
    long_ago = now - TOLD_MS - 1
    await database.write(lambda conn: staff.grant_role(conn, "luc", Role.AGENT, long_ago, ADA))
    await database.write(lambda conn: staff.grant_role(conn, "luc", Role.CLERK, now, ADA))
    await database.write(lambda conn: staff.end_role(conn, "luc", Role.CLERK, now, ADA, "erreur"))
    await database.write(lambda conn: staff.grant_role(conn, "bob", Role.CLERK, now, ADA))
    own = Actor("luc", "agent")
    about = Subject.row(OPERATOR, luc)
    await database.write(
        lambda conn: audit.record(conn, own, "operator_totp", about, now, after={"totp": True})
    )
    session = Session(role=SessionRole.OPERATOR, owner=luc, username="luc", expires_at=now + 1)
    told = await database.read(lambda conn: others_changes(conn, session))
    assert [(one.what, one.actor, one.reason) for one in told] == [
        ("Rôle retiré", "ada", "erreur"), ("Rôle accordé", "ada", ""),
    ]  # fmt: skip
    assert bob != luc
