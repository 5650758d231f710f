"""The rules of a programme as they are frozen into a period: the same are the same text, and no file changes them."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from foundation.errors import Unavailable
from quota import frozen_rules
from quota.draw import Rule
from quota.frozen_rules import (
    devices_of,
    differing,
    differs,
    is_whole,
    name_of,
    of_programme,
    payment_of,
    rules_of,
)
from quota.period_bounds import new_draft
from quota.programmes import PaymentRules, Programme, load_all
from quota.states import PeriodState
from quota.store import Period
from tests.support.places import ROOT

PROGRAMMES = load_all(ROOT / "config" / "programmes")

PRTQ = PROGRAMMES["prtq-2016"]


def announced(programme: Programme = PRTQ, **values: Any) -> Period:
    nothing: dict[str, Any] = {"calls_per_minute": None, "most_live_tokens": None, "token_seconds": None}
    made = new_draft(programme, "juin", 1_000, 2_000, None, Rule(), **nothing)
    rules, digest = frozen_rules.written(of_programme(programme))
    given: dict[str, Any] = {"state": PeriodState.ANNOUNCED, "rules": rules, "rules_digest": digest} | values
    return msgspec.structs.replace(made, **given)


def changed(**values: Any) -> dict[str, Programme]:
    """The programmes of a process whose file says something else."""
    return PROGRAMMES | {PRTQ.id: msgspec.structs.replace(PRTQ, **values)}


@pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=lambda one: one.id)
def test_what_is_frozen_is_read_back_as_it_was(programme: Programme) -> None:
    """Each rule, whatever its type; and twice the same rules are the same text and digest."""
    text, digest = frozen_rules.written(of_programme(programme))
    assert frozen_rules.read(text) == of_programme(programme)
    assert frozen_rules.written(frozen_rules.read(text)) == (text, digest)
    assert is_whole(announced(programme))
    assert not is_whole(announced(programme, rules=text.replace("600", "60")))


def test_no_file_changes_what_was_announced() -> None:
    """Another file, or none: the frozen rules are in force."""
    period = announced()
    other = changed(name="Autre", device=msgspec.structs.replace(PRTQ.device, allow=frozenset({"linux"})))
    for programmes in (PROGRAMMES, other, {}):
        assert rules_of(period, programmes) == of_programme(PRTQ)
        assert devices_of(period, frozenset({"linux"})) == PRTQ.device.allow
        assert name_of(period, {PRTQ.id: "Autre"}) == PRTQ.name


def test_without_frozen_rules_the_file_counts_and_without_both_nothing_is_allowed() -> None:
    """Fails closed: a process that knows neither answers that it cannot, and never with a default."""
    old = announced(rules=None, rules_digest=None)
    assert rules_of(old, PROGRAMMES) == of_programme(PRTQ)
    assert devices_of(old, frozenset({"linux"})) == {"linux"}
    assert (name_of(old, {PRTQ.id: "Autre"}), name_of(old, {})) == ("Autre", PRTQ.id)
    with pytest.raises(Unavailable):
        rules_of(old, {})


def test_another_file_differs_and_a_remark_does_not() -> None:
    """What a period needs counts; the ministry's name does not."""
    period = announced()
    assert not differs(period, PROGRAMMES)
    assert not differs(period, changed(ministry="Autre ministère"))
    assert differs(period, {})
    day = datetime.fromisoformat("2016-01-27")
    for values in (
        {"window": msgspec.structs.replace(PRTQ.window, notice_hours=0)},
        {"session": msgspec.structs.replace(PRTQ.session, minutes=5)},
        {"accounts": msgspec.structs.replace(PRTQ.accounts, created_before=day)},
        {"draft": msgspec.structs.replace(PRTQ.draft, sections=("identity",))},
    ):
        assert differs(period, changed(**values))


def test_a_rule_of_a_later_release_is_no_difference() -> None:
    """What was frozen before there was such a rule has its default, as the file has."""
    period = announced()
    assert period.rules is not None
    kept = msgspec.json.decode(period.rules)
    del kept["token"]["most_seconds"], kept["token"]["least_seconds"]
    plain = msgspec.structs.replace(PRTQ, token=type(PRTQ.token)(seconds=600))
    older = msgspec.structs.replace(period, rules=msgspec.json.encode(kept).decode())
    assert not differs(older, PROGRAMMES | {PRTQ.id: plain})


def test_which_periods_a_process_cannot_serve_as_announced() -> None:
    """Those in force or with tokens that live; not a draft, not one that has ended, not one whose file is the same."""
    other = changed(payment=msgspec.structs.replace(PRTQ.payment, days=1))
    closed = announced(id="closed", state=PeriodState.CLOSED)
    periods = [
        announced(id="open", state=PeriodState.OPEN),
        announced(id="announced"),
        announced(id="draft", state=PeriodState.DRAFT, rules=None, rules_digest=None),
        closed,
        msgspec.structs.replace(closed, id="finishing", held=1),
        announced(PROGRAMMES["demo"], id="demo"),
        announced(id="altered", rules_digest="0" * 64),
    ]
    assert differing(periods, other) == ["altered", "announced", "finishing", "open"]
    assert differing(periods, PROGRAMMES) == ["altered"]


def test_whether_fees_are_asked_for_is_what_was_announced() -> None:
    """PY-10: as frozen, else as the file says; of a programme that nobody knows, as the rules are by default."""
    free = changed(payment=PaymentRules(policy="none"))
    frozen = announced(free[PRTQ.id]).rules
    assert not payment_of(frozen, PRTQ.id, PROGRAMMES).asks_fees
    assert not payment_of(None, PRTQ.id, free).asks_fees
    assert payment_of(None, PRTQ.id, PROGRAMMES) == PRTQ.payment
    assert payment_of(None, "unknown", PROGRAMMES) == PaymentRules()
