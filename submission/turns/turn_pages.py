"""The two forms of the ten minutes as answers: the sign-in of a number that was called, and the review.

Each is rendered once for all who would see the same, with marks in the places of what is one person's, and filled
(`server/rendering/blanks.py`). What was sent and is shown again, with what was typed and why it was refused, is
rendered for the one who sent it.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, NamedTuple

from accounts import sign_in_form
from accounts import states as accounts_states
from accounts.sessions import Session
from foundation.clock import now_ms
from foundation.errors import Refusal
from quota.frozen_rules import FrozenRules, rules_of
from quota.ledger import Token
from quota.periods import phase
from quota.states import ENDED, PeriodState
from quota.store import Period
from server.rendering import cookie_check
from server.rendering.blanks import Blank, escaped, mark
from server.rendering.counted import number as number_words
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.page_answers import page_answer
from server.rendering.templating import Render
from server.requests import Answer, Headers, Incoming
from submission import review
from submission.drafts.evaluated import EvaluatedDraft, evaluated
from submission.drafts.lifetime import recovery
from submission.drafts.repository import Draft
from submission.forms.review_rows import ReviewRows, gaps_context
from submission.review import MarkedTime
from submission.services import SubmissionServices
from submission.signing import declaration, signers
from submission.turns.turn import CandidateTurn

MOST_BLANKS: Final = 100
"""Pages that stand ready to be filled: by period, hint, and what is missing of a draft."""


class ShownPeriod(NamedTuple):
    """All that these pages show of a period."""

    id: str
    cap: int
    notice: str | None


class ShownTurn(NamedTuple):
    """What every form of the ten minutes shows, but for what runs."""

    period: ShownPeriod
    ended: PeriodState | None
    clock: MarkedTime


class TurnPages:
    """Makes the answers."""

    def __init__(self, services: SubmissionServices, render: Render, tell: Tell) -> None:
        self._services, self._render, self._tell = services, render, tell
        self._blanks: dict[Hashable, Blank] = {}
        self._rows = ReviewRows(render)

    def sign_in(self, came: Incoming, turn: CandidateTurn, token: Token) -> Answer:
        """The sign-in of a number that was called, as nobody has typed into it yet."""
        if turn.other_session is not None:
            return self.sign_in_again(came, turn, {}, {}, None, status=200)
        note = came.asked.get("note", "")
        note = note if note in accounts_states.NOTES else ""
        note = note or ("" if turn.session is None else "tour")  # a session alone submits nothing (AC-05)
        shown, theirs = _shown(turn.period, token)

        def render() -> str:
            context = sign_in_form.context(f"{turn.room}/connexion", {}, note)
            return self._text("called_sign_in.html", shown, **context)

        headers = cookie_check.offered(came.cookies, secure=self._services.accounts.secure)
        return self._filled(came, (shown, note), render, theirs, headers)

    def sign_in_again(
        self,
        came: Incoming,
        turn: CandidateTurn,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None,
        *,
        status: int = 422,
    ) -> Answer:
        """The same with what was typed, and with whose session this browser has where that is another account's."""
        other = turn.other_session
        note = came.asked.get("note", "") if other is None else "jeton"
        as_whom = "" if other is None else other.username
        return self._again(
            came, "called_sign_in.html", turn, refusal, errors, status=status,
            headers=cookie_check.offered(came.cookies, secure=self._services.accounts.secure),
            **sign_in_form.context(f"{turn.room}/connexion", typed, note, as_whom),
        )  # fmt: skip

    def review(self, came: Incoming, turn: CandidateTurn, token: Token, session: Session) -> Answer:
        """What will be submitted, what is missing of it, and the signature block."""
        rules = rules_of(turn.period, self._services.programmes)
        draft = evaluated(self._services.forms, turn.period.programme, rules.draft, turn.draft, now_ms())
        way_back = _way_back(turn, turn.draft, rules)
        lacking = draft.lacking
        if draft.found.is_complete:
            draft.frozen  # noqa: B018  made while it is read: the submission, which comes under a lock, finds it
        shown, theirs = _shown(turn.period, token)
        theirs[b"username"], theirs[b"number"] = escaped([session.username, number_words(token.number)])
        editing = f"/demande/{turn.period.programme}"
        theirs[b"sections"] = self._sections(draft, editing)

        def render() -> str:
            context = _signing_context(rules, mark("username"), mark("number"), {})
            answers = gaps_context(lacking) | way_back | {"sections": mark("sections")}
            return self._text("review.html", shown, **answers, **context)

        return self._filled(
            came, (shown, rules.name, editing, tuple(lacking), way_back["back"]), render, theirs
        )

    def _sections(self, draft: EvaluatedDraft, editing: str) -> bytes:
        """The answers as markup, made once for as long as the draft stays as it is."""
        made = draft.pages.get(editing)
        if made is None:
            made = draft.pages[editing] = self._rows.sections(draft.form, draft.found, editing)
        return made

    def review_again(
        self,
        came: Incoming,
        turn: CandidateTurn,
        token: Token,
        session: Session,
        draft: Draft | None,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None,
    ) -> Answer:
        """The same with what was typed into the signature block, and why it was refused."""
        rules = rules_of(turn.period, self._services.programmes)
        shown = evaluated(self._services.forms, turn.period.programme, rules.draft, draft, now_ms())
        answers = self._rows.context(shown.form, shown.found, f"/demande/{turn.period.programme}")
        context = answers | _way_back(turn, draft, rules)
        context |= _signing_context(rules, session.username, number_words(token.number), typed)
        return self._again(came, "review.html", turn, refusal, errors, **context)

    def _text(self, template: str, shown: ShownTurn, **context: Any) -> str:
        return self._render.text(template, refusal=None, errors={}, **shown._asdict(), **context)

    def _filled(
        self,
        came: Incoming,
        key: Hashable,
        render: Callable[[], str],
        theirs: Mapping[bytes, bytes],
        headers: Headers = (),
    ) -> Answer:
        """The page of one person: rendered with marks unless it was, then filled. `key` is all that is not theirs."""
        blank = self._blanks.get(key)
        if blank is None:
            if len(self._blanks) >= MOST_BLANKS:
                self._blanks.clear()
            blank = self._blanks[key] = Blank(render())
        return page_answer(came.headers.get(b"accept-encoding"), blank.filled(theirs), headers=headers)

    def _again(
        self,
        came: Incoming,
        template: str,
        turn: CandidateTurn,
        refusal: Refusal | None,
        errors: Mapping[str, str],
        /,
        status: int = 200,
        headers: Headers = (),
        **context: Any,
    ) -> Answer:
        """A form with its time left, and with what was refused above the fields."""
        way_on = WayOn() if refusal is None else review.way_on(refusal, turn.period.id)
        now = now_ms()
        clock = None if turn.token is None else review.time_left(turn.period, turn.token, now)
        return form_answer(
            self._render, self._tell, came, template, refusal=refusal, way_on=way_on, errors=errors, status=status,
            headers=headers, period=_period(turn.period), clock=clock, ended=_ended(turn.period, now), **context,
        )  # fmt: skip


def _period(period: Period) -> ShownPeriod:
    return ShownPeriod(period.id, period.cap, period.notice)


def _ended(period: Period, now: int) -> PeriodState | None:
    state = phase(period, now)
    return state if state in ENDED else None


def _shown(period: Period, token: Token) -> tuple[ShownTurn, dict[bytes, bytes]]:
    """What everybody in the same state sees, and the texts of what runs."""
    now = now_ms()
    clock = review.time_left(period, token, now)
    return ShownTurn(_period(period), _ended(period, now), review.marked(clock)), review.running_texts(clock)


def _way_back(turn: CandidateTurn, draft: Draft | None, rules: FrozenRules) -> dict[str, str]:
    return recovery.way_back(draft, turn.period.programme, rules.draft.days, f"{turn.room}/demande", now_ms())


def _signing_context(
    rules: FrozenRules, username: str, number: str, typed: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "programme": rules.name, "capacities": signers.offered(rules.representatives.may_sign),
        "declaration": declaration.sentences(), "username": username, "number": number, "typed": typed,
        "asks_fees": rules.payment.asks_fees,
    }  # fmt: skip
