"""Opening a file: why, and after which check of who asks; then it is open to this agent for half an hour (AC-11).

What a person says is compared with the file by the service, so that an agent sees nothing before it is confirmed; of a
check that fails nobody learns what was wrong. Every opening, and every one that failed, is an act on the record.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.identities import Identity, iso_date
from accounts.linkage import forms
from accounts.personal_data.fields import PersonalFields
from accounts.representatives import disclosure
from accounts.store import ACCOUNT, account
from console.agents.states import IdentityMethod, IdentityResult, OpeningPurpose, fits
from console.agents.store import file_opening
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.errors import Code, Refusal
from foundation.sql.tables import plain_row
from foundation.subjects import Subject

f = file_opening.c

OPEN_MS = 30 * 60_000
"""A file stays open to whoever opened it for so long, as a session of staff that nobody uses."""

MOST_FAILED, FAILED_MS = 5, 3_600_000
"""Checks that fail, of one agent and one file in an hour: more are no slips of the tongue."""

LONGEST_REASON = 500

FILE_OPEN, FILE_REFUSED, FILE_CLOSE = "file_open", "file_refused", "file_close"
"""Acts in the audit: `detail` has purpose, method and result, `reason` why. One that was refused disclosed nothing."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is open to an agent. Instants in milliseconds."""

    id: int
    purpose: OpeningPurpose
    method: IdentityMethod
    result: IdentityResult
    reason: str
    opened_at: int
    open_until: int

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody was found to be the person, or may be told: what is changed at their word needs it."""
        return self.result is IdentityResult.CONFIRMED


class OpeningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent says before a file opens. `said` is what the person said; `seen` that a document was seen."""

    purpose: OpeningPurpose
    method: IdentityMethod
    reason: str
    said: Identity | None = None
    seen: bool = False


def typed(fields: Mapping[str, str]) -> OpeningRequest:
    """The form of an opening. Refusal invalid with what is to be corrected, by field."""
    wrong: dict[str, str] = {}
    purpose = next((one for one in OpeningPurpose if one == fields.get("purpose")), None)
    method = next((one for one in IdentityMethod if one == fields.get("method")), None)
    reason = normalisation.visible(fields.get("reason", ""))
    if purpose is None:
        wrong["purpose"] = "Choisissez pourquoi ce dossier est ouvert."
    if method is None or (purpose is not None and not fits(purpose, method)):
        wrong["method"] = "Choisissez une vérification qui convient à ce contact."
    if not reason or len(reason) > LONGEST_REASON:
        wrong["reason"] = f"Donnez le motif, en {LONGEST_REASON} caractères au plus."
    said = Identity(
        **{
            name: fields.get(name, "")[:200]
            for name in ("family_name", "given_name", "birth_date", "passport")
        }
    )
    if method is IdentityMethod.ANSWERS:
        if not normalisation.letters(said.family_name + said.given_name):
            wrong["family_name"] = "Entrez le nom que la personne a donné."
        if iso_date(said.birth_date) is None:
            wrong["birth_date"] = "Entrez la date de naissance donnée, telle que 1990-02-03."
        if not normalisation.letters(said.passport):
            wrong["passport"] = "Entrez le numéro de passeport que la personne a donné."
    if wrong or purpose is None or method is None:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": text} for name, text in wrong.items()])
    return OpeningRequest(
        purpose=purpose, method=method, reason=reason, said=said, seen=fields.get("seen") == "true"
    )


def agrees(said: Identity, known: Identity) -> bool:
    """Whether what somebody said is this person: names in any order, the date, the passport; each of them. Pure."""

    def names(one: Identity) -> list[str]:
        return sorted(forms.words(f"{one.family_name} {one.given_name}"))

    passport = normalisation.letters(said.passport) == normalisation.letters(known.passport)
    return (
        names(said) == names(known) and iso_date(said.birth_date) == iso_date(known.birth_date) and passport
    )


async def open_file(
    conn: AsyncConnection,
    personal: PersonalFields,
    member: StaffMemberHere,
    account_id: int,
    asked: OpeningRequest,
    now: int,
) -> Opening:
    """Open a file, or write down that the check failed; on the record. Refusals not_found, rate_limited."""
    row = (
        await conn.execute(
            sa.select(account.c.username, account.c.identity).where(account.c.id == account_id)
        )
    ).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    await _refuse_guessing(conn, member, account_id, now)
    known = personal.identity(row.username, row.identity)
    result = await _checked(conn, account_id, asked, known)
    values: dict[str, Any] = {
        "account": account_id, "agent": member.session.owner, "purpose": asked.purpose, "method": asked.method,
        "result": result, "reason": asked.reason, "opened_at": now,
        "open_until": 0 if result is IdentityResult.FAILED else now + OPEN_MS,
    }  # fmt: skip
    id = int((await conn.execute(sa.insert(file_opening).values(values).returning(f.id))).scalar_one())
    act = FILE_REFUSED if result is IdentityResult.FAILED else FILE_OPEN
    await audit.record(
        conn, member.actor, act, Subject.row(ACCOUNT, account_id), now, reason=asked.reason,
        purpose=asked.purpose, method=asked.method, result=result,
    )  # fmt: skip
    return msgspec.convert(
        {name: values[name] for name in Opening.__struct_fields__ if name != "id"} | {"id": id}, Opening
    )


async def _checked(
    conn: AsyncConnection, account_id: int, asked: OpeningRequest, known: Identity
) -> IdentityResult:
    match asked.method:
        case IdentityMethod.NONE:
            return IdentityResult.NOT_NEEDED
        case IdentityMethod.ANSWERS:
            agreed = asked.said is not None and agrees(asked.said, known)
        case IdentityMethod.MANDATARY:
            power = await disclosure.power_of(conn, account_id)
            agreed = asked.seen and disclosure.may_see(power).allowed
        case _:
            agreed = asked.seen
    return IdentityResult.CONFIRMED if agreed else IdentityResult.FAILED


async def _refuse_guessing(conn: AsyncConnection, member: StaffMemberHere, account_id: int, now: int) -> None:
    recent = (f.agent == member.session.owner, f.account == account_id, f.opened_at > now - FAILED_MS)
    failed = sa.select(sa.func.count()).where(*recent, f.result == IdentityResult.FAILED)
    if (await conn.execute(failed)).scalar_one() >= MOST_FAILED:
        raise Refusal(Code.RATE_LIMITED, retry_after=FAILED_MS // 1000)


async def opened(conn: AsyncConnection, member: StaffMemberHere, account_id: int, now: int) -> Opening | None:
    """The newest opening by which this file is open to this agent now; None where it is not."""
    here = (f.agent == member.session.owner, f.account == account_id, f.open_until > now)
    columns = (f[name] for name in Opening.__struct_fields__)
    newest = sa.select(*columns).where(*here).order_by(f.id.desc()).limit(1)
    row = (await conn.execute(newest)).one_or_none()
    return None if row is None else msgspec.convert(plain_row(row), Opening)


async def close_file(conn: AsyncConnection, member: StaffMemberHere, account_id: int, now: int) -> None:
    """Close a file to this agent, on the record; harmless where it is not open."""
    here = (f.agent == member.session.owner, f.account == account_id, f.open_until > now)
    closed = await conn.execute(sa.update(file_opening).where(*here).values(open_until=now))
    if closed.rowcount:
        await audit.record(conn, member.actor, FILE_CLOSE, Subject.row(ACCOUNT, account_id), now)
