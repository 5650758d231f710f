"""A file with what can be amended in it, read in one transaction: what was signed, what was added, what is on."""

from collections.abc import Sequence
from datetime import date

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments import folding
from casework.amendments.asked import AskedForm, asked_form
from casework.amendments.sealing import AmendmentCipher, AmendmentContent
from casework.amendments.services import AmendmentServices
from casework.amendments.states import (
    MAY_COST,
    NOT_LOOKED_AT,
    REVIEWS,
    SWITCHES,
    TITLES,
    AmendmentAct,
    AmendmentGround,
    ground_of,
)
from casework.amendments.store import amendment, amendment_review
from casework.files import events
from casework.files.events import FileHistory
from casework.files.sheet import FileSheet, sheet
from casework.payments.states import AWAITS_SUPPLEMENT
from casework.payments.supplements import rows as supplements
from casework.payments.supplements.rows import Supplement, SupplementState
from casework.payments.supplements.wording import STATES
from casework.switches import plans
from casework.switches.states import SwitchName
from casework.switches.telling import AMENDABLE
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal, Unavailable
from submission.drafts.evaluated import form_of
from submission.forms.answers import Answers
from submission.forms.model import AmendmentKind, Form
from submission.signing import signatures
from submission.signing.frozen import FrozenAnswers

a, r = amendment.c, amendment_review.c


class AmendmentReview(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent did with an amendment; `question` is what was asked, where something was. `at` is an instant."""

    act: AmendmentAct
    actor: str
    at: int
    question: str = ""


class FileAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """One amendment: `on_day` is the day of the change, `told_on` that on which it was told, `last_day` that until
    which it was to be told; `at` is an instant. `supplement` is what it costs, where it costs something."""

    id: int
    serial: int
    kind: AmendmentKind
    key: str
    on_day: date
    last_day: date
    told_on: date
    author: str
    at: int
    content: AmendmentContent
    reviews: Sequence[AmendmentReview] = ()
    supplement: Supplement | None = None

    @property
    def is_late(self) -> bool:
        """Whether it was told after its last day (PM-04): flagged, and counted all the same."""
        return self.told_on > self.last_day

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def counts(self) -> bool:
        """Whether it has effect: what it costs is paid (PM-01). Agents, lists and decisions read those alone."""
        return self.supplement is None or self.supplement.state is SupplementState.PAID

    @property
    def standing(self) -> str:
        """What an agent did with it last, in words; of one that has no effect, why."""
        if self.supplement is not None and not self.counts:
            return STATES[self.supplement.state]
        return REVIEWS[self.reviews[-1].act] if self.reviews else NOT_LOOKED_AT


class AmendableFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as amendments see it, at the instant `now`. `switches` are those that are on, or have a published date, by
    the instant from which on."""

    sheet: FileSheet
    history: FileHistory
    form: Form
    signed: FrozenAnswers
    amendments: list[FileAmendment]
    switches: dict[SwitchName, int]
    now: int

    @property
    def today(self) -> date:
        return day_of(self.now)

    @property
    def version(self) -> int:
        """Goes up with each amendment."""
        return len(self.amendments)

    @property
    def frozen_answers(self) -> Answers:
        """As they were signed."""
        return folding.answers_of(self.signed, self.form)

    @property
    def now_is(self) -> Answers:
        """The submission as it is now: with the amendments that count."""
        added = [one.content.answers for one in self.amendments if one.counts]
        return folding.current(self.form, self.frozen_answers, added, self.today)

    def asked(self, kind: AmendmentKind) -> AskedForm | None:
        """The questions of a kind; None where the form has none."""
        return asked_form(self.form, kind)

    def ground(self, kind: AmendmentKind) -> AmendmentGround | None:
        """Why it cannot be made now; None where it can."""
        since = self.switches.get(SWITCHES[kind])
        is_on = since is not None and since <= self.now
        ground = ground_of(self.history.status, AMENDABLE, is_on, self.asked(kind) is not None)
        if ground is None and kind in MAY_COST and self.awaited is not None:
            return AmendmentGround.FEE_AWAITED
        return ground

    @property
    def awaited(self) -> Supplement | None:
        """What an amendment costs that is due; a file that has ended, or is decided, awaits nothing."""
        if self.history.status not in AWAITS_SUPPLEMENT:
            return None
        return supplements.awaited_of(one.supplement for one in self.amendments if one.supplement is not None)

    def opens_at(self, kind: AmendmentKind) -> int | None:
        """The published instant from which on it can be made, where that is to come."""
        since = self.switches.get(SWITCHES[kind])
        return since if since is not None and since > self.now else None


async def look(
    conn: AsyncConnection,
    services: AmendmentServices,
    number: int,
    now: int,
    *,
    owner: int | None = None,
    lock: bool = False,
) -> AmendableFile:
    """A file, if it is this account's (of anybody where `owner` is None: for staff). With `lock` nothing else happens
    to it until this transaction ends. Refusal not_found. Fails closed: Unavailable where its form or a key is away."""
    history = await events.history(conn, number, lock=lock)
    head = await sheet(conn, services.personal, number)
    if owner is not None and head.account != owner:
        raise Refusal(Code.NOT_FOUND)
    programme = services.programmes.get(head.programme)
    if programme is None:
        raise Unavailable("forms")
    signed = await signatures.find(conn, head.receipt, head.programme, services.seals)
    return AmendableFile(
        sheet=head, history=history, signed=signed.answers,
        form=form_of(services.forms, head.programme, programme.draft, signed.answers.form_version),
        amendments=await of_file(conn, services.cipher, number),
        switches=dict(await plans.published(conn, head.programme, now)), now=now,
    )  # fmt: skip


async def of_file(conn: AsyncConnection, cipher: AmendmentCipher, number: int) -> list[FileAmendment]:
    """The amendments of a file, in their order, each with what agents did."""
    rows = (await conn.execute(sa.select(amendment).where(a.submission == number).order_by(a.serial))).all()
    if not rows:
        return []
    done: dict[int, list[AmendmentReview]] = {}
    reviewed = sa.select(amendment_review).where(r.amendment.in_([row.id for row in rows])).order_by(r.id)
    for row in await conn.execute(reviewed):
        question = "" if row.text is None else cipher.opened_question(row.amendment, row.at, row.text)
        one = AmendmentReview(act=AmendmentAct(row.act), actor=row.actor, at=row.at, question=question)
        done.setdefault(row.amendment, []).append(one)
    costs = {one.serial: one for one in await supplements.of_file(conn, number)}
    return [_amendment(cipher, row, done.get(row.id, []), costs.get(row.serial)) for row in rows]


def _amendment(
    cipher: AmendmentCipher,
    row: sa.Row[*tuple[object, ...]],
    reviews: list[AmendmentReview],
    supplement: Supplement | None,
) -> FileAmendment:
    values = row._mapping
    return FileAmendment(
        id=values["id"], serial=values["serial"], kind=AmendmentKind(values["kind"]), key=values["key"],
        on_day=date.fromisoformat(values["on_day"]), last_day=date.fromisoformat(values["last_day"]),
        told_on=date.fromisoformat(values["told_on"]), author=values["author"], at=values["at"],
        content=cipher.opened(values["submission"], values["serial"], values["content"]), reviews=reviews,
        supplement=supplement,
    )  # fmt: skip
