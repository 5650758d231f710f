"""Who of the staff had to do with a file, as its owner may know it."""

from accounts.events import looks
from accounts.events.looks import StaffLook
from accounts.store import ACCOUNT
from foundation import audit
from foundation.audit import Actor
from foundation.sql.database import Database
from foundation.subjects import Subject


async def test_an_account_sees_who_looked_at_it_alone(database: Database) -> None:
    """When, in what role, what was done; not by whom, nothing of another account, nothing of the service itself."""

    async def line(actor: Actor | str, act: str, account: int, at: int) -> None:
        subject = Subject.row(ACCOUNT, account)
        await database.write(lambda conn: audit.record(conn, actor, act, subject, at))

    await line(Actor("lucie", "agent"), "file_open", 7, 1)
    await line(Actor("lucie", "agent"), audit.LOOK, 7, 2)
    await line(Actor("marc", "auditor"), audit.LOOK, 8, 3)
    await line(audit.SERVICE, "grant", 7, 4)
    await line(Actor("zoe", "approver"), "something_new", 7, 5)
    found = await database.read(lambda conn: looks.of_account(conn, 7))
    assert [(one.at, one.role_words, one.act_words) for one in found] == [
        (5, "Approbation", "Intervention au dossier"), (2, "Agente ou agent", "Dossier consulté"),
        (1, "Agente ou agent", "Dossier ouvert"),
    ]  # fmt: skip
    assert StaffLook(1, "later", "x").role_words == "Ministère"
