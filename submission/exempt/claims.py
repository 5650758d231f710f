"""Claims to an exempt stream: made by a candidate with a proof number, decided by an agent (EX-01, EX-02).

A claim's version goes up with each move. Whoever moves one says which version they saw; where another was faster they
are told what it is now, and nothing is written. Each move is on the record, in its transaction.
"""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.personal_data.fields import PersonalFields
from accounts.store import account as accounts
from foundation import audit
from foundation.audit import By
from foundation.clock import rfc3339
from foundation.encryption.blind_index import BlindIndex
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from foundation.sql.tables import insert_for, plain_row
from foundation.subjects import Subject
from quota.programmes import Programme
from quota.store import PERSON_KEY_MARK
from submission import store
from submission.exempt import exclusion
from submission.exempt.states import MOVES, STANDING, ExemptClaimAct, ExemptClaimState, decisions, moved
from submission.exempt.store import EXEMPT_CLAIM, exempt_claim, exempt_ledger
from submission.states import SubmissionStatus

e = exempt_claim.c

SHORTEST_PROOF, LONGEST_PROOF = 4, 60
"""Letters and digits of a proof number, and characters in all."""

LONGEST_REASON = 1_000

MOST_LISTED = 50
"""Claims of one page of the queue."""

PURPOSE = "exempt claim"


class ProofSeals(msgspec.Struct, frozen=True):
    """What seals proof numbers, and what finds the same number elsewhere."""

    cipher: FieldCipher
    index: BlindIndex


def proof_seals(secret_keys: Sequence[str]) -> ProofSeals:
    """The seals of these keys: the first seals, all open."""
    return ProofSeals(FieldCipher(secret_keys, PURPOSE), BlindIndex(secret_keys, "exempt_claim.proof"))


class ExemptClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, without its proof number. Instants in milliseconds."""

    id: int
    account: int
    programme: str
    stream: str
    state: ExemptClaimState
    version: int
    claimed_at: int
    decided_at: int | None = None
    decided_by: str | None = None
    reason: str | None = None
    receipt: str | None = None

    @property
    def subject(self) -> Subject:
        return Subject.row(EXEMPT_CLAIM, self.id)


Then = Callable[[AsyncConnection, ExemptClaim], Awaitable[object]]
"""What is written with a decision, in its transaction: given the claim as it is since."""

_COLUMNS = tuple(e[name] for name in ExemptClaim.__struct_fields__)


def typed_proof(text: str) -> str:
    """A proof number as it is kept. Refusal invalid for what can be none."""
    proof = normalisation.visible(text)
    if len(proof) > LONGEST_PROOF or len(normalisation.letters(proof)) < SHORTEST_PROOF:
        reason = (
            f"doit avoir au moins {SHORTEST_PROOF} lettres ou chiffres, et {LONGEST_PROOF} caractères au plus"
        )
        raise Refusal(Code.INVALID, fields=[{"name": "proof", "reason": reason}])
    return proof


def typed_reason(text: str | None) -> str:
    """The reason of a decision. Refusal invalid without one: whoever it is about reads it."""
    reason = normalisation.visible(text or "")
    if not reason or len(reason) > LONGEST_REASON:
        said = f"doit être donné, en {LONGEST_REASON} caractères au plus"
        raise Refusal(Code.INVALID, fields=[{"name": "reason", "reason": said}])
    return reason


def no_decision() -> Refusal:
    """Of an act that is nobody's decision. Pure."""
    return Refusal(Code.INVALID, fields=[{"name": "decision", "reason": "n’est pas une décision"}])


async def claim(
    conn: AsyncConnection,
    seals: ProofSeals,
    account: int,
    programme: Programme,
    stream: str,
    proof: str,
    now: int,
) -> ExemptClaim:
    """Make a claim. Refusals not_found (no such stream), invalid, claim_pending (one stands already)."""
    if programme.stream(stream) is None:
        raise Refusal(Code.NOT_FOUND)
    number = typed_proof(proof)
    row = {
        "account": account,
        "programme": programme.id,
        "stream": stream,
        "proof": seals.cipher.encrypt(number, place(account, programme.id, stream)),
        "proof_key": seals.index.stored(normalisation.letters(number)),
        "state": ExemptClaimState.DECLARED,
        "version": 1,
        "claimed_at": now,
    }
    await conn.execute(sa.select(accounts.c.id).where(accounts.c.id == account).with_for_update())
    await _open_ledger(conn, programme.id)
    if (standing := await standing_of(conn, account, programme.id)) is not None:
        raise Refusal(Code.CLAIM_PENDING, stream=standing.stream, state=standing.state)
    id = (await conn.execute(sa.insert(exempt_claim).values(row).returning(e.id))).scalar_one()
    return await find(conn, int(id))


