"""What becomes of a payment that came by post: one table of cases, which the page shows before anything is done. Pure.

`judge` says it of what a clerk has typed and of where the file stands; `consequences` says in French what it triggers;
`receiving.py` does it. All three read the same value.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from casework.files.states import FileStatus
from casework.payments.states import AWAITS_SUPPLEMENT, OPENED, Instrument, MoneyReason
from foundation.money import dollars
from server.rendering.templating import day_words


class PostalPayment(msgspec.Struct, frozen=True, kw_only=True):
    """One remittance, as a clerk types it: the instrument (None: none of the five), the amount in cents, and the day on
    which it was received, which is the one that counts (PY-05)."""

    instrument: Instrument | None
    cents: int
    received_on: date


class DueSupplement(msgspec.Struct, frozen=True, kw_only=True):
    """The supplement of an amendment that is due: its whole amount in cents, and the last day to pay it."""

    cents: int
    pay_by: date


class FileMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money of a file stands: its status, the whole fee in cents (None: the table has no row for it), the
    last day to pay, whether a charge of a card is under way, whether a payment that came in time went back by a day
    that was wrongly entered (`misdated`), of which nobody has decided, and whether the rules ask for fees at all
    (PY-10). `supplement` is that of an amendment that is due; `lapsed` the last one that was not
    paid in time, or, with `given_up`, that its candidate gave up; `restorable`, it comes back where its payment came in
    time."""

    status: FileStatus
    fee: int | None
    pay_by: date
    under_way: bool = False
    misdated: bool = False
    asks_fees: bool = True
    supplement: DueSupplement | None = None
    lapsed: DueSupplement | None = None
    given_up: bool = False
    restorable: bool = False

    @property
    def is_supplement(self) -> bool:
        """Whether it is a supplement that is awaited, the fee being here."""
        return self.supplement is not None and self.status in AWAITS_SUPPLEMENT

    @property
    def due(self) -> tuple[int | None, date]:
        """What is exigible in one remittance, and until when; or was, of what has lapsed."""
        if self.supplement is not None and self.is_supplement:
            return self.supplement.cents, self.supplement.pay_by
        if self.lapsed is not None and self.status in OPENED:
            return self.lapsed.cents, self.lapsed.pay_by
        return self.fee, self.pay_by


class PostalVerdict(StrEnum):
    """What a payment by post is, of which exactly one case holds."""

    NO_FILE = "no_file"
    """There is no such file: it is kept, and returned."""
    OTHER_INSTRUMENT = "other_instrument"
    """Not one of the five instruments (PY-03): returned; the file can still be paid."""
    ENDED = "ended"
    """The file has ended, or was deleted: returned."""
    NO_FEE = "no_fee"
    """Nothing is asked for by any rule: returned."""
    LATE = "late"
    """Received after the last day to pay: returned (PY-05)."""
    REPLACES = "replaces"
    """Late, and the whole fee, in place of one in time that went back by a wrong day: a person decides."""
    PARTIAL = "partial"
    """Less than the whole fee in this remittance: returned, and the deletion of the file is proposed (PY-04)."""
    TOO_MUCH = "too_much"
    """More than the whole fee: a person decides."""
    PAID_ALREADY = "paid_already"
    """The file is paid: a person decides."""
    SUPPLEMENT_OTHER_INSTRUMENT = "supplement_other_instrument"
    """Not one of the five instruments, for a supplement: returned; it can still be paid."""
    SUPPLEMENT_LATE = "supplement_late"
    """Received after the last day of a supplement, or after it lapsed: returned; the file is untouched (PM-01)."""
    SUPPLEMENT_GIVEN_UP = "supplement_given_up"
    """For an amendment that its candidate gave up: returned; the file is untouched (PM-01)."""
    SUPPLEMENT_PARTIAL = "supplement_partial"
    """Less than the whole supplement in this remittance: returned; it can still be paid."""
    SUPPLEMENT_ACCEPTED = "supplement_accepted"
    """The whole supplement, in one remittance, in time."""
    UNDER_WAY = "under_way"
    """A card is being charged for the same fee: a person decides, once that is known."""
    ACCEPTED = "accepted"
    """The whole fee, in one remittance, in time."""


class PostalJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with what it is about. `returned`: the instrument goes back by post, with its letter. `queued`: why a
    person decides of it, or of the file; None where nobody has to."""

    verdict: PostalVerdict
    payment: PostalPayment
    fee: int | None = None
    pay_by: date | None = None
    restores: bool = False
    """Whether the amendment that it pays had lapsed, and is awaited again by it."""

    @property
    def returned(self) -> bool:
        return self.verdict in RETURNED

    @property
    def queued(self) -> MoneyReason | None:
        return QUEUED.get(self.verdict)


RETURNED = frozenset({
    PostalVerdict.NO_FILE, PostalVerdict.OTHER_INSTRUMENT, PostalVerdict.ENDED, PostalVerdict.NO_FEE,
    PostalVerdict.LATE, PostalVerdict.PARTIAL, PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT,
    PostalVerdict.SUPPLEMENT_LATE, PostalVerdict.SUPPLEMENT_GIVEN_UP, PostalVerdict.SUPPLEMENT_PARTIAL,
})  # fmt: skip

QUEUED = {
    PostalVerdict.PARTIAL: MoneyReason.PARTIAL,
    PostalVerdict.TOO_MUCH: MoneyReason.TOO_MUCH,
    PostalVerdict.PAID_ALREADY: MoneyReason.TOO_MUCH,
    PostalVerdict.UNDER_WAY: MoneyReason.TOO_MUCH,
    PostalVerdict.REPLACES: MoneyReason.LATE,
}


def judge(payment: PostalPayment, of: FileMoney | None) -> PostalJudgement:
    """What a payment is, of where its file stands; `of` is None where there is no such file. The first case that holds
    counts: an instrument that is none of the five goes back whatever else is true of it, and a remittance is judged by
    itself, so two halves never make a whole (PY-04)."""
    if of is None:
        return PostalJudgement(verdict=PostalVerdict.NO_FILE, payment=payment)
    fee, pay_by = of.due
    verdict = _verdict(payment, of)
    if verdict is PostalVerdict.SUPPLEMENT_GIVEN_UP:  # nothing is asked for, and no day counts
        return PostalJudgement(verdict=verdict, payment=payment)
    restores = of.supplement is None and of.status in OPENED and verdict in RESTORES
    return PostalJudgement(verdict=verdict, payment=payment, fee=fee, pay_by=pay_by, restores=restores)


RESTORES = frozenset(
    {
        PostalVerdict.SUPPLEMENT_ACCEPTED,
        PostalVerdict.TOO_MUCH,
        PostalVerdict.UNDER_WAY,
        PostalVerdict.REPLACES,
    }
)
"""Verdicts on the whole fee of an amendment, in time or in place of what was, by which one that had lapsed is awaited
again."""


def _verdict(payment: PostalPayment, of: FileMoney) -> PostalVerdict:
    is_other = payment.instrument is None or payment.instrument is Instrument.CARD
    if of.supplement is not None and of.is_supplement:
        return _of_supplement(payment, of.supplement, of, is_other)
    if is_other:
        return PostalVerdict.OTHER_INSTRUMENT
    if not of.asks_fees:
        return PostalVerdict.NO_FEE
    if of.status in OPENED:
        if of.given_up:
            return PostalVerdict.SUPPLEMENT_GIVEN_UP
        if of.restorable and of.lapsed is not None:
            verdict = _of_supplement(payment, of.lapsed, of, is_other)
            return verdict if verdict in RESTORES else PostalVerdict.SUPPLEMENT_LATE
        return PostalVerdict.SUPPLEMENT_LATE if of.lapsed is not None else PostalVerdict.PAID_ALREADY
    if of.status not in {FileStatus.AWAITING_PAYMENT, FileStatus.REVERSED}:
        return PostalVerdict.ENDED
    if of.fee is None:
        return PostalVerdict.NO_FEE
    if payment.received_on > of.pay_by:
        replaces = of.misdated and payment.cents >= of.fee
        return PostalVerdict.REPLACES if replaces else PostalVerdict.LATE
    if payment.cents < of.fee:
        return PostalVerdict.PARTIAL
    if of.under_way:
        return PostalVerdict.UNDER_WAY
    return PostalVerdict.TOO_MUCH if payment.cents > of.fee else PostalVerdict.ACCEPTED


def _of_supplement(
    payment: PostalPayment, due: DueSupplement, of: FileMoney, is_other: bool
) -> PostalVerdict:
    if is_other:
        return PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT
    if payment.received_on > due.pay_by:
        replaces = of.misdated and payment.cents >= due.cents
        return PostalVerdict.REPLACES if replaces else PostalVerdict.SUPPLEMENT_LATE
    if payment.cents < due.cents:
        return PostalVerdict.SUPPLEMENT_PARTIAL
    if of.under_way:
        return PostalVerdict.UNDER_WAY
    return PostalVerdict.TOO_MUCH if payment.cents > due.cents else PostalVerdict.SUPPLEMENT_ACCEPTED


def consequences(judged: PostalJudgement) -> Sequence[str]:
    """What recording it triggers, sentence by sentence, as the clerk reads it before confirming."""
    fee = "" if judged.fee is None else dollars(judged.fee)
    day = "" if judged.pay_by is None else day_words(judged.pay_by)
    sentences = {
        PostalVerdict.NO_FILE: ["Ce numéro n’est celui d’aucun dossier."],
        PostalVerdict.OTHER_INSTRUMENT: [
            "Ce mode de paiement n’est pas l’un des cinq acceptés par la poste.",
            f"La demande reste en attente du paiement jusqu’au {day}.",
        ],
        PostalVerdict.ENDED: ["Ce dossier est terminé : rien n’est à payer."],
        PostalVerdict.NO_FEE: ["Aucuns frais ne sont fixés pour cette demande."],
        PostalVerdict.LATE: [f"Le dernier jour pour payer était le {day}."],
        PostalVerdict.REPLACES: [
            f"Le dernier jour pour payer était le {day}.",
            "Un paiement arrivé à temps avait été retourné par une date mal inscrite; celui-ci le remplace.",
        ],
        PostalVerdict.PARTIAL: [
            f"Le montant exigé est de {fee}, en un seul envoi.",
            "La suppression de la demande sera proposée à une personne, qui décidera.",
        ],
        PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT: [
            "Ce mode de paiement n’est pas l’un des cinq acceptés par la poste.",
            f"Les frais de la modification restent à payer jusqu’au {day}.",
        ],
        PostalVerdict.SUPPLEMENT_LATE: [
            "Les frais de la modification n’ont pas été reçus à temps : elle n’a pas d’effet. Rien d’autre n’est à "
            "payer."
        ],
        PostalVerdict.SUPPLEMENT_GIVEN_UP: [
            "La modification a été abandonnée par la candidate ou le candidat : ses frais ne sont plus à payer."
        ],
        PostalVerdict.SUPPLEMENT_PARTIAL: [
            f"Le montant exigé pour la modification est de {fee}, en un seul envoi.",
            f"Il reste à payer jusqu’au {day}; le dossier n’est pas touché.",
        ],
        PostalVerdict.SUPPLEMENT_ACCEPTED: [
            "Les frais de la modification sont payés en entier et à temps.",
            "La modification prend effet.",
        ],
        PostalVerdict.TOO_MUCH: [f"Le montant exigé est de {fee} : il y a un surplus."],
        PostalVerdict.PAID_ALREADY: ["Les frais de ce dossier sont déjà payés."],
        PostalVerdict.UNDER_WAY: ["Un paiement par carte est en cours de vérification pour ce dossier."],
        PostalVerdict.ACCEPTED: [
            "Les frais sont payés en entier et à temps.",
            "Le dossier est ouvert; la confirmation du paiement et la lettre d’ouverture seront déposées.",
            "Une procuration reçue d’avance entre en vigueur.",
        ],
    }[judged.verdict]
    return [*sentences, *([RESTORED] if judged.restores else []), *_what_follows(judged)]


RESTORED = "La modification avait été tenue pour sans effet : elle est rétablie, avec une lettre."


def _what_follows(judged: PostalJudgement) -> Sequence[str]:
    if judged.verdict is PostalVerdict.NO_FILE:
        return ["Le paiement est gardé dans les envois à identifier, ou retourné avec une lettre."]
    if judged.returned:
        return ["Le paiement est à retourner par la poste; la lettre est déposée dans le compte."]
    if judged.queued is not None:
        return [
            "Le paiement est gardé, et une personne décide : « Argent à décider ». Le compte en est averti."
        ]
    return []
