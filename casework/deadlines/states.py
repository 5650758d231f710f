"""Which deadlines a file can have, and the tasks that move them. Pure."""

from enum import StrEnum


class DeadlineKind(StrEnum):
    """What somebody has to do until a day. Once told, a kind keeps its meaning: events name it."""

    PAYMENT = "payment"
    """The fee is to be paid (PY-01)."""
    SUPPLEMENT = "supplement"
    """The fee of an amendment is to be paid (PM-01)."""
    DOCUMENTS = "documents"
    """The documents of the personal list are to be posted (DC-02)."""
    REMEDY = "remedy"
    """A remedy against the decision is to be received (RX-01)."""


KINDS = {
    DeadlineKind.PAYMENT: "Payer les frais",
    DeadlineKind.SUPPLEMENT: "Payer les frais d’une modification",
    DeadlineKind.DOCUMENTS: "Envoyer les documents de la liste",
    DeadlineKind.REMEDY: "Demander qu’on revoie la décision",
}
"""Kind -> what people read."""


class DeadlineTask(StrEnum):
    """Kinds of tasks of deadlines."""

    MOVE = "deadlines_move"
    """A day was proclaimed: the open deadlines of some files are looked at again."""


class ProclamationAct(StrEnum):
    """What two people do with a day, as the audit calls it."""

    ENTER = "proclaimed_day_enter"
    """The first says that it is a holiday."""
    DROP = "proclaimed_day_drop"
    """What nobody has confirmed yet is taken back."""
    CONFIRM = "proclaimed_day_confirm"
    """The second says so too: from now on it is one."""