async def _open_ledger(conn: AsyncConnection, programme: str) -> None:
    """The programme's ledger is there from its first claim on."""
    row = {"programme": programme, "person_key": PERSON_KEY_MARK + secrets.token_hex(32), "submitted": 0}
    opened = insert_for(conn, exempt_ledger).values(row)
    await conn.execute(opened.on_conflict_do_nothing(index_elements=["programme"]))


async def withdraw(conn: AsyncConnection, account: int, programme: str, now: int) -> None:
    """Take back the standing claim of an account. Refusals not_found; move_not_allowed once it was used."""
    found = await standing_of(conn, account, programme)
    if found is None:
        raise Refusal(Code.NOT_FOUND)
    await move(conn, found, ExemptClaimAct.WITHDRAW)


async def decide(
    conn: AsyncConnection,
    personal: PersonalFields,
    claim_id: int,
    act: ExemptClaimAct,
    reason: str | None,
    version: int,
    by: By,
    now: int,
    then: Then | None = None,
) -> ExemptClaim:
    """An agent's decision, with what it does to the submission; the claim as it is since. `then` writes what goes with
    it, such as its letter.

    Refusals not_found, invalid, changed_meanwhile (+current), move_not_allowed; claim_pending and duplicate_account,
    duplicate_person where something new stands in the way of undoing.
    """
    said = typed_reason(reason)
    if act is ExemptClaimAct.REINSTATE:
        await _refuse_accepted_since(conn, personal, await find(conn, claim_id))
    found = await find(conn, claim_id, locked=True)
    if found.version != version:
        raise Refusal(Code.CHANGED_MEANWHILE, current=shown(found))
    who = audit.acting(by).name
    try:
        async with conn.begin_nested():
            after = await move(conn, found, act, decided_at=now, decided_by=who, reason=said)
            await _follow(conn, found, act, now)
    except IntegrityError:
        raise await _in_the_way(conn, found) from None
    if then is not None:
        await then(conn, after)
    await audit.record(
        conn, by, f"claim_{act}", found.subject, now, before={"state": found.state}, after={"state": after.state},
        reason=said, account=found.account,
    )  # fmt: skip
    return after


async def move(conn: AsyncConnection, found: ExemptClaim, act: ExemptClaimAct, **values: Any) -> ExemptClaim:
    """One move of the table, if the claim is still as it was read. Refusals move_not_allowed, changed_meanwhile."""
    target = moved(found.state, act)
    if target is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": found.state, "to": MOVES[act][1]})
    here = (e.id == found.id, e.version == found.version)
    changed = sa.update(exempt_claim).where(*here).values(state=target, version=found.version + 1, **values)
    if (await conn.execute(changed)).rowcount == 0:
        raise Refusal(Code.CHANGED_MEANWHILE, current=shown(await find(conn, found.id)))
    return await find(conn, found.id)


async def _follow(conn: AsyncConnection, found: ExemptClaim, act: ExemptClaimAct, now: int) -> None:
    """What a decision does to the submission that was made with the claim, with a line of its history."""
    status = {
        ExemptClaimAct.REMOVE: SubmissionStatus.REMOVED,
        ExemptClaimAct.REINSTATE: SubmissionStatus.SUBMITTED,
    }.get(act)
    if status is None:
        return
    s = store.submission.c
    theirs = sa.update(store.submission).where(s.receipt == found.receipt)
    id = (await conn.execute(theirs.values(status=status).returning(s.id))).scalar_one()
    await conn.execute(sa.insert(store.status_change).values(submission=id, status=status, at=now))


async def _refuse_accepted_since(conn: AsyncConnection, personal: PersonalFields, found: ExemptClaim) -> None:
    """A removed submission does not come back beside a place of the quota that the person has taken since (P4)."""
    periods = await exclusion.lock_periods(conn, found.programme)
    owner = sa.select(accounts.c.username, accounts.c.identity).where(accounts.c.id == found.account)
    row = (await conn.execute(owner)).one()
    identity = personal.identity(row.username, row.identity)
    await exclusion.refuse_accepted(conn, periods, found.account, identity)


