"""The bounds of a period: what its name, instants, cap, pace and notice may be, and a new draft within them."""

import re
import secrets

from foundation.errors import Code, Refusal
from quota.draw import Rule, rule_of
from quota.programmes import Programme
from quota.states import PeriodState
from quota.store import PERSON_KEY_MARK, Period

SLUG = re.compile(r"[a-z0-9-]{1,40}")

LONGEST_NOTICE = 500

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
        pay_days=programme.payment.days,
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
