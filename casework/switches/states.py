"""Which features have a switch, where a planned switch stands, and the French of both. Pure."""

from enum import StrEnum
from typing import Final

from foundation.errors import Code, Refusal


class SwitchName(StrEnum):
    """A feature that is not there from the first day. Once published, a name keeps its meaning."""

    ONLINE_AMENDMENT = "modification_en_ligne"
    """Adding a dependant or changing one's status online, after the payment (PM-01, PM-02)."""
    ADDRESS_CHANGE = "changement_adresse"
    """Telling a change of address from one's account, after the payment (PM-03)."""


TITLES: Final = {
    SwitchName.ONLINE_AMENDMENT: "Modification en ligne d’une demande",
    SwitchName.ADDRESS_CHANGE: "Changement d’adresse",
}
"""Feature -> what it is called."""

MESSAGES: Final = {
    SwitchName.ONLINE_AMENDMENT: (
        "Une nouvelle fonction : modifier votre demande en ligne",
        "Vous pouvez maintenant ajouter de nouveaux renseignements à votre demande, comme une personne à charge, ou "
        "modifier votre état matrimonial, sans rien envoyer par la poste. Dans votre compte, ouvrez votre dossier, "
        "puis « Modifications ». Si rien n’a changé, vous n’avez rien à faire.",
    ),
    SwitchName.ADDRESS_CHANGE: (
        "Mettez vos coordonnées à jour",
        "Vous pouvez maintenant indiquer un changement d’adresse à même votre compte. Vérifiez que l’adresse où nous "
        "vous écrivons est encore la bonne : ouvrez votre dossier, puis « Modifications ». Si elle est juste, vous "
        "n’avez rien à faire.",
    ),
}
"""Feature -> title and text of the message by which its audience learns of it (DM-04, DM-05)."""

NOT_YET: Final = "pas encore disponible"
"""What is said of a feature whose switch is off (PM-02)."""


class SwitchState(StrEnum):
    """Where a planned switch stands: of its row and the clock."""

    PLANNED = "planned"
    """One person has planned it; another one has yet to approve it."""
    LAPSED = "lapsed"
    """Its instant came before anybody approved it: it turns nothing on."""
    SCHEDULED = "scheduled"
    """Approved and published; its instant is to come."""
    ON = "on"
    """The feature is there."""
    WITHDRAWN = "withdrawn"
    """Taken back before it turned anything on."""
    OFF = "off"
    """Turned off again, with a reason."""


STATES: Final = {
    SwitchState.PLANNED: "Planifié, attend une seconde personne",
    SwitchState.LAPSED: "Échu sans approbation",
    SwitchState.SCHEDULED: "Approuvé et publié",
    SwitchState.ON: "En service",
    SwitchState.WITHDRAWN: "Retiré avant son heure",
    SwitchState.OFF: "Remis hors service",
}
"""State -> what staff read."""


class SwitchMove(StrEnum):
    """What staff do with a planned switch."""

    APPROVE = "approve"
    """The second person wants it too."""
    END = "end"
    """It is withdrawn, or turned off."""


MOVES: Final = {
    SwitchState.PLANNED: frozenset({SwitchMove.APPROVE, SwitchMove.END}),
    SwitchState.LAPSED: frozenset({SwitchMove.END}),
    SwitchState.SCHEDULED: frozenset({SwitchMove.END}),
    SwitchState.ON: frozenset({SwitchMove.END}),
    SwitchState.WITHDRAWN: frozenset[SwitchMove](),
    SwitchState.OFF: frozenset[SwitchMove](),
}
"""State -> what may be done in it."""


def state_of(on_at: int, approved_at: int | None, ended_at: int | None, now: int) -> SwitchState:
    """Where a switch stands; instants in milliseconds. It is on from its instant on, whether or not its task was done
    yet; one that was ended before its instant has turned nothing on."""
    if ended_at is not None:
        was_on = approved_at is not None and on_at <= ended_at
        return SwitchState.OFF if was_on else SwitchState.WITHDRAWN
    if approved_at is None:
        return SwitchState.LAPSED if on_at <= now else SwitchState.PLANNED
    return SwitchState.ON if on_at <= now else SwitchState.SCHEDULED


def check(state: SwitchState, move: SwitchMove) -> None:
    """Refusal move_not_allowed for what cannot be done in this state."""
    if move not in MOVES[state]:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": state, "to": move})
