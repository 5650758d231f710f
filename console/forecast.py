"""What will happen if a period is announced and armed, in whole sentences for whoever decides it. Pure.

An instant has its weekday in Montréal's time (WR-14): a wrong day is seen there first.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import msgspec

from console.readiness import CheckResult, blocking
from foundation.calendar.days import changes_clock, day_of
from foundation.calendar.holidays import holiday_on
from foundation.clock import montreal
from quota import oddities
from quota.oddities import NEAR_DAYS, REMARKS, OpeningRules
from quota.programmes import Programme
from quota.states import ENDED, Mode, PeriodState
from quota.store import Period
from server.rendering.counted import NBSP
from server.rendering.durations import duration_words, time_words
from server.rendering.templating import number, weekday
from submission.readiness import ReadyCandidates

FAMILIES: Mapping[str, str] = {
    "windows": "Windows",
    "macos": "macOS",
    "linux": "Linux",
    "chromeos": "ChromeOS",
    "harmonyos": "HarmonyOS",
}
"""What a computer runs on -> its name."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences by the question that they answer. `near` are days to think of, `odd` what is unusual."""

    when: list[str]
    places: list[str]
    turn: list[str]
    who: list[str]
    near: list[str]
    odd: list[str]

    def sentences(self) -> list[str]:
        """All of them, one after the other."""
        return [one for name in self.__struct_fields__ for one in getattr(self, name)]


TITLES: Mapping[str, str] = {
    "when": "Quand",
    "places": "Combien",
    "turn": "Dans quel ordre",
    "who": "Qui peut soumettre",
    "near": "Dans les jours autour",
    "odd": "Ce qui sort de l’ordinaire",
}
"""The question of each group, as the page asks it."""


def forecast(
    period: Period, programme: Programme | None, counted: ReadyCandidates | None, now: int
) -> Forecast:
    """What will happen, as it stands at this instant. Without the programme's file some of it cannot be said."""
    return Forecast(
        when=list(_when(period, now)),
        places=list(_places(period, programme)),
        turn=list(_turn(period)),
        who=list(_who(period, programme, counted)),
        near=list(near(period)),
        odd=[] if programme is None else list(_odd(period, programme, now)),
    )


def exactly(instant_ms: int) -> str:
    """`lundi 13 juin 2016 à 8 h 30 (heure de Montréal)`; with the seconds where there are some."""
    moment = montreal(instant_ms)
    seconds = f"{NBSP}min{NBSP}{moment:%S}{NBSP}s" if moment.second else ""
    clock = f"{moment.hour}{NBSP}h{NBSP}{moment:%M}{seconds}"
    return f"{weekday(instant_ms)} à {clock} (heure de Montréal)"


def lasting(milliseconds: int) -> str:
    """A span of time that no line breaks."""
    return duration_words(milliseconds).replace(" ", NBSP)


def some(count: int, one: str, more: str) -> str:
    """A number with its noun; in French less than two is singular."""
    return f"{number(count)} {more if count > 1 else one}"


def _when(period: Period, now: int) -> Iterator[str]:
    opening = exactly(period.opens_at)
    if period.state in ENDED:
        annulled = period.state == PeriodState.ANNULLED
        yield "La période a été annulée : elle ne s’ouvrira pas." if annulled else "La période est terminée."
        return
    if period.opens_at <= now:
        yield f"L’ouverture était prévue le {opening}. Cet instant est passé."
    elif period.state == PeriodState.ARMED:
        yield f"La période s’ouvrira d’elle-même le {opening}, dans {lasting(period.opens_at - now)}."
    else:
        yield (
            f"Une fois armée, la période s’ouvrira d’elle-même le {opening}, dans "
            f"{lasting(period.opens_at - now)}. Annoncée seulement, elle ne s’ouvrira pas."
        )
    yield f"Elle se fermera le {exactly(period.closes_at)}, ou dès que la dernière place sera prise."


def _places(period: Period, programme: Programme | None) -> Iterator[str]:
    cap = f"Au plus {some(period.cap, 'demande sera acceptée', 'demandes seront acceptées')}"
    if programme is None or programme.cap.total != period.cap:
        yield f"{cap}."
    else:
        base, margin = number(programme.cap.base), number(programme.cap.margin)
        yield f"{cap} (base de {base}, marge de {margin})."


