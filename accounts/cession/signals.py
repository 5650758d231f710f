"""Signs that an account was ceded or sold (DU-02), what each counts, and one score that explains itself. Pure.

A score refuses nobody. From `REVIEWED` on a person looks; until they have decided, what the account submits is
accepted, keeps its place, and is not treated further. Networks and browsers are keyed hashes: only whether two are the
same is known.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import msgspec

from accounts.events.events import AccountEvent
from accounts.events.states import AccountEventKind as Kind

REVIEWED = 50
"""Score from which on a person looks: no single sign reaches it."""

DAY_MS = 86_400_000

BURST_MS = DAY_MS
"""Secrets that change within a day change together."""

BURST = 2
"""Different secrets that make a burst: a person who forgot one loses one."""

HANDOVER_MS = 7 * DAY_MS
"""Between an address and the secrets that change with it."""

JUMPS_MS, JUMPS = DAY_MS, 4
"""Networks in a day from which nobody travels: home, work, telephone are three."""

SHARERS = 5
"""Other accounts with the same contact: a family is fewer."""


class CessionSignal(StrEnum):
    """What an account went through that a handover would look like."""

    EMAIL_CHANGED_LATE = "email_changed_late"
    """Its address changed after registration had closed."""
    IDENTITY_CHANGED_LATE = "identity_changed_late"
    """Its identity was corrected after registration had closed."""
    RESET_BURST = "reset_burst"
    """Two secrets or more were replaced within a day."""
    HANDOVER = "handover"
    """Address and secrets changed within a week of each other."""
    STRANGE_ORIGIN = "strange_origin"
    """Since then it was only used from networks and browsers that it had never been used from."""
    NETWORK_JUMPS = "network_jumps"
    """It was used from four networks within a day."""
    SHARED_CONTACT = "shared_contact"
    """Five other accounts or more have the same address or telephone."""
    FACTOR_REMOVED_LATE = "factor_removed_late"
    """Its second factor was taken away after registration had closed."""
    PROCURATION = "procuration"
    """A representative is on file: an office signs in for many people. Speaks against it."""


POINTS: Mapping[CessionSignal, int] = {
    CessionSignal.EMAIL_CHANGED_LATE: 25,
    CessionSignal.IDENTITY_CHANGED_LATE: 15,
    CessionSignal.RESET_BURST: 20,
    CessionSignal.HANDOVER: 15,
    CessionSignal.STRANGE_ORIGIN: 20,
    CessionSignal.NETWORK_JUMPS: 10,
    CessionSignal.SHARED_CONTACT: 15,
    CessionSignal.FACTOR_REMOVED_LATE: 5,
    CessionSignal.PROCURATION: -40,
}
"""What each sign counts."""

CESSION_WORDS: Mapping[CessionSignal, str] = {
    CessionSignal.EMAIL_CHANGED_LATE: "Adresse courriel changée après la fin des inscriptions",
    CessionSignal.IDENTITY_CHANGED_LATE: "Identité corrigée après la fin des inscriptions",
    CessionSignal.RESET_BURST: "Au moins deux secrets remplacés en une journée",
    CessionSignal.HANDOVER: "Adresse et secrets changés dans la même semaine",
    CessionSignal.STRANGE_ORIGIN: "Depuis, le compte ne sert que de réseaux et de navigateurs jamais vus",
    CessionSignal.NETWORK_JUMPS: "Au moins quatre réseaux en une journée",
    CessionSignal.SHARED_CONTACT: "Au moins cinq autres comptes ont la même adresse ou le même téléphone",
    CessionSignal.FACTOR_REMOVED_LATE: "Second facteur retiré après la fin des inscriptions",
    CessionSignal.PROCURATION: "Représentant au dossier : une étude se connecte pour ses clients",
}
"""Sign -> what the person who decides reads."""

SECRETS = {
    Kind.PASSWORD_RENEWED: "password", Kind.PASSWORD_CHANGED: "password", Kind.ANSWERS_RENEWED: "answers",
    Kind.ANSWERS_CHANGED: "answers", Kind.USERNAME_SHOWN: "username",
}  # fmt: skip
"""Events that replace or show a secret, and which."""


class AccountHistory(msgspec.Struct, frozen=True, kw_only=True):
    """What a score is made of. `closed_at` is when registration closed; None where it has not."""

    events: Sequence[AccountEvent]
    closed_at: int | None = None
    sharers: int = 0
    has_representative: bool = False


class CessionFinding(msgspec.Struct, frozen=True):
    """The signs of an account, and what they come to."""

    signals: tuple[CessionSignal, ...]
    score: int

    @property
    def is_reviewed(self) -> bool:
        """Whether a person has to look."""
        return self.score >= REVIEWED


def judge(history: AccountHistory) -> CessionFinding:
    """The signs in what an account went through."""
    found = {signal for signal, is_there in _signs(history).items() if is_there}
    score = max(0, sum(POINTS[signal] for signal in found))
    return CessionFinding(tuple(signal for signal in CessionSignal if signal in found), score)


def _signs(history: AccountHistory) -> dict[CessionSignal, bool]:
    late = {event.kind for event in history.events if _is_late(event, history.closed_at)}
    burst = _burst(history.events)
    addresses = [event.at for event in history.events if event.kind == Kind.EMAIL_CHANGED]
    turn = min((at for at in (burst, *addresses) if at is not None), default=None)
    return {
        CessionSignal.EMAIL_CHANGED_LATE: Kind.EMAIL_CHANGED in late,
        CessionSignal.IDENTITY_CHANGED_LATE: Kind.IDENTITY_CORRECTED in late,
        CessionSignal.FACTOR_REMOVED_LATE: Kind.FACTOR_REMOVED in late,
        CessionSignal.RESET_BURST: burst is not None,
        CessionSignal.HANDOVER: burst is not None and any(abs(at - burst) <= HANDOVER_MS for at in addresses),
        CessionSignal.STRANGE_ORIGIN: turn is not None and _is_strange_since(history.events, turn),
        CessionSignal.NETWORK_JUMPS: _jumps(history.events),
        CessionSignal.SHARED_CONTACT: history.sharers >= SHARERS,
        CessionSignal.PROCURATION: history.has_representative,
    }


def _is_late(event: AccountEvent, closed_at: int | None) -> bool:
    return closed_at is not None and event.at >= closed_at


def _burst(events: Sequence[AccountEvent]) -> int | None:
    """The instant at which the first burst began: different secrets within a day."""
    changed = sorted((event.at, SECRETS[Kind(event.kind)]) for event in events if event.kind in SECRETS)
    for start, _ in changed:
        if len({secret for at, secret in changed if start <= at <= start + BURST_MS}) >= BURST:
            return start
    return None


def _is_strange_since(events: Sequence[AccountEvent], turn: int) -> bool:
    """Whether every sign-in since an instant came from where none had come from before it."""
    before = [event for event in events if event.at < turn]
    since = [event for event in events if event.at >= turn and event.kind == Kind.SIGN_IN]
    networks, browsers = _seen(before, "network"), _seen(before, "browser")
    if not since or not networks:
        return False
    return all(event.network not in networks and event.browser not in browsers for event in since)


def _seen(events: Collection[AccountEvent], what: str) -> set[str]:
    return {getattr(event, what) for event in events} - {None}


def _jumps(events: Sequence[AccountEvent]) -> bool:
    signed_in = [
        (event.at, event.network) for event in events if event.kind == Kind.SIGN_IN and event.network
    ]
    return any(
        len({network for at, network in signed_in if start <= at <= start + JUMPS_MS}) >= JUMPS
        for start, _ in signed_in
    )
