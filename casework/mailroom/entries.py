"""What a clerk types about an item, read as values: each wrong field has its sentence in French. Pure.

Reception and postmark are days, typed as days (2026-06-13): never an instant, which would be another day in another
zone. The day of reception drives every deadline; the instant at which an item is entered drives nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from accounts import normalisation
from accounts.representatives.moving import MailedPaper
from accounts.representatives.procurations.mailroom import wrong_days
from casework.mailroom.hints import MailHints
from casework.mailroom.states import MailKind
from foundation.errors import Code, Refusal

LONGEST: Final = {"number": 40, "reference": 60, "name": 200, "country": 80, "note": 500, "reason": 500}
"""Characters that a field takes."""

_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")

_NO_DAY: Final = "Entrez une date telle que 2026-06-13 : année, mois, jour."


class TypedMail(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it was typed, each field a text. `keep` says that no file was found and the item is to wait;
    `reason` why a second item of the same day is no double entry."""

    number: str = ""
    kind: str = ""
    received_on: str = ""
    postmarked_on: str = ""
    reference: str = ""
    changed_on: str = ""
    name: str = ""
    country: str = ""
    note: str = ""
    keep: str = ""
    reason: str = ""


class MailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that can be: its kind, its days, and what else its kind asks for. The file is looked up apart."""

    kind: MailKind
    received_on: date
    postmarked_on: date | None
    reference: str = ""
    changed_on: date | None = None
    hints: MailHints = MailHints()


def read(typed: TypedMail, today: date) -> MailEntry:
    """What was typed. Refusal invalid with every wrong field. `today` is the day in Montréal."""
    wrong: dict[str, str] = {}
    kind = next((one for one in MailKind if one == typed.kind.strip()), None)
    if kind is None:
        wrong["kind"] = "Choisissez ce que c’est."
    received = _day(
        "received_on", typed.received_on, wrong, "Entrez le jour où la pièce est arrivée, tel que 2026-06-13."
    )
    postmarked = _day("postmarked_on", typed.postmarked_on, wrong)
    changed = None
    if kind is MailKind.PAPER_MODIFICATION:
        changed = _day(
            "changed_on", typed.changed_on, wrong, "Entrez le jour du changement, écrit sur le formulaire."
        )
    if received is not None:
        wrong |= wrong_days(MailedPaper(received_on=received, postmarked_on=postmarked), today)
        if changed is not None and changed > received:
            wrong["changed_on"] = "Le changement ne peut pas être postérieur à la réception."
    texts = {name: normalisation.visible(getattr(typed, name)) for name in LONGEST}
    wrong |= {
        name: f"{len(text)} caractères : {LONGEST[name]} au plus."
        for name, text in texts.items()
        if len(text) > LONGEST[name]
    }
    if wrong or kind is None or received is None:
        raise refused(wrong)
    hints = MailHints(**{name: texts[name] for name in MailHints.__struct_fields__})
    return MailEntry(
        kind=kind, received_on=received, postmarked_on=postmarked, reference=texts["reference"],
        changed_on=changed, hints=hints,
    )  # fmt: skip


def refused(wrong: Mapping[str, str]) -> Refusal:
    """Refusal invalid that names these fields."""
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])


def _day(name: str, text: str, wrong: dict[str, str], missing: str = "") -> date | None:
    """A day as it was typed; what is wrong goes into `wrong`. `missing` is said of an empty field that is needed."""
    text = normalisation.visible(text)
    if not text:
        if missing:
            wrong[name] = missing
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        wrong[name] = _NO_DAY
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        wrong[name] = f"Il n’y a pas de {text} au calendrier : vérifiez le mois et le jour."
        return None