def _turn(period: Period) -> Iterator[str]:
    if period.mode == Mode.DRAW:
        begins = "" if period.entries_from is None else f" à partir du {exactly(period.entries_from)}"
        yield f"Les inscriptions sont prises{begins}; à l’ouverture, leur ordre est tiré au sort."
        yield f"La valeur publique du tirage sera : {period.value_is}."
    else:
        yield "Les personnes sont appelées dans l’ordre de leur arrivée, à partir de l’ouverture."
    people = some(period.calls_per_minute, "personne est appelée", "personnes sont appelées")
    yield (
        f"Au plus {people} par minute, et {number(period.most_live_tokens)} peuvent se connecter et soumettre en "
        "même temps."
    )
    yield f"Chaque personne appelée a {time_words(period.token_seconds)} pour se connecter et soumettre."
    if period.calls_per_minute > 0:
        minutes = -(-period.cap // period.calls_per_minute)
        least = time_words(minutes * 60) if minutes < 60 else lasting(minutes * 60_000)
        yield f"À ce rythme, les places seraient toutes prises en {least} au plus tôt."


def _who(period: Period, programme: Programme | None, counted: ReadyCandidates | None) -> Iterator[str]:
    if period.accounts_created_before is not None:
        yield f"Les comptes créés avant le {exactly(period.accounts_created_before)}."
    else:
        yield "Tous les comptes, quelle que soit la date de leur création."
    if programme is not None:
        families = sorted((FAMILIES.get(one, one) for one in programme.device.allow), key=str.casefold)
        yield f"À partir d’un ordinateur seulement ({', '.join(families)})."
    if counted is None:
        yield "Le nombre de demandes prêtes n’a pas pu être compté."
        return
    yield (
        f"{some(counted.accounts, 'compte', 'comptes')}, {some(counted.drafts, 'brouillon', 'brouillons')} pour ce "
        f"programme, dont {some(counted.complete, 'complet', 'complets')} : "
        f"{some(counted.ready, 'pourrait être soumis', 'pourraient être soumis')} à l’ouverture."
    )
    if counted.too_recent:
        recent = some(counted.too_recent, "compte est trop récent", "comptes sont trop récents")
        yield f"{recent} pour cette période."
    if counted.expired:
        expired = some(
            counted.expired, "brouillon ne sera plus conservé", "brouillons ne seront plus conservés"
        )
        yield f"{expired} à l’ouverture."
    if counted.ready < period.cap:
        yield (
            f"C’est moins que le nombre de places ({number(period.cap)}) : la période ne peut pas se remplir ainsi."
        )


def near(period: Period) -> Iterator[str]:
    """The holidays and changes of the clock from a week before the opening to a week after the end of that day."""
    opens = day_of(period.opens_at)
    for away in range(-NEAR_DAYS, NEAR_DAYS + 1):
        day = opens + timedelta(days=away)
        noon = period.opens_at + away * 86_400_000
        if (holiday := holiday_on(day)) is not None:
            yield f"Jour férié {distance(away)} : {holiday}, le {weekday(noon)}."
        if changes_clock(day):
            yield f"Changement d’heure {distance(away)}, le {weekday(noon)}."


def distance(days: int) -> str:
    """How far from the opening."""
    if not days:
        return "le jour même"
    count = f"{abs(days)} {'jours' if abs(days) > 1 else 'jour'}"
    return f"{count} {'après' if days > 0 else 'avant'}"


def _odd(period: Period, rules: OpeningRules, now: int) -> Iterator[str]:
    for one in oddities.odd(period, rules, now):
        if one not in REMARKS:
            yield f"{FIELD_NAMES[oddities.FIELDS[one]]} {oddities.words(one, period, rules)}."


FIELD_NAMES: Mapping[str, str] = {
    "opens_at": "L’instant d’ouverture",
    "cap": "Le nombre de places",
    "token_seconds": "La durée du jeton",
    "calls_per_minute": "Au rythme prévu,",
}
"""A field of a period -> the subject of the sentence about it."""


def summary_words(found: list[CheckResult], *, is_decided: bool) -> str:
    """The readiness in one sentence, before the decision that it is for, or at any other time."""
    count = len(blocking(found))
    if not is_decided:
        points = some(count, "point est à corriger", "points sont à corriger")
        return f"{points}." if count else "L’installation est en ordre."
    if not count:
        return "Rien n’empêche d’annoncer ni d’armer cette période."
    return f"{some(count, 'point empêche', 'points empêchent')} d’annoncer ou d’armer cette période."
