"""The bounds of a period: what its name, instants, cap, pace and notice may be, and a draft within them, new or
corrected. Nothing here reads or writes."""

import contextlib
import re
import secrets
from typing import Any

import msgspec

from foundation.errors import Code, Refusal
from quota.draw import MINUTE_MS, Rule, rule_of
from quota.programmes import Programme
from quota.states import Mode, PeriodState
from quota.store import PERSON_KEY_MARK, Period
from server.rendering.templating import weekday_instant

SLUG = re.compile(r"[a-z0-9-]{1,40}")

LONGEST_NOTICE = 500

LONGEST_REASON = 500

MOST_AT_ONCE = 100_000
"""The fastest pace, in calls a minute, and the most live tokens: ten times what the room was ever asked to carry."""

MOST_PLACES = 1_000_000

DAY_SECONDS = 86_400

LAST_INSTANT = 4_102_444_800_000
"""The year 2100: an instant beyond it is a mistake of units."""


def wrong_period(period: Period) -> dict[str, str]:
    """What a new period's row must not say, as field and reason (French, for the operator who typed it)."""
    wrong = wrong_pace(period)
    if not SLUG.fullmatch(period.id):
        wrong["id"] = "de 1 à 40 lettres minuscules sans accent, chiffres et traits d’union"
    if not 0 < period.opens_at < LAST_INSTANT:
        wrong["opens_at"] = "n’est pas un instant plausible"
    if not period.opens_at < period.closes_at < LAST_INSTANT:
        wrong["closes_at"] = "doit venir après l’ouverture"
    if not 1 <= period.cap <= MOST_PLACES:
        wrong["cap"] = f"doit être de 1 à {MOST_PLACES}"
    if not 1 <= period.token_seconds <= DAY_SECONDS:
        wrong["token_seconds"] = f"doit être de 1 à {DAY_SECONDS}"
    return wrong


def wrong_pace(period: Period) -> dict[str, str]:
    wrong = {}
    if not 0 <= period.calls_per_minute <= MOST_AT_ONCE:
        wrong["calls_per_minute"] = f"doit être de 0 à {MOST_AT_ONCE}"
    if not 1 <= period.most_live_tokens <= MOST_AT_ONCE:
        wrong["most_live_tokens"] = f"doit être de 1 à {MOST_AT_ONCE}"
    return wrong


def read_reason(text: str | None) -> str | None:
    """A reason as it is typed; None for none. Raises Refusal invalid for one that is too long."""
    text = (text or "").strip()
    if len(text) > LONGEST_REASON or "\0" in text:
        refuse_fields({"reason": f"doit avoir au plus {LONGEST_REASON} caractères"})
    return text or None


def resumed_notice(period: Period, now: int) -> str:
    """What everybody is told when a suspension ends and the operator says nothing (ADR 0020)."""
    when = f"le {weekday_instant(now)} (heure de Montréal)"
    if period.state != PeriodState.OPEN:
        return (
            f"Les soumissions ont repris {when}, après une suspension, pour les personnes dont le tour était venu "
            "avant la fin de la période. Leur temps leur est rendu."
        )
    return (
        f"La réception des demandes a repris {when}, après une suspension. Chaque numéro est conservé, et le temps des "
        "personnes appelées leur est rendu."
    )


class DraftChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is corrected in a draft; None leaves it. Instants in milliseconds."""

    opens_at: int | None = None
    closes_at: int | None = None
    cap: int | None = None
    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    token_seconds: int | None = None
    rule: Rule = Rule()


def corrected(period: Period, programme: Programme, change: DraftChange) -> Period:
    """The draft with what was changed. Not checked.

    What followed from the opening follows from the new one: the programme's closing, and where entries of a draw begin.
    """
    given = {
        name: value
        for name in DraftChange.__struct_fields__
        if name != "rule" and (value := getattr(change, name)) is not None
    }
    after = msgspec.structs.replace(period, **given)
    if change.opens_at is not None and change.closes_at is None:
        with contextlib.suppress(
            ValueError, OverflowError
        ):  # then the closing stays, and its bounds say the rest
            if period.closes_at == programme.window.closes_after(period.opens_at):
                closes_at = programme.window.closes_after(after.opens_at)
                after = msgspec.structs.replace(after, closes_at=closes_at)
    return msgspec.structs.replace(after, **_rule_after(period, after.opens_at, programme, change.rule))


def _rule_after(period: Period, opens_at: int, programme: Programme, rule: Rule) -> dict[str, Any]:
    """Who is first in a corrected draft: what is given goes before what stood there."""
    mode = rule.mode or period.mode
    if mode != period.mode or mode != Mode.DRAW:
        return rule_of(programme, opens_at, msgspec.structs.replace(rule, mode=mode))
    begun = period.opens_at - programme.queue.entries_minutes * MINUTE_MS
    stood = None if period.entries_from == begun else period.entries_from
    kept = Rule(mode=mode, entries_from=rule.entries_from or stood, value_is=rule.value_is or period.value_is)
    return rule_of(programme, opens_at, kept)


def refuse_fields(wrong: dict[str, str]) -> None:
    if wrong:
        raise Refusal(
            Code.INVALID, fields=[{"name": name, "reason": reason} for name, reason in wrong.items()]
        )


def new_draft(
    programme: Programme,
    period_id: str,
    opens_at: int,
    closes_at: int,
    cap: int | None,
    rule: Rule,
    *,
    calls_per_minute: int | None,
    most_live_tokens: int | None,
    token_seconds: int | None,
) -> Period:
    """A draft with the programme's rules; what is given here goes before them. Not checked, and without its ordinal.

    The uid is random, so that a ticket of another period that was once called the same is not a place in this one. The
    person key lives as long as the period: it decides who is the same person (DU-01).
    """
    return Period(
        uid=secrets.token_hex(8),
        id=period_id,
        programme=programme.id,
        ordinal=0,
        state=PeriodState.DRAFT,
        paused=False,
        suspended=False,
        paused_at=None,
        ended_at=None,
        opens_at=opens_at,
        closes_at=closes_at,
        cap=programme.cap.total if cap is None else cap,
        held=0,
        accepted=0,
        calls_per_minute=programme.queue.calls_per_minute if calls_per_minute is None else calls_per_minute,
        most_live_tokens=programme.queue.most_live_tokens if most_live_tokens is None else most_live_tokens,
        token_seconds=programme.token.seconds if token_seconds is None else token_seconds,
        accounts_created_before=programme.accounts.created_before_at,
        pay_days=programme.payment.due_days,
        notice=None,
        clock=0,
        ticked_at=0,
        next_call=0,
        epoch=0,
        mark=0,
        version=1,
        person_key=PERSON_KEY_MARK + secrets.token_hex(32),
        **rule_of(programme, opens_at, rule),
    )
