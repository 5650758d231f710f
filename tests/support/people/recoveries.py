"""Recovery as the service does it, for tests: asked over a call, answered by its task."""

import sqlalchemy as sa

from accounts.recovery.answering import answering
from accounts.recovery.asking import ask
from accounts.recovery.services import RecoveryServices, recovery_services
from accounts.recovery.states import LostSecret
from accounts.recovery.store import RECOVERY
from foundation import outbox
from foundation.outbox import task
from foundation.sql.database import Database
from tests.support.desks import Desk, visit
from tests.support.people.mailboxes import address_of, posted, token_in
from tests.support.rooms import KEYS

PUBLIC_URL = "http://guichet.test"


def services_of(desk: Desk) -> RecoveryServices:
    """The services on this desk, unlimited."""
    return recovery_services(desk.accounts, KEYS, PUBLIC_URL, limited=False)


async def answer_all(db: Database) -> None:
    """Do every task of recovery, as a worker does."""
    effects = {RECOVERY: answering(KEYS, PUBLIC_URL)}
    waiting = sa.select(task.c.id, task.c.attempt).where(task.c.kind == RECOVERY, task.c.state == "staged")
    for row in (await db.read(lambda conn: conn.execute(waiting))).all():
        assert await outbox.perform(db, effects, row.id, row.attempt)


async def asked(desk: Desk, what: LostSecret, address: str = "") -> str:
    """Ask for a lost secret of the first account, or of this address; the token of the newest link."""
    await ask(services_of(desk), visit().came, address or address_of(1), what)
    await answer_all(desk.db)
    return token_in((await posted(desk.db))[-1])
