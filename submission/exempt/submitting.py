"""A submission of an exempt stream: at any time, outside room, window and cap; all other rules hold (EX-02, ADR 0029).

`submit` is one submission from beginning to end, in one transaction: the programme's periods are locked, then its
ledger, then the claim. A refusal changes nothing. A repeat finds the claim used, and gives the same receipt.
"""

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities, sessions
from accounts.candidates import Applicant
from accounts.representatives import signing as representative_signing
from foundation import outbox
from foundation.calendar.proclaimed import closures
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota import frozen_rules
from quota.programmes import Programme
from submission import binding, fees, store
from submission.drafts import repository
from submission.exempt import claims, exclusion
from submission.exempt.claims import ExemptClaim
from submission.exempt.states import ExemptClaimAct, ExemptClaimState
from submission.exempt.store import exempt_ledger
from submission.follow_up import FollowUp
from submission.pay_by import pay_by
from submission.receipt_numbers import new_receipt
from submission.services import SubmissionServices, Visit
from submission.signing import signatures, signers
from submission.states import SubmissionStatus
from submission.submit import Accepted, Signing, ready

EXEMPT_CONFIRMATION = "exempt_confirmation"
"""The kind of the task that files the confirmation of a submission outside the quota."""

x = exempt_ledger.c


async def submit(
    services: SubmissionServices, visit: Visit, programme_id: str, stream: str, signing: Signing
) -> Accepted:
    """Submit the signed-in account's draft in a stream.

    Refusals not_signed_in, session_ended, not_found; claim_not_accepted, those of `binding.BARRED`, duplicate_account,
    duplicate_person,
    device_refused, draft_expired, draft_incomplete, signature_missing, representative_not_recognised. Unavailable:
    nothing happened, or the repeat tells what did.
    """
    programme = services.programmes.get(programme_id)
    if programme is None or programme.stream(stream) is None:
        raise Refusal(Code.NOT_FOUND)

    async def work(conn: AsyncConnection) -> Accepted:
        shown = sessions.shown(visit)
        known = await sessions.owners(conn, services.accounts.personal, {shown} if shown else set())
        account = sessions.owner_of(shown, known)
        periods = await exclusion.lock_periods(conn, programme.id)
        ledger = await _locked_ledger(conn, programme.id)
        claim = await claims.standing_of(conn, account.id, programme.id)
        if claim is None or claim.stream != stream or claim.state is ExemptClaimState.DECLARED:
            raise Refusal(Code.CLAIM_NOT_ACCEPTED, state=None if claim is None else claim.state)
        if claim.state is ExemptClaimState.USED:
            return await _again(conn, claim)
        binding.not_barred(account)
        await exclusion.refuse_accepted(conn, periods, account.id, account.identity)
        person = identities.person(account.identity, ledger.person_key)
        outside = await exclusion.submitted_outside(conn, programme.id, {account.id: account.identity})
        outside.refuse(account.id, account.identity)
        binding.allowed(visit, programme.device.allow)
        row, signed = await _signed(conn, services, account, programme, visit, signing)
        row |= {"person": person, "ledger": programme.id, "stream": stream, "rank": ledger.submitted + 1}
        return await _write(conn, row, signed, claim)

    return await services.db.write(work)


class LockedLedger(NamedTuple):
    """A programme's ledger, its row locked."""

    person_key: str
    submitted: int


async def _locked_ledger(conn: AsyncConnection, programme: str) -> LockedLedger:
    """The ledger's row, locked: it is there since the first claim."""
    one = sa.select(x.person_key, x.submitted).where(x.programme == programme).with_for_update()
    row = (await conn.execute(one)).one_or_none()
    if row is None:
        raise Refusal(Code.CLAIM_NOT_ACCEPTED, state=None)
    return LockedLedger(row.person_key, row.submitted)


async def _signed(
    conn: AsyncConnection,
    services: SubmissionServices,
    account: Applicant,
    programme: Programme,
    visit: Visit,
    signing: Signing,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of the submission and of its signature. Refusals draft_expired, draft_incomplete, signature_missing,
    representative_not_recognised."""
    draft = await repository.find(conn, services.drafts, account.id, programme.id)
    powers = await signers.powers(conn, [account.id] if signing.capacity in signers.KINDS else [])
    rules = frozen_rules.of_programme(programme)
    power = powers.get(account.id)
    shown, capacity, signer = ready(services.forms, programme.id, rules, draft, signing, power)
    receipt, submitted_at = new_receipt(), now_ms() - visit.age_ms()
    row = {
        "receipt": receipt,
        "account": account.id,
        "submitted_at": submitted_at,
        "pay_by": pay_by(submitted_at, programme.payment.due_days, await closures(conn)),
        "capacity": capacity,
        "device": msgspec.json.encode(visit.verdict).decode(),
        "content": signatures.ELSEWHERE,
        "status": SubmissionStatus.SUBMITTED,
        "fee": fees.written(fees.of_draft(programme, shown.found, submitted_at)),
    }
    signed = signatures.row_of(receipt, shown.frozen, capacity, signer, submitted_at, services.seals)
    return row, signed


async def _write(
    conn: AsyncConnection, row: dict[str, Any], signed: dict[str, Any], claim: ExemptClaim
) -> Accepted:
    """The submission, its signature, history and task; the rank is the ledger's, and the claim is used."""
    s = store.submission
    await conn.execute(
        sa.update(exempt_ledger).where(x.programme == row["ledger"]).values(submitted=row["rank"])
    )
    id = int((await conn.execute(sa.insert(s).values(row).returning(s.c.id))).scalar_one())
    await signatures.WRITE.execute(conn, [signed])
    await representative_signing.stage(conn, signatures.for_others([signed]), row["submitted_at"])
    history = {"submission": id, "status": row["status"], "at": row["submitted_at"]}
    await conn.execute(sa.insert(store.status_change).values(history))
    await claims.move(conn, claim, ExemptClaimAct.SUBMIT, receipt=row["receipt"])
    for task in (EXEMPT_CONFIRMATION, FollowUp.PAYMENT_WATCH):
        await outbox.stage(conn, task, Subject.row(store.SUBMISSION, id), row["submitted_at"])
    return _accepted(row, repeated=False)


async def _again(conn: AsyncConnection, claim: ExemptClaim) -> Accepted:
    s = store.submission.c
    columns = (s.receipt, s.rank, s.submitted_at, s.pay_by, s.status)
    row = (await conn.execute(sa.select(*columns).where(s.receipt == claim.receipt))).one()
    return _accepted(row._mapping, repeated=True)


def _accepted(row: Any, *, repeated: bool) -> Accepted:
    return Accepted(
        receipt=row["receipt"], rank=row["rank"], submitted_at=row["submitted_at"], pay_by=row["pay_by"],
        repeated=repeated, status=SubmissionStatus(row["status"]),
    )  # fmt: skip