async def _in_the_way(conn: AsyncConnection, found: ExemptClaim) -> Refusal:
    """Why a removal or a refusal cannot be undone any more: what the tables hold once is there again."""
    if (standing := await standing_of(conn, found.account, found.programme)) is not None:
        return Refusal(Code.CLAIM_PENDING, stream=standing.stream, state=standing.state)
    return Refusal(Code.DUPLICATE_PERSON)


async def find(conn: AsyncConnection, claim_id: int, *, locked: bool = False) -> ExemptClaim:
    """A claim by its key. Refusal not_found."""
    one = sa.select(*_COLUMNS).where(e.id == claim_id)
    row = (await conn.execute(one.with_for_update() if locked else one)).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return _claim_of(row)


async def standing_of(conn: AsyncConnection, account: int, programme: str) -> ExemptClaim | None:
    """The account's claim that waits, is accepted or was used; None without one."""
    here = (e.account == account, e.programme == programme, e.state.in_(STANDING))
    row = (await conn.execute(sa.select(*_COLUMNS).where(*here))).one_or_none()
    return None if row is None else _claim_of(row)


async def of_account(conn: AsyncConnection, account: int) -> list[ExemptClaim]:
    """Every claim of an account, the newest first."""
    rows = await conn.execute(sa.select(*_COLUMNS).where(e.account == account).order_by(e.id.desc()))
    return [_claim_of(row) for row in rows]


async def waiting(
    conn: AsyncConnection, states: Collection[ExemptClaimState], after: tuple[int, int] = (0, 0)
) -> list[ExemptClaim]:
    """The claims in these states, the oldest first, from behind the one of this instant and key on."""
    behind = sa.tuple_(e.claimed_at, e.id) > sa.tuple_(*after)
    some = sa.select(*_COLUMNS).where(e.state.in_(states), behind).order_by(e.claimed_at, e.id)
    return [_claim_of(row) for row in await conn.execute(some.limit(MOST_LISTED))]


async def counts(conn: AsyncConnection) -> dict[ExemptClaimState, int]:
    """How many claims there are in each state."""
    rows = await conn.execute(sa.select(e.state, sa.func.count()).group_by(e.state))
    found = {ExemptClaimState(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in ExemptClaimState}


async def proof_of(conn: AsyncConnection, seals: ProofSeals, found: ExemptClaim) -> tuple[str, int]:
    """The proof number of a claim, and how many other accounts have brought the same one.

    A number that none of our keys opens is shown as that: the claim can still be refused.
    """
    row = (await conn.execute(sa.select(e.proof, e.proof_key).where(e.id == found.id))).one()
    number = seals.cipher.decrypt(row.proof, place(found.account, found.programme, found.stream))
    keys = (row.proof_key,) if number is None else seals.index.sought(normalisation.letters(number))
    others = sa.select(sa.func.count(sa.distinct(e.account))).where(
        e.proof_key.in_(keys), e.account != found.account
    )
    return number or "(illisible)", int((await conn.execute(others)).scalar_one())


def opened_proof(seals: ProofSeals, row: Mapping[str, Any]) -> str | None:
    """The proof number of a claim's row, for the account whose it is; None where none of our keys opens it."""
    return seals.cipher.decrypt(row["proof"], place(row["account"], row["programme"], row["stream"]))


def shown(found: ExemptClaim) -> dict[str, Any]:
    """A claim as the API gives it to its owner and to agents; the number stays out of it."""
    told: dict[str, Any] = msgspec.structs.asdict(found)
    told.pop("account")
    for name in ("claimed_at", "decided_at"):
        told[name] = None if told[name] is None else rfc3339(told[name])
    return told | {"decisions": decisions(found.state)}


def _claim_of(row: sa.Row[*tuple[Any, ...]]) -> ExemptClaim:
    return msgspec.convert(plain_row(row), ExemptClaim)


def place(account: int, programme: str, stream: str) -> str:
    """Where a proof number stands: it opens there alone."""
    return f"exempt_claim:{account}:{programme}:{stream}:proof"
