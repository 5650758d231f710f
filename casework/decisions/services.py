"""What the functions of decisions work with."""

from collections.abc import Mapping

import msgspec

from accounts.personal_data.fields import UnreadableField
from casework.checklists.services import ChecklistServices
from casework.decisions.rules import DecisionRules
from foundation.encryption.fields import FieldCipher


def reason_place(submission: int, serial: int) -> str:
    """Where the reason of a decision stands."""
    return f"decision:{submission}:{serial}:reason"


class DecisionServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`: the rules by programme, what seals reasons, and what lists work with."""

    rules: Mapping[str, DecisionRules]
    cipher: FieldCipher
    lists: ChecklistServices

    def sealed(self, submission: int, serial: int, reason: str) -> str:
        """A reason as it is stored."""
        return self.cipher.encrypt(reason, reason_place(submission, serial))

    def opened(self, submission: int, serial: int, stored: str) -> str:
        """The reason. Raises UnreadableField."""
        text = self.cipher.decrypt(stored, reason_place(submission, serial))
        if text is None:
            raise UnreadableField("decision.reason cannot be decrypted: is a key missing from SECRET_KEYS?")
        return text


def decision_services(rules: Mapping[str, DecisionRules], lists: ChecklistServices) -> DecisionServices:
    """The services with these rules, and the keys of the lists."""
    return DecisionServices(rules=rules, cipher=lists.mailbox.personal.decisions, lists=lists)
