"""Who of the staff looked at an account's file, as its owner may know it: when, in what role, what was done (P16).

Read from the audit, where it cannot be changed unseen. Looks are kept for a month there, acts for good. Who it was by
name is the ministry's to say, not the page's: the role is what the person was looked at by.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.acts import AccountAct
from accounts.roles import STAFF, Role
from accounts.store import ACCOUNT
from foundation import audit

a = audit.a.c

MOST_SHOWN = 200

ROLE_WORDS = {
    Role.AGENT: "Agente ou agent",
    Role.CLERK: "Commis au courrier",
    Role.OPERATOR: "Conduite des périodes",
    Role.APPROVER: "Approbation",
    Role.AUDITOR: "Vérification",
    Role.ADMINISTRATOR: "Administration des accès",
}
"""Role -> what it is called."""

ACT_WORDS = {
    audit.LOOK: "Dossier consulté",
    "file_open": "Dossier ouvert",
    "file_refused": "Ouverture refusée : identité non confirmée",
    "file_close": "Dossier refermé",
    "message_send": "Message écrit",
    AccountAct.GRANT: "Mesure d’adaptation accordée",
    AccountAct.IDENTITY_CORRECTION: "Identité corrigée",
    AccountAct.EMAIL_CHANGE: "Adresse de courriel changée",
}
"""Act in the audit -> what its owner reads; any other one is an act on the file."""

OTHER_ACT = "Intervention au dossier"


class StaffLook(msgspec.Struct, frozen=True):
    """One line: an instant, in what role, and what was done, as words."""

    at: int
    role: str
    act: str

    @property
    def role_words(self) -> str:
        known = next((words for role, words in ROLE_WORDS.items() if role == self.role), None)
        return known or "Ministère"

    @property
    def act_words(self) -> str:
        return ACT_WORDS.get(self.act, OTHER_ACT)


async def of_account(conn: AsyncConnection, account: int) -> list[StaffLook]:
    """Who of the staff had to do with this account's file, the newest first; what is long past is not read."""
    theirs = (a.subject_kind == ACCOUNT, a.subject_id == str(account), a.role.in_(STAFF))
    lines = sa.select(a.at, a.role, a.act).where(*theirs).order_by(a.id.desc()).limit(MOST_SHOWN)
    return [StaffLook(row.at, row.role, row.act) for row in await conn.execute(lines)]
