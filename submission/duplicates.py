"""One submission a person (P4, DU-01), and traces that show reviewers who might be the same.

Exact repeats are refused on the spot. Likenesses (one passport under two names, one telephone in two files) are only
recorded: a person decides, never a machine.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities, normalisation
from accounts import store as accounts_store
from accounts.candidates import Applicant
from accounts.identities import Identity
from accounts.personal_data.fields import PersonalFields
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from foundation.sql.lookups import Lookup
from foundation.subjects import Subject
from quota.store import Period, period
from submission import store
from submission.signing import signatures
from submission.states import TraceKind

s = store.submission


class EarlierSubmission(msgspec.Struct, frozen=True):
    """A submission of this period that stands in the way of another."""

    receipt: str
    rank: int
    number: int
    account: int
    person: str
    submitted_at: int
    pay_by: int


class EarlierSubmissions:
    """What was accepted in a period for some tickets, accounts and persons; it grows with what is accepted now."""

    def __init__(self, found: Iterable[EarlierSubmission]) -> None:
        self._by: dict[tuple[str, int | str], EarlierSubmission] = {}
        for one in found:
            self.add(one)

    def add(self, one: EarlierSubmission) -> None:
        for key in (("number", one.number), ("account", one.account), ("person", one.person)):
            self._by[key] = one

    def find(self, number: int | None, account: int, person: str) -> EarlierSubmission | None:
        """What stands in the way of these: this ticket's, otherwise this account's, otherwise this person's."""
        keys: tuple[tuple[str, int | str | None], ...] = (
            ("number", number), ("account", account), ("person", person)
        )  # fmt: skip
        return next((self._by[key] for key in keys if key in self._by), None)


_EARLIER = Lookup(
    [s.c[name] for name in EarlierSubmission.__struct_fields__],
    (s.c.period, "uid"),
    [(s.c.number, "numbers", []), (s.c.account, "owners", []), (s.c.person, "persons", [])],
)


async def earlier(
    conn: AsyncConnection,
    uid: str,
    numbers: Collection[int],
    owners: Collection[int],
    persons: Collection[str],
) -> EarlierSubmissions:
    """What was accepted in this period for any of these tickets' numbers, accounts or persons."""
    theirs = {"uid": uid, "numbers": numbers, "owners": owners, "persons": persons}
    return EarlierSubmissions(EarlierSubmission(*row) for row in await _EARLIER.rows(conn, theirs))


async def refuse_own(conn: AsyncConnection, here: Period, account: Applicant) -> None:
    """At sign-in. Raises Refusal duplicate_account (with the receipt: it is theirs).

    What a person's other account has submitted is said at the submission: to sign in is no second application.
    """
    one = (await earlier(conn, here.uid, [], [account.id], [])).find(None, account.id, "")
    if one is not None:
        refuse(one, account)


def refuse(one: EarlierSubmission, account: Applicant) -> None:
    """Raises the refusal that an earlier submission means for this account."""
    if one.account == account.id:
        raise Refusal(Code.DUPLICATE_ACCOUNT, receipt=one.receipt)
    raise Refusal(Code.DUPLICATE_PERSON)


def traces(
    identity: Identity, content: Mapping[str, Mapping[str, str]], person_key: str
) -> dict[TraceKind, str]:
    """What else two files of one person may have in common, by kind; empty texts leave none.

    The form of their texts is that of the period's key, as for persons. Names count in any order: what one file calls
    the family name another calls the given one.
    """
    contact = content.get("contact", {})
    family_name, given_name, birth_date, passport = identities.compared(identity, person_key)
    names = [family_name, given_name]
    if identities.is_of_today(person_key):
        names.sort()
    found = {
        TraceKind.PASSPORT: passport,
        TraceKind.NAME_AND_BIRTH: " ".join([*names, birth_date]),
        TraceKind.EMAIL: normalisation.folded(contact.get("email", "")),
        TraceKind.TELEPHONE: "".join(letter for letter in contact.get("telephone", "") if letter.isdigit()),
    }
    return {kind: text for kind, text in found.items() if text.strip()}


async def trace(
    conn: AsyncConnection, personal: PersonalFields, seals: FieldCipher, subject: Subject, now: int
) -> None:
    """Write a submission's traces, hashed with the period's key, in the transaction of its task."""
    account, submission = accounts_store.account, subject.number
    row = (
        await conn.execute(
            sa.select(
                s.c.receipt,
                s.c.period,
                account.c.username,
                account.c.identity,
                period.c.programme,
                period.c.person_key,
            )
            .join(account, account.c.id == s.c.account)
            .join(period, period.c.uid == s.c.period)
            .where(s.c.id == submission)
        )
    ).one()
    identity = personal.identity(row.username, row.identity)
    signed = await signatures.find(conn, row.receipt, row.programme, seals)
    rows = [
        {"submission": submission, "kind": kind, "period": row.period, "at": now,
         "digest": identities.keyed(row.person_key, text)}
        for kind, text in traces(identity, signed.answers.content(), row.person_key).items()
    ]  # fmt: skip
    if rows:
        await conn.execute(sa.insert(store.trace), rows)


OF_THE_PERSON = (TraceKind.PASSPORT, TraceKind.NAME_AND_BIRTH)
"""Traces of the person themselves; a family shares a telephone, and a lawyer's clients an address."""


class Likeness(msgspec.Struct, frozen=True):
    """Two accepted submissions with a trace in common, the earlier rank first: ranks, then receipts."""

    kind: TraceKind
    first: int
    second: int
    receipts: tuple[str, str]


async def likenesses(
    conn: AsyncConnection, uid: str, kinds: Collection[TraceKind] = tuple(TraceKind)
) -> list[Likeness]:
    """The pairs of submissions in a period that share a trace of these kinds, for a person to look at (DU-01)."""
    one, other = store.trace.alias(), store.trace.alias()
    first, second = s.alias(), s.alias()
    same = sa.and_(one.c.period == other.c.period, one.c.kind == other.c.kind, one.c.digest == other.c.digest)
    rows = await conn.execute(
        sa.select(
            one.c.kind,
            first.c.rank.label("first"),
            second.c.rank.label("second"),
            first.c.receipt.label("receipt"),
            second.c.receipt.label("other"),
        )
        .join(other, same)
        .join(first, first.c.id == one.c.submission)
        .join(second, second.c.id == other.c.submission)
        .where(one.c.period == uid, one.c.kind.in_(kinds), first.c.rank < second.c.rank)
        .order_by(first.c.rank, second.c.rank, one.c.kind)
    )
    return [Likeness(TraceKind(row.kind), row.first, row.second, (row.receipt, row.other)) for row in rows]
