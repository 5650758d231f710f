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
from casework.mailroom.guessing.hints import MailHints
from casework.mailroom.states import INSTRUMENTS, MailKind, OtherInstrument
from foundation import money
from foundation.errors import Code, Refusal
from submission.states import Capacity, capacity_of

LONGEST: Final = {
    "number": 40,
    "reference": 60,
    "name": 200,
    "country": 80,
    "note": 500,
    "reason": 500,
    "refuse": 500,
}
"""Characters that a field takes."""

_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")

NO_AMOUNT: Final = (
    "Entrez le montant en dollars canadiens, tel que 812,00. Une autre devise est un autre mode de paiement."
)

NEGATIVE: Final = "Un montant ne peut pas être négatif."

ZERO: Final = "Un paiement de zéro dollar n’en est pas un : vérifiez le montant."

MINUS: Final = ("-", "\N{MINUS SIGN}", "\N{EN DASH}", "(")
"""How a negative amount begins."""

_RANGE: Final = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?")

WHO_SIGNED: Final = "Indiquez qui a signé la lettre."

_NO_DAY: Final = "Entrez une date telle que 2026-06-13 : année, mois, jour."


class TypedMail(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it was typed, each field a text. `keep` says that no file was found and the item is to wait; `refuse`
    why a clerk sends it back as it is, such as a cheque that nobody has signed; `reason` why a second item of the same
    day is no double entry."""

    number: str = ""
    kind: str = ""
    received_on: str = ""
    postmarked_on: str = ""
    instrument: str = ""
    amount: str = ""
    parts: str = ""
    reference: str = ""
    changed_on: str = ""
    capacity: str = ""
    name: str = ""
    country: str = ""
    note: str = ""
    keep: str = ""
    refuse: str = ""
    reason: str = ""


class MailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that can be: its kind, its days, and what else its kind asks for. The file is looked up apart.
    `capacity` says who has signed a withdrawal."""

    kind: MailKind
    received_on: date
    postmarked_on: date | None
    instrument: str | None = None
    cents: int | None = None
    parts: tuple[int, ...] = ()
    reference: str = ""
    changed_on: date | None = None
    capacity: Capacity | None = None
    hints: MailHints = MailHints()


def read(typed: TypedMail, today: date) -> MailEntry:
    """What was typed. Refusal invalid with every wrong field. `today` is the day in Montréal."""
    wrong: dict[str, str] = {}
    kind = next((one for one in MailKind if one == typed.kind.strip()), None)
    if kind is None:
        wrong["kind"] = "Choisissez ce que c’est."
    received = typed_day(
        "received_on", typed.received_on, wrong, "Entrez le jour où la pièce est arrivée, tel que 2026-06-13."
    )
    postmarked = typed_day("postmarked_on", typed.postmarked_on, wrong)
    instrument, cents = _payment(typed, wrong) if kind is MailKind.PAYMENT else (None, None)
    parts = _parts(typed.parts, wrong) if kind is MailKind.CHECKLIST else ()
    changed = None
    if kind is MailKind.PAPER_MODIFICATION:
        changed = typed_day(
            "changed_on", typed.changed_on, wrong, "Entrez le jour du changement, écrit sur le formulaire."
        )
    capacity = capacity_of(typed.capacity.strip()) if kind is MailKind.WITHDRAWAL else None
    if kind is MailKind.WITHDRAWAL and capacity is None:
        wrong["capacity"] = WHO_SIGNED
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
        kind=kind, received_on=received, postmarked_on=postmarked, instrument=instrument, cents=cents, parts=parts,
        reference=texts["reference"], changed_on=changed, capacity=capacity, hints=hints,
    )  # fmt: skip


def _parts(text: str, wrong: dict[str, str]) -> tuple[int, ...]:
    """Numbers on a list, such as `1, 3-5`, in their order."""
    found: set[int] = set()
    for piece in re.split(r"[ ,;]+", normalisation.visible(text).strip(" ,;")):
        range_of = _RANGE.fullmatch(piece)
        if range_of is None:
            if piece:
                wrong["parts"] = "Entrez les numéros de la liste, tels que 1, 3-5."
            continue
        first = int(range_of[1])
        found |= set(range(first, int(range_of[2] or first) + 1))
    return tuple(sorted(found))


def _payment(typed: TypedMail, wrong: dict[str, str]) -> tuple[str | None, int | None]:
    """The instrument and the cents of a payment. Of what goes back anyway the amount may be in no dollars of ours."""
    instrument = next((one for one in INSTRUMENTS if one == typed.instrument.strip()), None)
    if instrument is None:
        wrong["instrument"] = "Choisissez le mode de paiement."
    text = normalisation.visible(typed.amount)
    cents = money.typed_amount(text)
    if cents or (not text and instrument in set(OtherInstrument)):
        return instrument, cents
    wrong["amount"] = ZERO if cents == 0 else NEGATIVE if text.startswith(MINUS) else NO_AMOUNT
    return instrument, None


def refused(wrong: Mapping[str, str]) -> Refusal:
    """Refusal invalid that names these fields."""
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])


def wrong_in(refusal: Refusal) -> dict[str, str]:
    """The wrong fields of a refusal with their sentences; any other refusal goes on."""
    if refusal.code != Code.INVALID:
        raise refusal
    return {field["name"]: field["reason"] for field in refusal.fields["fields"]}


def typed_day(name: str, text: str, wrong: dict[str, str], missing: str = "") -> date | None:
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
