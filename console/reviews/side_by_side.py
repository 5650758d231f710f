"""Both records of a case beside each other, and what speaks for it in words. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from accounts.cession.signals import CESSION_WORDS, CessionSignal
from accounts.cession.signals import POINTS as CESSION_POINTS
from accounts.identities import Identity
from accounts.linkage.comparison import POINTS, WORDS, PersonRecord, Signal
from accounts.linkage.paper_register import PaperRecord
from submission.near_duplicates.records import AccountRecords

EMPTY = "—"

IDENTITY_FIELDS = {
    "family_name": "Nom de famille",
    "given_name": "Prénom",
    "birth_date": "Date de naissance",
    "passport": "Passeport",
}
"""Field of an identity -> what the row is called."""


class Evidence(msgspec.Struct, frozen=True):
    """One thing that speaks for a case or against it."""

    words: str
    points: int

    @property
    def shown(self) -> str:
        """The points with their sign."""
        return f"+{self.points}" if self.points > 0 else f"−{-self.points}"


class ComparedRow(msgspec.Struct, frozen=True):
    """One field of both records; `is_same` is how they read, not what follows."""

    label: str
    one: str
    other: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same, to the letter."""
        return self.one == self.other and self.one != EMPTY


class AccountSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has besides its identity, in words."""

    created: str
    submissions: tuple[str, ...]
    is_survivor: bool = False


def evidence_of(signals: Sequence[str]) -> list[Evidence]:
    """What was found, in words, the strongest first; a word of an earlier release is passed over."""
    known: Mapping[str, tuple[str, int]] = {
        **{signal: (WORDS[signal], POINTS[signal]) for signal in Signal},
        **{signal: (CESSION_WORDS[signal], CESSION_POINTS[signal]) for signal in CessionSignal},
    }
    found = [Evidence(*known[signal]) for signal in signals if signal in known]
    return sorted(found, key=lambda one: -one.points)


def rows_of(
    one: AccountRecords, other: AccountRecords | PaperRecord | None, standings: Mapping[int, AccountSummary]
) -> list[ComparedRow]:
    """The rows of the table: identities, contacts, what became of each."""
    mine = _cells(one, standings)
    theirs = (
        _paper_cells(other) if isinstance(other, PaperRecord) else _cells(other, standings) if other else {}
    )
    return [ComparedRow(label, text, theirs.get(label, EMPTY)) for label, text in mine.items()]


def _cells(account: AccountRecords, standings: Mapping[int, AccountSummary]) -> dict[str, str]:
    own, *signed = account.records or (PersonRecord(identity=Identity(**dict.fromkeys(IDENTITY_FIELDS, ""))),)
    standing = standings[account.account]
    return {
        **_identity_cells(own.identity),
        "Signé sous un autre nom": _joined(one.identity.full_name for one in signed),
        "Courriel": _joined(own.emails),
        "Téléphone": _joined(own.telephones),
        "Famille déclarée": _joined(f"{one.full_name} ({one.birth_date})" for one in own.relatives),
        "Compte créé": standing.created,
        "Demandes": _joined(standing.submissions),
    }


def _paper_cells(paper: PaperRecord) -> dict[str, str]:
    return {**_identity_cells(paper.identity), "Demandes": f"Papier, {paper.reference}"}


def _identity_cells(identity: Identity) -> dict[str, str]:
    return {label: getattr(identity, name) or EMPTY for name, label in IDENTITY_FIELDS.items()}


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts)) or EMPTY
