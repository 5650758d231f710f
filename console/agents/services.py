"""What the agents' desk works with."""

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.store import account
from console.agents.file import FileReaders
from console.staff.desk import StaffDesk
from foundation.sql.database import Database
from quota.programmes import Programme
from submission.exempt.services import ExemptServices


class AgentServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`. `public_url` is where mail leads."""

    staff: StaffDesk
    exempt: ExemptServices
    public_url: str

    @property
    def db(self) -> Database:
        return self.staff.db

    @property
    def personal(self) -> PersonalFields:
        return self.staff.accounts.personal

    @property
    def programmes(self) -> Mapping[str, Programme]:
        return self.exempt.submissions.programmes

    @property
    def readers(self) -> FileReaders:
        """What opens the parts of a file."""
        submissions = self.exempt.submissions
        return FileReaders(
            self.personal, submissions.drafts, submissions.seals, submissions.forms, submissions.programmes
        )


def agent_services(staff: StaffDesk, exempt: ExemptServices, public_url: str) -> AgentServices:
    """The services of this staff."""
    return AgentServices(staff=staff, exempt=exempt, public_url=public_url)


async def address_of(conn: AsyncConnection, personal: PersonalFields, account_id: int) -> str | None:
    """The account's e-mail address; None where none is known."""
    a = account.c
    row = (await conn.execute(sa.select(a.username, a.email).where(a.id == account_id))).one_or_none()
    return None if row is None or row.email is None else personal.opened(row.username, EMAIL, row.email)
