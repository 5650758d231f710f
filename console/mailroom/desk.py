"""What clerks do with what came by post, for the pages and the calls: each act under a role, each look on the record.

The acts themselves are `casework/mailroom/`'s.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Final, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import normalisation
from accounts.identities import iso_date
from accounts.roles import STAFF, Role
from accounts.store import ACCOUNT
from casework.blocks import Block
from casework.checklists import handling
from casework.files.numbers import typed_submission
from casework.mailroom import entries, finding, items, matching, pen, register, undoing
from casework.mailroom.correcting import corrections
from casework.mailroom.correcting.corrections import CorrectionPreview, MailCorrection, TypedCorrection
from casework.mailroom.entries import TypedMail
from casework.mailroom.finding import FileAtHand, FoundPerson
from casework.mailroom.guessing.guesses import GuessedFile, likely
from casework.mailroom.items import MailEvent, RegisteredItem
from casework.mailroom.register import MailPreview
from casework.mailroom.returning import covering_letter, originals, returns
from casework.mailroom.returning.originals import HeldOriginal
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailMove, moved
from casework.mailroom.store import MAIL_ITEM, mail_item
from console.record.looks import PageLooks
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.store import SUBMISSION

SEES: Final = (Role.CLERK, Role.AGENT)
"""Whose desk it is."""

T = TypeVar("T")

Step = Callable[[AsyncConnection], Awaitable[T]]


class GuessedHere(msgspec.Struct, frozen=True, kw_only=True):
    """A guess with the file that it is about, for a person to compare."""

    guess: GuessedFile
    of: FileAtHand


class ShownPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A preview with the files of its guesses."""

    preview: MailPreview
    guesses: tuple[GuessedHere, ...] = ()
    item: int | None = None


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """An item as its page shows it."""

    item: RegisteredItem
    of: FileAtHand | None
    history: list[MailEvent]
    guesses: tuple[GuessedHere, ...]
    may_undo: bool
    correction: CorrectionPreview | None = None

    @property
    def holds_unnamed(self) -> bool:
        """Whether it holds back the deletion of every unpaid file that it would pay."""
        return pen.holds_unnamed(self.item)

    @property
    def waits_for_money(self) -> bool:
        """Whether it goes on with what is decided of its money."""
        return returns.waits_for_money(self.item)

    def offers(self, move: MailMove) -> bool:
        """Whether the table has this move from here."""
        return moved(self.item.state, move) is not None


