"""What an item triggers, said before it is confirmed: where it goes, and what happens. Values alone; pure.

Each kind's handler judges (`handlers/`); what it judged is shown, and confirmed by its fingerprint: where something has
changed in between, the confirmation is refused with what it is now.
"""

import hashlib

import msgspec

from casework.mailroom.states import MailMove


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an item of a file. `move` is None where a person decides later; `says` are sentences in French,
    `warns` those that are to be read twice. `facts` are what the handler goes by when it acts. `is_by_hand`: a
    clerk sends it back as it is, whatever it is; its handler does nothing."""

    move: MailMove | None
    says: tuple[str, ...]
    warns: tuple[str, ...] = ()
    facts: dict[str, str] = {}
    is_by_hand: bool = False

    @property
    def told(self) -> tuple[str, ...]:
        """Everything that is shown, in its order."""
        return self.warns + self.says


def fingerprint(*told: object) -> str:
    """What stands for everything that was shown: the same for the same, and for nothing else."""
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]
