"""Broadcasts for tests: written, confirmed and sent by the acts that staff have."""

from casework.mailbox import audiences, broadcasts
from casework.mailbox.audiences import Audience, AudienceKind
from casework.mailbox.broadcasts import Broadcast, ShownAudience
from casework.mailbox.typed import TypedMessage
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database

ANNE, BRUNO = Actor("anne", "agent"), Actor("bruno", "approver")

SAID = TypedMessage("Nouvelle fonction", "Vous pouvez maintenant changer votre adresse en ligne.")

EVERYBODY = Audience(kind=AudienceKind.EVERYBODY)


async def written(db: Database, audience: Audience = EVERYBODY, by: Actor = ANNE) -> Broadcast:
    """A draft."""
    return await db.write(lambda conn: broadcasts.write(conn, by, SAID, audience, now_ms()))


async def seen(db: Database, id: int) -> ShownAudience:
    """What the page shows now."""
    of = await db.read(lambda conn: broadcasts.find(conn, id))
    people = await db.read(lambda conn: audiences.found(conn, of.audience))
    return ShownAudience(of.version, people.digest)


async def confirmed(db: Database, id: int, by: Actor = ANNE) -> Broadcast:
    """Confirmed by its author for the people that there are."""
    shown = await seen(db, id)
    return await db.write(lambda conn: broadcasts.confirm(conn, id, shown, by, now_ms()))


async def approved(db: Database, id: int, by: Actor = BRUNO) -> Broadcast:
    """Agreed to by a second person."""
    shown = await seen(db, id)
    return await db.write(lambda conn: broadcasts.approve(conn, id, shown, by, now_ms()))
