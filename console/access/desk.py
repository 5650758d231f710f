"""Who is on the staff, and what those do who look after it: add, grant by two, end, renew a second factor, remove.

The rules are `accounts/operators/granting.py`'s and `accounts/staff.py`'s; each act is on the record there, in its own
transaction.
"""

import secrets
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import staff
from accounts.identities import known_as
from accounts.normalisation import opaque
from accounts.operators import enrolment, factor, granting
from accounts.operators.granting import AskedRole, HeldRole
from accounts.passwords import HashingLane
from accounts.registration import codes
from accounts.roles import STAFF, Role
from accounts.staff import ListedMember, StaffProblem
from accounts.store import OPERATOR
from console.record.entries import RecordedAct, RecordFilter, newest
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from console.typed import wrong_field
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject

R = TypeVar("R")

LONGEST_REASON: Final = 500

NEWEST_ACTS: Final = 20
"""Lines of the record about one member, on their page."""

A_PAGE: Final = 100
"""Members on one page."""

PASSWORD_GROUPS: Final = 4
"""Of five signs: 98 bits, typed once."""


class AccessAct(StrEnum):
    """What is done with somebody's access."""

    ADD = "add"
    """Somebody comes; what they hold at once takes one person, the rest two."""
    GRANT = "grant"
    """A role is granted, or asked for where that takes two."""
    CONFIRM = "confirm"
    """The second person wants it too."""
    DROP = "drop"
    """What was asked for is taken back by who asked, or declined by a second person."""
    END = "end"
    """A role ends now."""
    RESET = "reset"
    """The second factor is taken away, and a code handed over to enter once with."""
    REMOVE = "remove"
    """Somebody goes; what they did keeps their name."""


SEES: Final = (Role.ADMINISTRATOR, Role.APPROVER, Role.AUDITOR)

MAY: Final = dict.fromkeys(AccessAct, granting.ASKING) | dict.fromkeys(
    (AccessAct.CONFIRM, AccessAct.DROP), granting.CONFIRMING
)
"""Whose act it is."""

FAULTS: Final = {
    "wrong_name": ("username", "Ce nom ne convient pas : des lettres latines, des chiffres et . - _ ' @ +, rien "
                   "d’invisible, et aucun nom du service (« système », « console »)."),
    "operator_exists": ("username", "Une personne du personnel porte déjà ce nom."),
    "looks_alike": ("username", "Ce nom ressemble trop à celui d’une personne du personnel."),
    "own_role": ("role", "Personne ne s’accorde un rôle, ni ne s’en retire un : demandez-le à une autre personne."),
    "wrong_role": ("role", "Choisissez un rôle."),
    "own_factor": ("reason", "Votre propre second facteur se renouvelle à la page « Mon accès »."),
    "own_row": ("reason", "Personne ne se retire du personnel : demandez-le à une autre personne."),
}  # fmt: skip
"""Cause of a StaffProblem -> the field that it is about, and why it is refused."""


class TypedMember(msgspec.Struct, frozen=True):
    """What was typed about a new member of staff."""

    username: str = ""
    roles: tuple[str, ...] = ()
    reason: str = ""


class StaffList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of everybody, and all roles that wait for a second person, as of the instant `at`."""

    at: int
    members: list[ListedMember]
    asked: list[AskedRole]
    page: int
    has_more: bool


class StaffCard(msgspec.Struct, frozen=True, kw_only=True):
    """One member: the roles they hold or held, what waits for a second person, and what was done about them lately."""

    at: int
    member: ListedMember
    roles: list[HeldRole]
    asked: list[AskedRole]
    acts: list[RecordedAct]

    @property
    def grantable(self) -> list[Role]:
        """The roles that they neither hold nor are about to."""
        there = {*self.member.roles, *(one.role for one in self.asked)}
        return [role for role in STAFF if role not in there]


class HandedSecrets(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown once to whoever hands it over; `password` is empty where it stays. `asked` wait for a second
    person."""

    id: int
    username: str
    code: str
    password: str = ""
    asked: tuple[Role, ...] = ()


