"""What the functions of the lists work with."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import UnreadableField
from casework.amendments.services import AmendmentServices, amendment_services
from casework.checklists.rules import ChecklistRules
from casework.letters.letterhead import LetterSender, senders
from casework.mailbox.services import MailboxServices, mailbox_services
from foundation.encryption.fields import FieldCipher
from quota.programmes import Programme
from submission.forms.files import Forms


def name_place(submission: int, number: int) -> str:
    """Where the name of an item's person stands."""
    return f"checklist_item:{submission}:{number}:name"


def text_place(submission: int, number: int, act: str, at: int) -> str:
    """Where an explanation or a reason stands."""
    return f"checklist_item_event:{submission}:{number}:{act}:{at}:text"


class ChecklistCipher:
    """Seals and opens them; it opens nothing that was moved to another row."""

    def __init__(self, fields: FieldCipher) -> None:
        self.cipher = fields

    def sealed_name(self, submission: int, number: int, name: str) -> str:
        return self.cipher.encrypt(name, name_place(submission, number))

    def opened_name(self, submission: int, number: int, stored: str) -> str:
        """The name. Raises UnreadableField."""
        return self._opened(stored, name_place(submission, number))

    def sealed_text(self, submission: int, number: int, act: str, at: int, text: str) -> str:
        return self.cipher.encrypt(text, text_place(submission, number, act, at))

    def opened_text(self, submission: int, number: int, act: str, at: int, stored: str) -> str:
        """The text. Raises UnreadableField."""
        return self._opened(stored, text_place(submission, number, act, at))

    def _opened(self, stored: str, place: str) -> str:
        text = self.cipher.decrypt(stored, place)
        if text is None:
            raise UnreadableField(f"{place} cannot be decrypted: is a key missing from SECRET_KEYS?")
        return text


class ChecklistServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`. `amendments` reads answers as they are now, `cipher` opens what a list
    keeps of people; `rules`, `names` and `senders`, which write the letters, are by programme."""

    rules: Mapping[str, ChecklistRules]
    names: Mapping[str, str]
    senders: Mapping[str, LetterSender]
    amendments: AmendmentServices
    cipher: ChecklistCipher
    mailbox: MailboxServices


def checklist_services(
    rules: Mapping[str, ChecklistRules],
    programmes: Mapping[str, Programme],
    forms: Forms,
    secret_keys: Sequence[str],
    public_url: str,
) -> ChecklistServices:
    """The services with these keys and rules."""
    mailbox = mailbox_services(secret_keys, public_url)
    return ChecklistServices(
        rules=rules,
        names={id: programme.name for id, programme in programmes.items()},
        senders=senders(programmes),
        amendments=amendment_services(programmes, forms, secret_keys),
        cipher=ChecklistCipher(mailbox.personal.checklists),
        mailbox=mailbox,
    )
