"""The messages about drafts: plain French, no personal data, and « non soumise » in each (P11)."""

from foundation.mail.outgoing import Mail
from server.rendering.templating import instant
from submission.drafts.lifetime.lifecycle import DraftNotice, days_between

NOT_SUBMITTED = (
    "Rappel : un brouillon n’est pas une demande. Votre demande est non soumise tant que vous n’avez pas reçu "
    "d’accusé de réception."
)


def notice(to: str, kind: DraftNotice, address: str, about: int, now: int, destroyed_after: int) -> Mail:
    """The message of this kind. `about` is the instant it speaks of, `address` the draft's page."""
    title, *sentences = _WORDS[kind](about, days_between(now, about), destroyed_after)
    paragraphs = ("Bonjour,", *sentences, NOT_SUBMITTED, address)
    return Mail(to, kind, f"{title} (demande non soumise)", "\n\n".join(paragraphs) + "\n")


def _ends_soon(until: int, days: int, _: int) -> tuple[str, ...]:
    left = (
        "Il reste un jour" if days == 1 else "C’est le dernier jour" if days < 1 else f"Il reste {days} jours"
    )
    return (
        f"Votre brouillon : {left.lower()}",
        f"{left} : votre brouillon est conservé jusqu’au {instant(until)}.",
        "Après cette date, il ne pourra plus être modifié ni soumis.",
    )


def _period_closes(closes_at: int, _: int, __: int) -> tuple[str, ...]:
    return (
        "Une période de réception se termine demain",
        f"La période de réception se termine le {instant(closes_at)}, et votre brouillon n’y a pas été soumis.",
        "Si vous voulez présenter votre demande pendant cette période, il faut la soumettre avant cette heure.",
    )


def _expired(until: int, _: int, destroyed_after: int) -> tuple[str, ...]:
    return (
        "Votre brouillon est échu",
        f"Votre brouillon était conservé jusqu’au {instant(until)}.",
        f"Vous pouvez encore le récupérer, tel que vous l’avez laissé, jusqu’au {instant(destroyed_after)}. "
        "Après cette date, ce que vous avez écrit sera détruit.",
    )


def _destroyed(_: int, __: int, ___: int) -> tuple[str, ...]:
    return (
        "Votre brouillon a été détruit",
        "Le délai pour récupérer votre brouillon est écoulé : ce que vous aviez écrit a été détruit. Il n’en reste "
        "qu’une trace sans renseignement personnel.",
        "Vous pouvez commencer un nouveau brouillon quand vous voulez.",
    )


def _extended(until: int, _: int, __: int) -> tuple[str, ...]:
    return (
        "Votre brouillon est conservé plus longtemps",
        f"Une période de réception a été annoncée : votre brouillon est maintenant conservé jusqu’au {instant(until)}. "
        "Vous n’avez rien à faire.",
    )


_WORDS = {
    DraftNotice.ENDS_SOON: _ends_soon,
    DraftNotice.PERIOD_CLOSES: _period_closes,
    DraftNotice.EXPIRED: _expired,
    DraftNotice.DESTROYED: _destroyed,
    DraftNotice.EXTENDED: _extended,
}
