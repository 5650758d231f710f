"""Announcing and arming wait for a ready installation, or for a reason."""

import pytest

from console.gate import LONGEST_REASON, let_pass, read_reason
from console.readiness import Check, CheckResult, CheckState
from foundation.errors import Code, Refusal

GREEN = CheckResult(Check.SQL, CheckState.GREEN, "Elle répond.")

WARNS = CheckResult(Check.WORKER, CheckState.WARNS, "Aucun ne bat.")

BLOCKS = CheckResult(Check.TICKER, CheckState.BLOCKS, "Aucun ne bat.")


def test_nothing_is_gone_past_where_nothing_keeps_back() -> None:
    """Warnings are said and let pass, with a reason or without."""
    assert let_pass([GREEN, WARNS], None) == []
    assert let_pass([GREEN, WARNS], "peu importe") == []


def test_what_keeps_back_needs_a_reason() -> None:
    """Without one the refusal names it; with one it is what was gone past."""
    with pytest.raises(Refusal) as refused:
        let_pass([GREEN, BLOCKS, WARNS], None)
    assert refused.value.code == Code.NOT_READY
    assert [one["check"] for one in refused.value.fields["findings"]] == ["ticker"]
    assert let_pass([GREEN, BLOCKS, WARNS], "le ticker démarre ce soir") == [BLOCKS]


def test_a_reason_is_read() -> None:
    """Spaces are none; one that is too long is refused by its field."""
    assert (read_reason("  panne "), read_reason(" \n"), read_reason(None)) == ("panne", None, None)
    with pytest.raises(Refusal) as refused:
        read_reason("x" * (LONGEST_REASON + 1))
    assert refused.value.fields["fields"][0]["name"] == "override_reason"
