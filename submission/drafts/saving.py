"""Saving a section: those that come together are read, checked and written together (P12).

Checks form only: what is missing is said and never demanded. Nothing is overwritten in silence: a section has a
version, and who saves upon an older one gets both texts, which are kept. Sections are checked before the transaction;
in it the drafts are locked, and what somebody else changed meanwhile is looked at again.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from foundation.batching import Batcher
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, RefusalCause, Unavailable
from submission.drafts import look, writing
from submission.drafts.encryption import StoredSection
from submission.drafts.lifetime import lifecycle
from submission.drafts.lifetime.lifecycle import DraftSpan
from submission.drafts.look import DraftView, Looked
from submission.drafts.repository import Draft
from submission.drafts.writing import ConflictTexts, SectionChange
from submission.forms.answers import KEY, MEMBERS, Member, SectionAnswers, members_of, merged
from submission.forms.fields import PostedLists, TypedSection, dropped_of, read_section
from submission.forms.model import FormSection
from submission.services import SubmissionServices

MOST_TOGETHER: Final = 64
"""Saves in one transaction: some tens of milliseconds, for which other writers wait."""

PATIENCE_SECONDS: Final = 5.0
"""A save that would wait longer is shed at once (backpressure): the text is on the screen, and the page tries again."""

MOST_ROUNDS: Final = 8
"""Looks at one save while others change the same draft. Ten tabs that save at once are served one after the other."""

NEVER_SAVED: Final = StoredSection(0, {})


class SectionSave(NamedTuple):
    """One request: whose session, which section, the version it was typed upon, and what was posted.

    `keeping_rest`: what is wrong is left out and told, and the rest is saved, as the pages do it. `posted` makes the
    fields of a post of the section that is asked for. `whose` is what the page said of its account: signed in meanwhile
    as somebody else, a person does not save into that one's draft. `confirms` that what a newer form changed was read.
    `sent` is what a program sent, of which nothing may be dropped in silence.
    """

    session: str | None
    programme: str
    section: str
    version: int
    posted: Callable[[FormSection], PostedLists]
    keeping_rest: bool = False
    whose: str = ""
    confirms: bool = False
    sent: SectionAnswers | None = None


class SavedSection(NamedTuple):
    """What became of it: the draft now, the section's version, the instant, and by path what was left out or looks
    odd."""

    view: DraftView
    version: int
    saved_at: int
    errors: Mapping[str, str]
    warnings: Mapping[str, str]
    typed: SectionAnswers


SaveOutcome = SavedSection | Exception


class DraftSaves:
    """The saves of one process."""

    def __init__(self, services: SubmissionServices) -> None:
        self.services = services
        self._batcher = Batcher[SectionSave, SaveOutcome](
            self._together, MOST_TOGETHER, "sql", PATIENCE_SECONDS
        )

    async def save(self, asked: SectionSave) -> SavedSection:
        """Save a section of the signed-in account's draft; the first one begins it.

        Refusals not_signed_in, session_ended, not_found, draft_submitted, draft_expired, invalid, draft_changed (with
        `current`). Unavailable: nothing was saved.
        """
        outcome = await self._batcher(asked)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def save_then(self, asked: SectionSave, then: Callable[[SavedSection | BaseException], None]) -> None:
        """The same by callback. Raises Unavailable when too many wait already."""
        self._batcher.put(asked, then)

    async def _together(self, some: list[SectionSave]) -> list[SaveOutcome]:
        outcomes: list[SaveOutcome] = [Unavailable("sql")] * len(some)
        left = dict(enumerate(some))
        for _ in range(MOST_ROUNDS):
            for n, outcome in (await self._round(left)).items():
                outcomes[n] = outcome
                del left[n]
            if not left:
                break
        return outcomes

    async def _round(self, left: Mapping[int, SectionSave]) -> dict[int, SaveOutcome]:
        """One look and one transaction; what is not in the answer waits for the next."""
        services, shown = self.services, [(asked.session, asked.programme) for asked in left.values()]
        looked = await services.db.read(lambda conn: look.look(conn, services, shown))
        now, outcomes = now_ms(), dict[int, SaveOutcome]()
        changes: dict[int, _Decided] = {}
        lost: list[ConflictTexts] = []
        taken: set[tuple[int, str]] = set()
        for n, asked in left.items():
            try:
                decided = _decide(services, looked, asked, now)
            except _LostRace as race:
                lost.append(race.texts)
                outcomes[n] = race.refusal
            except Refusal as refusal:
                outcomes[n] = refusal
            else:
                whose = (decided.view.session.owner, asked.programme)
                if decided.change is None:
                    outcomes[n] = _unchanged(decided, now)
                elif whose not in taken:  # two sections of one draft are saved one after the other
                    taken.add(whose)
                    changes[n] = decided
        wanted = {n: one.change for n, one in changes.items() if one.change is not None}
        if wanted or lost:
            ciphers = services.drafts
            written = await services.db.write(
                lambda conn: writing.write(conn, ciphers, wanted, lost, now),
                is_single=writing.is_single(wanted, lost),
            )
            for n, draft in written.items():
                outcomes[n] = _saved(changes[n], draft, now)
        return outcomes


class _Decided(NamedTuple):
    """What is to be written of one save; no change where nothing of it is new."""

    view: DraftView
    stored: StoredSection
    change: SectionChange | None
    typed: TypedSection


class _LostRace(Exception):
    """Upon an older version: both texts are kept, and told."""

    def __init__(self, texts: ConflictTexts, refusal: Refusal) -> None:
        super().__init__()
        self.texts, self.refusal = texts, refusal


def _decide(services: SubmissionServices, looked: Looked, asked: SectionSave, now: int) -> _Decided:
    view = look.view_of(looked, services, asked.session, asked.programme, now)
    section = view.asked.section(asked.section)
    if section is None:
        raise Refusal(Code.NOT_FOUND)
    if asked.whose and asked.whose != whose_of(view.session.owner, view.programme):
        as_whom = view.session.username
        raise Refusal(Code.NOT_SIGNED_IN, cause=RefusalCause.SESSION_OF_ANOTHER, signed_in_as=as_whom)
    view.refuse_closed()
    typed = read_section(view.form, section, asked.posted(section), view.today)
    stored = NEVER_SAVED if view.draft is None else view.draft.sections.get(section.id, NEVER_SAVED)
    _refuse_faults(asked, section, stored, typed)
    answers = merged(stored.answers, without(typed.answers, section, typed.errors))
    read_again = None if asked.confirms else stored.read_again
    is_same = answers == stored.answers and read_again == stored.read_again
    if is_same or (not stored.version and not _says(answers)):
        return _Decided(view, stored, None, typed)
    if asked.version != stored.version:
        raise _lost(view, section, stored, answers)
    change = SectionChange(
        account=view.session.owner, programme=view.programme, form_version=view.form.version,
        kept_until=view.kept_until, draft=view.draft, section=section.id, answers=answers,
        version=stored.version + 1, read_again=read_again, look_at=_first_look(looked, view, now),
    )  # fmt: skip
    return _Decided(view, stored, change, typed)


def _refuse_faults(
    asked: SectionSave, section: FormSection, stored: StoredSection, typed: TypedSection
) -> None:
    """Refusal invalid, unless the rest is to be kept."""
    unsaved = {} if asked.sent is None else dropped_of(section, asked.sent, stored.answers)
    faults = unsaved | ({} if asked.keeping_rest else typed.errors)
    if faults:
        fields = [{"name": path, "reason": reason} for path, reason in faults.items()]
        raise Refusal(Code.INVALID, fields=fields)


def _first_look(looked: Looked, view: DraftView, now: int) -> int:
    """When a draft that begins now is to be looked at first; of one that was begun already nothing is staged."""
    if view.draft is not None:
        return 0
    span = DraftSpan(now, view.kept_until, view.rules.recover_days)
    return lifecycle.look_again_at(span, looked.periods.get(view.programme, []), now)


@lru_cache(4096)
def whose_of(account: int, programme: str) -> str:
    """What the page of a draft says of its account: enough to tell two apart, and no secret."""
    return hashlib.sha256(f"draft of {account} for {programme}".encode()).hexdigest()[:24]


def _says(answers: SectionAnswers) -> bool:
    """Whether anything was filled in: an empty page does not begin a draft (DR-01)."""
    return any(answers.values())


def _lost(view: DraftView, section: FormSection, stored: StoredSection, answers: SectionAnswers) -> Exception:
    current = {"version": stored.version, "answers": stored.answers}
    refusal = Refusal(Code.DRAFT_CHANGED, current=current)
    if view.draft is None:  # a version of a draft that is gone: there is nothing to compare with
        return refusal
    return _LostRace(ConflictTexts(view.draft, section.id, stored, answers), refusal)


def without(answers: SectionAnswers, section: FormSection, errors: Mapping[str, str]) -> SectionAnswers:
    """The answers that have nothing wrong."""
    if not errors:
        return answers
    if section.repeats is None:
        return {id: one for id, one in answers.items() if f"{section.id}.{id}" not in errors}
    members: list[Member] = [
        {id: one for id, one in member.items() if f"{section.id}.{member[KEY]}.{id}" not in errors}
        for member in members_of(answers)[: section.repeats.most]
    ]
    return {MEMBERS: members}


def _unchanged(decided: _Decided, now: int) -> SavedSection:
    """Sent again, or nothing in it: what is stored already is what was sent."""
    view, stored = decided.view, decided.stored
    at = stored.updated_at or now
    return SavedSection(
        view,
        stored.version,
        at,
        decided.typed.errors,
        decided.typed.warnings,
        merged(stored.answers, decided.typed.answers),
    )


def _saved(decided: _Decided, draft: Draft, now: int) -> SavedSection:
    view = _with(decided.view, draft)
    change, typed = decided.change, decided.typed
    assert change is not None
    # Where nothing was left out, what was saved is what was typed.
    shown = merged(change.answers, typed.answers) if typed.errors else change.answers
    return SavedSection(view, change.version, now, typed.errors, typed.warnings, shown)


def _with(view: DraftView, draft: Draft) -> DraftView:
    return msgspec.structs.replace(view, draft=draft, kept_until=draft.until(view.rules.days))
