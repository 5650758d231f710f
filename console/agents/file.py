"""The file of an account, as an agent who has opened it sees it: everything, read in one look at the store."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.events import looks
from accounts.events.looks import StaffLook
from accounts.identities import Identity
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.representatives import disclosure, powers
from accounts.representatives.disclosure import Power
from accounts.representatives.powers import Representation
from accounts.store import account
from casework import documents, receipts
from casework.documents import Document
from casework.mailbox import messages
from casework.mailbox.messages import StaffMessage
from casework.receipts import Submission
from casework.timeline import sources, timeline
from casework.timeline.timeline import TimelineEvent
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from quota.programmes import Programme
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.drafts.evaluated import evaluated
from submission.exempt import claims
from submission.exempt.claims import ExemptClaim
from submission.forms.files import Forms
from submission.near_duplicates import spouses
from submission.near_duplicates.spouses import SpouseFlag
from submission.signing import signatures
from submission.signing.signatures import SignedContent

a = account.c


class DraftStand(msgspec.Struct, frozen=True, kw_only=True):
    """Where a draft stands: what is in it stays its owner's until it is submitted. Instants in milliseconds."""

    programme: str
    updated_at: int
    kept_until: int
    missing: int


class SubmittedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A submission, and what was signed with it."""

    submission: Submission
    signed: SignedContent


class CandidateFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one account. `email` is empty where none is known."""

    id: int
    username: str
    state: str
    created_at: int
    confirmed_at: int | None
    email: str
    email_failing_at: int | None
    identity: Identity
    accommodation: float
    barred_for: str | None
    power: Power | None
    drafts: list[DraftStand]
    submissions: list[SubmittedFile]
    claims: list[ExemptClaim]
    documents: list[Document]
    messages: Sequence[StaffMessage]
    history: list[TimelineEvent]
    looks: list[StaffLook]
    representative: Representation | None = None
    spouses: list[SpouseFlag] = []


class FileReaders(msgspec.Struct, frozen=True):
    """What opens the parts of a file."""

    personal: PersonalFields
    drafts: DraftCiphers
    seals: FieldCipher
    forms: Forms
    programmes: Mapping[str, Programme]


async def read(conn: AsyncConnection, readers: FileReaders, account_id: int) -> CandidateFile:
    """The file of an account. Refusal not_found."""
    columns = (
        a.username,
        a.identity,
        a.state,
        a.created_at,
        a.confirmed_at,
        a.email,
        a.email_failing_at,
        a.accommodation,
        a.barred_for,
    )
    row = (await conn.execute(sa.select(*columns).where(a.id == account_id))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    personal = readers.personal
    submitted = await receipts.of_account(conn, personal, account_id)
    return CandidateFile(
        id=account_id,
        username=row.username,
        state=row.state,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        email_failing_at=row.email_failing_at,
        email="" if row.email is None else personal.opened(row.username, EMAIL, row.email),
        identity=personal.identity(row.username, row.identity),
        accommodation=row.accommodation,
        barred_for=row.barred_for,
        power=await disclosure.power_of(conn, account_id),
        drafts=await _drafts(conn, readers, account_id),
        submissions=[
            SubmittedFile(
                submission=one,
                signed=await signatures.find(conn, one.receipt, one.programme, readers.seals),
            )
            for one in submitted
        ],
        claims=await claims.of_account(conn, account_id),
        documents=await documents.of_account(conn, account_id),
        messages=await messages.for_staff(conn, account_id),
        history=await timeline.of_account(conn, sources.sources(readers.programmes), account_id),
        looks=await looks.of_account(conn, account_id),
        representative=await powers.live_of(conn, personal.representatives, account_id),
        spouses=await spouses.of_account(conn, account_id),
    )


async def username_of(conn: AsyncConnection, account_id: int) -> str:
    """The user name of an account. Refusal not_found."""
    name: str | None = (
        await conn.execute(sa.select(a.username).where(a.id == account_id))
    ).scalar_one_or_none()
    if name is None:
        raise Refusal(Code.NOT_FOUND)
    return name


async def owner_of(conn: AsyncConnection, personal: PersonalFields, account_id: int) -> tuple[str, Identity]:
    """User name and identity of an account. Refusal not_found."""
    row = (await conn.execute(sa.select(a.username, a.identity).where(a.id == account_id))).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return row.username, personal.identity(row.username, row.identity)


async def _drafts(conn: AsyncConnection, readers: FileReaders, account_id: int) -> list[DraftStand]:
    found = await repository.of_accounts(conn, readers.drafts, [account_id])
    stands = []
    for draft in found.values():
        programme = readers.programmes.get(draft.programme)
        if programme is not None:
            stands.append(
                DraftStand(
                    programme=programme.name,
                    updated_at=draft.updated_at,
                    kept_until=draft.until(programme.draft.days),
                    missing=len(
                        evaluated(readers.forms, programme.id, programme.draft, draft, now_ms()).found.to_mend
                    ),
                )
            )
    return stands
