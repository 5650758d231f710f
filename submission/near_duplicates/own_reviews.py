"""What an account's owner may know of the cases about it, and the look that they may ask for (A-2.1, s. 65.2).

Of what was merely found nobody is told. From the first decision or question on the owner reads what was decided, by
whom or by what, and why; what another account's owner has written is shown to nobody but staff.
"""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.reviews import cases, links
from accounts.reviews.cases import BY_CANDIDATE, LONGEST_TEXT, ReviewCase
from accounts.reviews.states import AccountBar, Decision, ReviewAct, ReviewKind, ReviewState
from foundation.audit import Actor
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from submission.near_duplicates import consequences
from submission.near_duplicates.consequences import TOLD

MOST_REQUESTS = 10
"""Times that a person may write in one case: each is read by somebody."""


class ToldEvent(msgspec.Struct, frozen=True):
    """What happened in a case, as its owner is told it."""

    act: ReviewAct
    text: str
    at: int


class OwnReview(msgspec.Struct, frozen=True, kw_only=True):
    """A case, as the owner of one of its accounts is told it."""

    id: int
    kind: ReviewKind
    state: ReviewState
    decision: Decision | None
    is_automatic: bool
    has_request: bool
    is_barred: bool
    """Whether this account, and not the other one, is kept from turns by it."""
    events: list[ToldEvent]

    @property
    def asked(self) -> str:
        """The question that waits for an answer."""
        newest = next((one for one in reversed(self.events) if one.act == ReviewAct.ASKED), None)
        return newest.text if newest is not None and self.state == ReviewState.WAITING else ""


async def of_account(conn: AsyncConnection, ciphers: FieldCipher, account: int) -> list[OwnReview]:
    """The cases that this account's owner was told of, the newest first."""
    found = []
    for review in await cases.of_account(conn, ciphers, account):
        told = await _told(conn, ciphers, review)
        if told:
            found.append(
                OwnReview(
                    id=review.id, kind=review.kind, state=review.state, decision=review.decision,
                    is_automatic=review.is_automatic, has_request=review.has_request,
                    is_barred=await _is_barred(conn, review, account), events=told,
                )
            )  # fmt: skip
    return found


async def request(
    conn: AsyncConnection, ciphers: FieldCipher, account: int, id: int, text: str, now: int
) -> ReviewCase:
    """Ask for a look at a case with observations, in one's own words.

    Refusals not_found for any case that this owner was not told of; invalid; move_not_allowed after ten.
    """
    mine = next((one for one in await of_account(conn, ciphers, account) if one.id == id), None)
    if mine is None:
        raise Refusal(Code.NOT_FOUND)
    said = text.strip()
    if not said or len(said) > LONGEST_TEXT:
        reason = "doit être rempli" if not said else f"doit avoir {LONGEST_TEXT} caractères au plus"
        raise Refusal(Code.INVALID, fields=[{"name": "text", "reason": reason}])
    if sum(event.act == ReviewAct.REQUESTED for event in mine.events) >= MOST_REQUESTS:
        raise Refusal(Code.MOVE_NOT_ALLOWED)
    review = await cases.find(conn, ciphers, id)
    actor = Actor(BY_CANDIDATE, "candidate")
    return await consequences.do(conn, ciphers, review, ReviewAct.REQUESTED, actor, said, now)


async def _told(conn: AsyncConnection, ciphers: FieldCipher, review: ReviewCase) -> list[ToldEvent]:
    shown: list[ToldEvent] = []
    is_known = False
    for event in await cases.events(conn, ciphers, review.id):
        if event.act in (ReviewAct.LINKED, ReviewAct.CONFIRMED, ReviewAct.ASKED):
            is_known = is_known or review.kind != ReviewKind.PAPER or event.act == ReviewAct.ASKED
        if is_known and event.act in TOLD | {ReviewAct.REQUESTED}:
            is_staffs = event.act != ReviewAct.REQUESTED
            shown.append(ToldEvent(event.act, event.text if is_staffs else "", event.at))
    return shown


async def _is_barred(conn: AsyncConnection, review: ReviewCase, account: int) -> bool:
    bar = await links.barred(conn, account)
    if review.kind == ReviewKind.CESSION:
        return bar is AccountBar.CEDED
    link = await links.in_force(conn, account)
    return link is not None and link.review == review.id