class EnteredToday(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the empty form."""

    count: int
    newest: list[RegisteredItem]
    done: RegisteredItem | None = None


class MailroomDesk:
    """Made once a process."""

    def __init__(self, staff: StaffDesk, services: MailroomServices) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.looks = PageLooks(staff.db)

    async def preview(self, member: StaffMemberHere, typed: TypedMail) -> ShownPreview:
        """What an entry would trigger. Refusal invalid."""

        async def look(conn: AsyncConnection) -> ShownPreview:
            found = await register.preview(conn, self.services, typed, now_ms())
            return ShownPreview(preview=found, guesses=await self._guessed(conn, found.guesses))

        return await self._shown(member, await self.db.read(look))

    async def enter(self, member: StaffMemberHere, typed: TypedMail, key: str, seen: str) -> RegisteredItem:
        """Enter what was shown. Refusals as `register.enter`."""
        return await self._act(
            member, "courrier inscrire",
            lambda conn: register.enter(conn, self.services, typed, key, seen, member.actor, now_ms()),
        )  # fmt: skip

    async def preview_match(self, member: StaffMemberHere, id: int, number: str) -> ShownPreview:
        """What an item of the pen would trigger in this file. Refusals not_found, invalid, move_not_allowed."""

        async def look(conn: AsyncConnection) -> ShownPreview:
            _, found = await matching.preview(conn, self.services, id, number, now_ms())
            return ShownPreview(preview=found, item=id)

        return await self._shown(member, await self.db.read(look))

    async def match(
        self, member: StaffMemberHere, id: int, number: str, seen: str, reason: str
    ) -> RegisteredItem:
        """Match it with this file. Refusals as `matching.match`."""
        return await self._act(
            member, "courrier rapprocher",
            lambda conn: matching.match(conn, self.services, id, number, seen, reason, member.actor, now_ms()),
        )  # fmt: skip

    async def undo(self, member: StaffMemberHere, id: int, reason: str) -> RegisteredItem:
        """Undo an entry. Refusals as `undoing.undo`."""
        return await self._act(
            member, "courrier annuler",
            lambda conn: undoing.undo(conn, self.services, id, reason, member.actor, now_ms()),
        )  # fmt: skip

    async def set_aside(self, member: StaffMemberHere, id: int, reason: str) -> RegisteredItem:
        """It is to go back. Refusals as `returns.set_aside`."""
        return await self._act(
            member, "courrier mettre de côté",
            lambda conn: returns.set_aside(conn, self.services, id, reason, member.actor, now_ms()),
        )  # fmt: skip

    async def accept(self, member: StaffMemberHere, id: int, reason: str) -> RegisteredItem:
        """It is kept with its file: an agent's act. Refusals not_your_role; as `returns.accept`."""
        return await self._act(
            member, "courrier accepter",
            lambda conn: returns.accept(conn, self.services, id, reason, member.actor, now_ms()),
            (Role.AGENT,),
        )  # fmt: skip

    async def send_back(
        self, member: StaffMemberHere, id: int, tracking: str, sent_on: str
    ) -> RegisteredItem:
        """It has left. Refusals as `returns.send_back`."""
        day = iso_date(sent_on)
        return await self._act(
            member, "courrier retourner",
            lambda conn: returns.send_back(conn, self.services, id, tracking, day, member.actor, now_ms()),
        )  # fmt: skip

    async def item(self, member: StaffMemberHere, id: int) -> ItemView:
        """An item with its file and its history; a look on the record. Refusal not_found."""

        async def look(conn: AsyncConnection) -> ItemView:
            item = await items.find(conn, self.services, id)
            of = await undoing.file_of(conn, self.services, item)
            guesses = await pen.guesses_of(conn, id) if item.submission is None else []
            return ItemView(
                item=item, of=of, history=list(await items.history(conn, id)),
                guesses=await self._guessed(conn, guesses),
                may_undo=undoing.may_undo(item, member.username, now_ms()),
                correction=await corrections.preview(conn, self.services, item, of, now_ms()),
            )  # fmt: skip

        view = await self.db.read(look)
        await self.looks.saw(member.actor, "courrier", Subject.row(MAIL_ITEM, id))
        await self._saw(member, [view.of, *(one.of for one in view.guesses)])
        return view

    async def propose(self, member: StaffMemberHere, id: int, typed: TypedCorrection) -> MailCorrection:
        """Propose to put an entry right. Refusals as `corrections.propose`."""
        return await self._act(
            member, "courrier corriger",
            lambda conn: corrections.propose(conn, self.services, id, typed, member.actor, now_ms()),
        )  # fmt: skip

    async def confirm(self, member: StaffMemberHere, id: int, seen: str) -> RegisteredItem:
        """Confirm what another person proposed. Refusals as `corrections.confirm`."""
        return await self._act(
            member, "courrier confirmer",
            lambda conn: corrections.confirm(conn, self.services, id, seen, member.actor, now_ms()),
        )  # fmt: skip

    async def drop(self, member: StaffMemberHere, id: int) -> RegisteredItem:
        """Drop a correction. Refusal not_found."""
        return await self._act(
            member, "courrier laisser",
            lambda conn: corrections.drop(conn, self.services, id, member.actor, now_ms()),
        )  # fmt: skip

    async def letter(self, member: StaffMemberHere, id: int, now: int) -> list[Block]:
        """The letter that goes back with an item; a look on the record. Refusal not_found."""
        await self.item(member, id)
        return await self.db.read(lambda conn: covering_letter.letter_of(conn, self.services, id, now))

    async def people(self, member: StaffMemberHere, name: str, birth_date: str) -> list[FoundPerson]:
        """The files of persons of this name and date of birth; a look at each. Refusal invalid."""
        wrong = {}
        if not normalisation.visible(name):
            wrong["name"] = "Entrez le nom, comme il est écrit sur l’envoi."
        if iso_date(birth_date) is None:
            wrong["birth_date"] = "Entrez la date de naissance, telle que 1990-02-03."
        if wrong:
            raise entries.refused(wrong)
        found = await self.db.write(
            lambda conn: finding.people(conn, self.services, name[:200], birth_date, now_ms())
        )
        for one in found:
            await self.looks.saw(
                member.actor, "recherche du courrier", Subject.row(SUBMISSION, one.submission)
            )
        return found

    async def entered_today(self, member: StaffMemberHere, newest: int, done: int | None) -> EnteredToday:
        """How many were entered today, the newest of them, and the one that was entered just now."""
        which = mail_item.c.entered_on == day_of(now_ms()).isoformat()

        async def look(conn: AsyncConnection) -> EnteredToday:
            found = await items.newest(conn, self.services, which, mail_item.c.id == done, most=1)
            return EnteredToday(
                count=await items.count(conn, which), done=found[0] if found else None,
                newest=await items.newest(conn, self.services, which, most=newest),
            )  # fmt: skip

        return await self.db.read(look)

    async def waiting(self, member: StaffMemberHere) -> list[RegisteredItem]:
        """The pen; a look on the record."""
        await self.looks.saw(member.actor, "courrier en attente")
        return await self.db.read(lambda conn: pen.waiting(conn, self.services))

    async def to_return(self, member: StaffMemberHere) -> list[RegisteredItem]:
        """What goes back; a look on the record."""
        await self.looks.saw(member.actor, "courrier à retourner")
        return await self.db.read(lambda conn: returns.to_return(conn, self.services))

    async def originals(self, member: StaffMemberHere) -> list[HeldOriginal]:
        """Originals of files that must go back, by number alone (DC-06); the look of `to_return` covers them."""
        return await self.db.read(originals.to_give_back)

    async def give_back(
        self, member: StaffMemberHere, file: str, item: int, tracking: str, sent_on: str
    ) -> None:
        """An original has left. Refusals not_found, invalid, move_not_allowed."""
        submission, day = typed_submission(file), iso_date(sent_on)
        if submission is None:
            raise Refusal(Code.NOT_FOUND)
        if day is None:
            why = "Entrez le jour de l’envoi, tel que 2026-06-13."
            raise Refusal(Code.INVALID, fields=[{"name": "on_day", "reason": why}])
        await self._act(
            member, "courrier original",
            lambda conn: handling.give_back(conn, submission, item, day, tracking, member.actor, now_ms()),
        )  # fmt: skip

    async def _guessed(
        self, conn: AsyncConnection, guesses: Iterable[GuessedFile]
    ) -> tuple[GuessedHere, ...]:
        found = [
            (guess, await finding.of_submission(conn, self.services, guess.submission))
            for guess in likely(guesses)
        ]
        return tuple(GuessedHere(guess=guess, of=of) for guess, of in found if of is not None)

    async def _shown(self, member: StaffMemberHere, shown: ShownPreview) -> ShownPreview:
        await self._saw(member, [shown.preview.of, *(one.of for one in shown.guesses)])
        return shown

    async def _saw(self, member: StaffMemberHere, files: list[FileAtHand | None]) -> None:
        """That a person's name was shown is on the record (P16)."""
        for of in files:
            if of is not None:
                row = (
                    Subject.row(ACCOUNT, of.account)
                    if of.submission is None
                    else Subject.row(SUBMISSION, of.submission)
                )
                await self.looks.saw(member.actor, "courrier", row)

    async def _act(
        self, member: StaffMemberHere, call: str, step: Step[T], wanted: Collection[Role] = STAFF
    ) -> T:
        """An act in one transaction; what is refused is on the record."""
        return await self.staff.on_record(member, call, lambda: self.db.write(step), wanted)
