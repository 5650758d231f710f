"""What the functions of the lists work with."""

from collections.abc import Mapping, Sequence

import msgspec

from casework.checklists.cipher import ChecklistCipher
from casework.checklists.rules import ChecklistRules
from casework.mailbox.services import MailboxServices, mailbox_services
from foundation.encryption.fields import FieldCipher
from submission.signing import frozen


class ChecklistServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`. `seals` opens signed answers, `cipher` what a list keeps of people; `rules`
    and `names` are by programme."""

    rules: Mapping[str, ChecklistRules]
    names: Mapping[str, str]
    seals: FieldCipher
    cipher: ChecklistCipher
    mailbox: MailboxServices


def checklist_services(
    rules: Mapping[str, ChecklistRules], names: Mapping[str, str], secret_keys: Sequence[str], public_url: str
) -> ChecklistServices:
    """The services with these keys and rules."""
    mailbox = mailbox_services(secret_keys, public_url)
    return ChecklistServices(
        rules=rules,
        names=names,
        seals=frozen.cipher(secret_keys),
        cipher=ChecklistCipher(mailbox.personal.checklists),
        mailbox=mailbox,
    )
