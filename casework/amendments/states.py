"""Kinds of amendments, why one cannot be made now, what agents do with it, and the French of each. Pure."""

from enum import StrEnum
from typing import Final

from casework.files.states import FileStatus
from casework.switches.states import SwitchName
from submission.forms.model import AmendmentKind

SWITCHES: Final = {
    AmendmentKind.DEPENDANT: SwitchName.ONLINE_AMENDMENT,
    AmendmentKind.STATUS: SwitchName.ONLINE_AMENDMENT,
    AmendmentKind.ADDRESS: SwitchName.ADDRESS_CHANGE,
}
"""Kind -> the switch that has to be on."""

TITLES: Final = {
    AmendmentKind.DEPENDANT: "Ajout d’une personne à charge",
    AmendmentKind.STATUS: "Changement d’état matrimonial",
    AmendmentKind.ADDRESS: "Changement d’adresse",
}
"""Kind -> what it is called."""

SLUGS: Final = {
    AmendmentKind.DEPENDANT: "personne-a-charge",
    AmendmentKind.STATUS: "etat-matrimonial",
    AmendmentKind.ADDRESS: "adresse",
}
"""Kind -> its place in an address."""

DAYS: Final = 30
"""Calendar days after the change in which it is to be told (PM-04); later ones are flagged, never refused."""


class AmendmentGround(StrEnum):
    """Why no amendment of a kind can be made now."""

    NOT_PAID = "not_paid"
    """Not between the submission and the payment (PM-01)."""
    FILE_OVER = "file_over"
    """The file has ended, or there is a decision."""
    NOT_YET = "not_yet"
    """The feature is not switched on for this programme (PM-02, PM-03)."""
    FEE_AWAITED = "fee_awaited"
    """The fee of an earlier amendment is awaited: one at a time."""
    NOT_ASKED = "not_asked"
    """The form of this programme asks nothing of the kind."""


GROUNDS: Final = {
    AmendmentGround.NOT_PAID: "Une demande se modifie une fois les frais payés.",
    AmendmentGround.FILE_OVER: "Ce dossier est terminé ou une décision a été rendue : il ne se modifie plus en ligne.",
    AmendmentGround.NOT_YET: "Cette fonction n’est pas encore disponible.",
    AmendmentGround.FEE_AWAITED: (
        "Les frais d’une modification précédente sont attendus. Payez-les, ou abandonnez cette modification, à la page "
        "« Modifications » de votre dossier; vous pourrez ensuite en ajouter une autre."
    ),
    AmendmentGround.NOT_ASKED: "Le formulaire de ce programme ne pose pas cette question.",
}
"""Ground -> what its owner reads."""


MAY_COST: Final = frozenset({AmendmentKind.DEPENDANT, AmendmentKind.STATUS})
"""Kinds that may add a person whose fee is asked for: none is made while an earlier fee is awaited."""


def ground_of(
    status: FileStatus, amendable: frozenset[FileStatus], is_on: bool, is_asked: bool
) -> AmendmentGround | None:
    """Why an amendment cannot be made; None where it can. `amendable`: the statuses in which a file may be amended."""
    if not is_asked:
        return AmendmentGround.NOT_ASKED
    if status in {FileStatus.AWAITING_PAYMENT, FileStatus.REVERSED}:
        return AmendmentGround.NOT_PAID
    if status not in amendable:
        return AmendmentGround.FILE_OVER
    return None if is_on else AmendmentGround.NOT_YET


class AmendmentAct(StrEnum):
    """What an agent does with an amendment."""

    ACKNOWLEDGE = "acknowledge"
    """It was read and goes into the examination."""
    ASK = "ask"
    """Something is not clear: the candidate gets a message."""


REVIEWS: Final = {
    AmendmentAct.ACKNOWLEDGE: "Prise en compte",
    AmendmentAct.ASK: "Précision demandée",
}
"""What was done -> what is read."""

NOT_LOOKED_AT: Final = "Transmise"
"""What stands where no agent has done anything yet."""