class AccessDesk:
    """Made once a process."""

    def __init__(self, staff_desk: StaffDesk) -> None:
        self.staff, self.db, self.accounts = staff_desk, staff_desk.db, staff_desk.accounts
        self.looks = PageLooks(staff_desk.db)

    async def everybody(self, member: StaffMemberHere, *, removed: bool = False, page: int = 1) -> StaffList:
        """A page of the staff by name; the look is on the record."""
        await self.looks.saw(member.actor, "staff")
        now = now_ms()

        async def read(conn: AsyncConnection) -> StaffList:
            skip = (page - 1) * A_PAGE
            found = await staff.listed(conn, now, removed=removed, skip=skip, most=A_PAGE + 1)
            asked = await granting.waiting(conn, now)
            has_more = len(found) > A_PAGE
            return StaffList(at=now, members=found[:A_PAGE], asked=asked, page=page, has_more=has_more)

        return await self.db.read(read)

    async def one(self, member: StaffMemberHere, id: int) -> StaffCard:
        """One of them, who was removed too; the look is on the record. Refusal not_found."""
        now = now_ms()

        async def read(conn: AsyncConnection) -> StaffCard:
            found = await staff.listed(conn, now, removed=True, only=id)
            if not found:
                raise Refusal(Code.NOT_FOUND)
            about = RecordFilter(subject_kind=OPERATOR, subject_id=str(id))
            return StaffCard(
                at=now,
                member=found[0],
                roles=await granting.held_roles(conn, id),
                asked=[one for one in await granting.waiting(conn, now) if one.member == id],
                acts=await newest(conn, about, NEWEST_ACTS),
            )

        card = await self.db.read(read)
        await self.looks.saw(member.actor, "staff_member", Subject.row(OPERATOR, id))
        return card

    async def add(self, member: StaffMemberHere, typed: TypedMember) -> HandedSecrets:
        """Make a member of staff with a password and a code to enter once with, which are shown once.

        Refusals not_your_role, invalid. Unavailable.
        """

        async def work() -> HandedSecrets:
            wanted, reason = roles_of(typed.roles), reason_of(typed.reason)
            password, code = new_password(), factor.new_entry_code()
            (hashed,) = await self.accounts.hasher.hash(opaque(password), lane=HashingLane.STAFF)
            return await self.db.write(
                lambda conn: self._added(conn, member, typed.username, wanted, reason, hashed, password, code)
            )

        return await self._done(member, AccessAct.ADD, work)

    async def _added(
        self,
        conn: AsyncConnection,
        member: StaffMemberHere,
        name: str,
        wanted: tuple[Role, ...],
        reason: str,
        hashed: str,
        password: str,
        code: str,
    ) -> HandedSecrets:
        now, by = now_ms(), member.actor
        by_one = tuple(role for role in wanted if role not in granting.BY_TWO)
        known = known_as(name)
        entry = enrolment.entry(self.accounts.totp, known, code, now)
        id = await staff.add_operator(
            conn, name, password, now, by, entry=entry, hashed=hashed, granted=by_one
        )  # fmt: skip
        asked = tuple(role for role in wanted if role in granting.BY_TWO)
        for role in asked:
            await granting.ask(conn, id, role, reason, by, now)
        return HandedSecrets(
            id=id, username=known, code=codes.shown(code), password=password, asked=asked
        )  # fmt: skip

    async def grant(self, member: StaffMemberHere, id: int, role: str, reason: str) -> bool:
        """Grant a role, or ask for it; whether it is granted now. Refusals not_your_role, not_found, invalid."""

        async def work() -> bool:
            (wanted,), why = roles_of((role,), "role"), reason_of(reason)
            return await self.db.write(
                lambda conn: granting.ask(conn, id, wanted, why, member.actor, now_ms())
            )

        return await self._done(member, AccessAct.GRANT, work)

    async def confirm(self, member: StaffMemberHere, asked: int) -> AskedRole:
        """The second person. Refusals not_your_role, not_found, second_person_needed, invalid."""

        async def work() -> AskedRole:
            return await self.db.write(lambda conn: granting.confirm(conn, asked, member.actor, now_ms()))

        return await self._done(member, AccessAct.CONFIRM, work)

    async def drop(self, member: StaffMemberHere, asked: int, reason: str) -> AskedRole:
        """Who asked takes it back, or the second person declines. Refusals not_your_role, not_found, invalid."""

        async def work() -> AskedRole:
            why = reason_of(reason)
            return await self.db.write(lambda conn: granting.drop(conn, asked, why, member.actor, now_ms()))

        return await self._done(member, AccessAct.DROP, work)

    async def end(self, member: StaffMemberHere, id: int, role: str, reason: str) -> None:
        """End a role now. Refusals not_your_role, not_found, invalid."""

        async def work() -> None:
            (ended,), why = roles_of((role,), "role"), reason_of(reason)

            async def write(conn: AsyncConnection) -> None:
                whose = await granting.existing(conn, id)
                await staff.end_role(conn, whose.username, ended, now_ms(), member.actor, why)

            await self.db.write(write)

        await self._done(member, AccessAct.END, work)

    async def reset(self, member: StaffMemberHere, id: int, reason: str) -> HandedSecrets:
        """Take the second factor away; the code to enter once with is shown once. Refusals as `end`."""

        async def work() -> HandedSecrets:
            why = reason_of(reason)

            async def write(conn: AsyncConnection) -> HandedSecrets:
                whose = await granting.existing(conn, id)
                code = await enrolment.reset(conn, self.accounts.totp, id, now_ms(), member.actor, why)
                return HandedSecrets(id=id, username=whose.username, code=codes.shown(code))

            return await self.db.write(write)

        return await self._done(member, AccessAct.RESET, work)

    async def remove(self, member: StaffMemberHere, id: int, reason: str) -> None:
        """Take somebody off the staff. Refusals as `end`."""

        async def work() -> None:
            why = reason_of(reason)

            async def write(conn: AsyncConnection) -> None:
                whose = await granting.existing(conn, id)
                if whose.id == member.session.owner:
                    raise StaffProblem("Nobody takes themselves off.", "own_row")
                await staff.remove(conn, whose.username, now_ms(), member.actor, why)

            await self.db.write(write)

        await self._done(member, AccessAct.REMOVE, work)

    async def _done(self, member: StaffMemberHere, act: AccessAct, work: Callable[[], Awaitable[R]]) -> R:
        """Do it if their role says so; what is refused is on the record."""

        async def told() -> R:
            try:
                return await work()
            except StaffProblem as problem:
                if problem.cause not in FAULTS:
                    raise Refusal(Code.NOT_FOUND) from None
                raise wrong_field(*FAULTS[problem.cause]) from None

        return await self.staff.on_record(member, f"staff {act}", told, MAY[act])


def roles_of(typed: tuple[str, ...], name: str = "roles") -> tuple[Role, ...]:
    """The roles that were chosen, one at least. Refusal invalid, which names the field."""
    found = tuple(role for role in STAFF if role in typed)
    if not found or len(found) != len(set(typed)):
        raise wrong_field(name, "Choisissez un rôle.")
    return found


def reason_of(typed: str) -> str:
    """The reason, which the record keeps. Refusal invalid."""
    reason = " ".join(typed.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise wrong_field("reason", f"Écrivez pourquoi, en {LONGEST_REASON} caractères au plus.")
    return reason


def new_password() -> str:
    """A password to begin with, in an alphabet whose signs are not taken for each other."""
    length = PASSWORD_GROUPS * codes.GROUP
    return codes.shown("".join(secrets.choice(codes.ALPHABET) for _ in range(length)))
