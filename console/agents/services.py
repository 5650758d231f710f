"""What the agents' desk works with."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.linkage import keys
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.store import account
from console.agents.file import FileReaders
from console.staff.desk import StaffDesk
from foundation.encryption.fields import FieldCipher
from foundation.sql.database import Database
from quota.programmes import Programme
from submission.exempt.services import ExemptServices


class AgentServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/app.py`. `linkage` opens the key by which names are found; `public_url` is where
    mail leads."""

    staff: StaffDesk
    exempt: ExemptServices
    linkage: FieldCipher
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


def agent_services(
    staff: StaffDesk, exempt: ExemptServices, secret_keys: Sequence[str], public_url: str
) -> AgentServices:
    """The services with the cipher of these keys."""
    return AgentServices(staff=staff, exempt=exempt, linkage=keys.cipher(secret_keys), public_url=public_url)


async def address_of(conn: AsyncConnection, personal: PersonalFields, account_id: int) -> str | None:
    """The account's e-mail address; None where none is known."""
    a = account.c
    row = (await conn.execute(sa.select(a.username, a.email).where(a.id == account_id))).one_or_none()
    return None if row is None or row.email is None else personal.opened(row.username, EMAIL, row.email)
