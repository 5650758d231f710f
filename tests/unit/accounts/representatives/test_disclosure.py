"""What a representative may be told and may sign: both decisions, over every kind and state."""

import pytest

from accounts.representatives.disclosure import (
    DisclosureGround,
    Power,
    SigningGround,
    SigningVerdict,
    may_see,
    may_sign,
)
from accounts.representatives.states import PowerState, RepresentativeKind

LAWYER = RepresentativeKind.LAWYER

OTHERS = [kind for kind in RepresentativeKind if kind is not LAWYER]

SEEN = {
    None: (False, DisclosureGround.NO_REPRESENTATIVE),
    PowerState.DECLARED: (False, DisclosureGround.NO_PROCURATION),
    PowerState.RECEIVED: (False, DisclosureGround.UNPAID),
    PowerState.ACTIVE: (True, DisclosureGround.ACTIVE),
    PowerState.FROZEN: (False, DisclosureGround.FROZEN),
    PowerState.REVOKED: (False, DisclosureGround.REVOKED),
}

SIGNED = {
    None: SigningVerdict(False, SigningGround.NOT_ON_FILE),
    PowerState.DECLARED: SigningVerdict(True, SigningGround.AWAITING_PROCURATION, True, "r"),
    PowerState.RECEIVED: SigningVerdict(True, SigningGround.AWAITING_PROCURATION, True, "r"),
    PowerState.ACTIVE: SigningVerdict(True, SigningGround.ACTIVE, False, "r"),
    PowerState.FROZEN: SigningVerdict(False, SigningGround.FROZEN),
    PowerState.REVOKED: SigningVerdict(False, SigningGround.NOT_ON_FILE),
}


def power(state: PowerState | None, kind: RepresentativeKind = LAWYER) -> Power | None:
    return None if state is None else Power("r", 1, kind, state)


@pytest.mark.parametrize("kind", RepresentativeKind)
@pytest.mark.parametrize("state", [None, *PowerState])
def test_only_a_power_in_force_is_told_anything(state: PowerState | None, kind: RepresentativeKind) -> None:
    """Whatever the kind: a lawyer who waits for the mail is told no more than anybody."""
    seen = may_see(power(state, kind))
    assert (seen.allowed, seen.ground) == SEEN[state]


@pytest.mark.parametrize("state", [None, *PowerState])
def test_the_lawyer_on_file_signs_flagged_until_the_procuration_is_in_force(state: PowerState | None) -> None:
    """RP-01 with its proposal: declared is enough, frozen and revoked are not."""
    assert may_sign(power(state), LAWYER, {"lawyer"}) == SIGNED[state]


@pytest.mark.parametrize("kind", OTHERS, ids=str)
def test_nobody_else_signs_unless_the_programme_says_so(kind: RepresentativeKind) -> None:
    """By default « l’avocat » alone; a list of the programme may let others, and may let nobody."""
    on_file = power(PowerState.ACTIVE, kind)
    assert may_sign(on_file, kind, {"lawyer"}).ground is SigningGround.KIND_MAY_NOT
    assert may_sign(on_file, kind, {"lawyer", kind.value}).allowed
    assert not may_sign(power(PowerState.ACTIVE), LAWYER, set()).allowed


@pytest.mark.parametrize("kind", OTHERS, ids=str)
def test_a_lawyer_is_not_on_file_where_somebody_else_is(kind: RepresentativeKind) -> None:
    """Who signs as a lawyer must be declared as one: the box alone makes nobody a lawyer."""
    verdict = may_sign(power(PowerState.ACTIVE, kind), LAWYER, {"lawyer", kind.value})
    assert verdict == SigningVerdict(False, SigningGround.NOT_ON_FILE)
