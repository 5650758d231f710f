"""Is this installation ready for a period? Facts that were gathered, and what an operator reads of each. Pure.

Some findings keep a period from being announced or armed unless an operator goes past them with a reason: those after
which the day could not be held, or not be trusted. The others are said. Who gathers the facts is `config/readiness.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from foundation.clock import rfc3339
from server.rendering.templating import day_words
from submission.readiness import ReadyCandidates
from waitingroom.line.durability import Durability

MOST_CLOCK_MS = 2_000
"""How far this process's clock may be from a store's: an opening is the instant that both have reached (P10)."""

LEAST_FREE_BYTES = 200 * 1024 * 1024
"""Under this a disk counts as full: a day of an intake writes some tens of megabytes, and logs."""

LOW_FREE_BYTES = 2 * 1024 * 1024 * 1024


class Check(StrEnum):
    """What is looked at, in the order in which it is shown."""

    SQL = "sql"
    """The database answers."""
    TABLES = "tables"
    """It is at this program's newest migration."""
    REDIS = "redis"
    """The line's Redis answers and takes writes."""
    DURABILITY = "durability"
    """What Redis has taken is there after a crash."""
    CLOCKS = "clocks"
    """This host's clock agrees with both stores'."""
    TICKER = "ticker"
    """The process that opens, calls and closes is alive."""
    WEB = "web"
    """A web process serves people."""
    WORKER = "worker"
    """A process does what follows an acceptance."""
    PROGRAMME = "programme"
    """The programme's file is here and says what was announced."""
    PUBLIC_URL = "public_url"
    """The public address is one that people can use safely."""
    STATIC = "static"
    """Styles, scripts and sounds of the pages are there."""
    DISK = "disk"
    """There is room on the disk of this host."""
    REGISTRATION = "registration"
    """The programme's next registration has an opening, where a latest day was announced and comes near (AC-07)."""
    FEES = "fees"
    """The programme's fee table has a row for the next 1 January, once that comes near (PY-09)."""
    CANDIDATES = "candidates"
    """Somebody could submit: accounts with complete drafts."""


class CheckState(StrEnum):
    """What came of a look."""

    GREEN = "green"
    """As it should be."""
    UNKNOWN = "unknown"
    """It could not be found out from here, which is said."""
    WARNS = "warns"
    """Worth mending before the day."""
    BLOCKS = "blocks"
    """Announcing and arming wait for this, or need a reason."""


class ReadinessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out at `at` (instant). None is what could not be found out from here; offsets are a store's clock
    less this process's, in milliseconds; `alive` says of each kind of process whether one was seen to beat."""

    at: int
    sql: bool
    is_migrated: bool | None = None
    redis: bool | None = None
    durability: Durability | None = None
    sql_offset_ms: int | None = None
    redis_offset_ms: int | None = None
    alive: Mapping[str, bool] = {}
    programme: bool | None = None
    public_url: str | None = None
    is_demo: bool = False
    missing_files: tuple[str, ...] | None = None
    free_bytes: int | None = None
    registration_due: date | None = None
    """The latest day that was announced, where it comes near and no opening is set."""
    fees_missing_from: date | None = None
    """The next 1 January, where it comes near and the fee table has no row for it."""
    candidates: ReadyCandidates | None = None


class CheckResult(msgspec.Struct, frozen=True):
    """One thing that was looked at, what came of it, and a sentence in French."""

    check: Check
    state: CheckState
    message: str


TITLES: dict[Check, str] = {
    Check.SQL: "Base de données",
    Check.TABLES: "Tables de la base de données",
    Check.REDIS: "Redis",
    Check.DURABILITY: "Conservation par Redis",
    Check.CLOCKS: "Horloges",
    Check.TICKER: "Processus « ticker »",
    Check.WEB: "Processus « web »",
    Check.WORKER: "Processus « worker »",
    Check.PROGRAMME: "Règles du programme",
    Check.PUBLIC_URL: "Adresse publique",
    Check.STATIC: "Fichiers des pages",
    Check.DISK: "Espace disque",
    Check.REGISTRATION: "Période d’inscription",
    Check.FEES: "Tarifs",
    Check.CANDIDATES: "Demandes prêtes",
}
"""What the page calls each."""

STATE_WORDS: dict[CheckState, str] = {
    CheckState.GREEN: "en ordre",
    CheckState.UNKNOWN: "inconnu",
    CheckState.WARNS: "à corriger",
    CheckState.BLOCKS: "empêche",
}
"""The word beside each: colour alone says nothing."""

Verdict = tuple[CheckState, str]

GREEN, UNKNOWN, WARNS, BLOCKS = CheckState.GREEN, CheckState.UNKNOWN, CheckState.WARNS, CheckState.BLOCKS


def findings(facts: ReadinessFacts) -> list[CheckResult]:
    """Every check with what came of it, in the order of the enumeration."""
    return [CheckResult(check, *look(facts)) for check, look in LOOKS.items()]


def is_ready(found: Iterable[CheckResult]) -> bool:
    """Whether nothing keeps the period from being announced or armed."""
    return not blocking(found)


def blocking(found: Iterable[CheckResult]) -> list[CheckResult]:
    """What does."""
    return [one for one in found if one.state is BLOCKS]


def shown(found: Iterable[CheckResult]) -> list[dict[str, str]]:
    """The findings as the API gives them."""
    return [
        {"check": one.check, "state": one.state, "title": TITLES[one.check], "message": one.message}
        for one in found
    ]


def described(facts: ReadinessFacts) -> dict[str, Any]:
    """The readiness as the API and the command line give it."""
    found = findings(facts)
    return {"ready": is_ready(found), "checked_at": rfc3339(facts.at), "findings": shown(found)}


def _sql(facts: ReadinessFacts) -> Verdict:
    return (GREEN, "Elle répond.") if facts.sql else (BLOCKS, "Elle ne répond pas.")


def _tables(facts: ReadinessFacts) -> Verdict:
    if facts.is_migrated is None:
        return UNKNOWN, "Leur version n’a pas pu être lue."
    if facts.is_migrated:
        return GREEN, "Elles sont à la version du programme."
    return BLOCKS, "Elles ne sont pas à la version du programme : lancez « guichet migrate »."


def _redis(facts: ReadinessFacts) -> Verdict:
    if facts.redis is None:
        return UNKNOWN, "Son adresse n’est pas connue ici (REDIS_URL)."
    return (GREEN, "Il répond et accepte les écritures.") if facts.redis else (BLOCKS, "Il ne répond pas.")


def _durability(facts: ReadinessFacts) -> Verdict:
    match facts.durability:
        case Durability.ALL:
            return GREEN, "Chaque écriture est sur le disque avant d’être confirmée."
        case Durability.SECONDS:
            return (
                WARNS,
                "Une panne peut perdre une ou deux secondes d’entrées : réglez appendfsync à always.",
            )
        case Durability.NONE:
            return (
                BLOCKS,
                "Une panne perd des minutes d’entrées, ou toute la file : réglez appendonly à yes et appendfsync à "
                "always.",
            )
    return UNKNOWN, "Ce réglage n’a pas pu être lu : vérifiez appendonly et appendfsync sur le serveur."


def _clocks(facts: ReadinessFacts) -> Verdict:
    offsets = {"la base de données": facts.sql_offset_ms, "Redis": facts.redis_offset_ms}
    known = {store: offset for store, offset in offsets.items() if offset is not None}
    if not known:
        return UNKNOWN, "Aucune autre horloge n’a pu être lue."
    off = {store: offset for store, offset in known.items() if abs(offset) > MOST_CLOCK_MS}
    if off:
        said = " et ".join(
            f"de {seconds(abs(offset))} avec {store} ({'en retard' if offset > 0 else 'en avance'} ici)"
            for store, offset in off.items()
        )
        return BLOCKS, f"L’horloge de ce serveur diffère {said}. Réglez-la (NTP)."
    most = max(abs(offset) for offset in known.values())
    return GREEN, f"Au plus {seconds(most)} d’écart avec {' et '.join(known)}."


def _alive(kind: str, absent: CheckState, without: str) -> Callable[[ReadinessFacts], Verdict]:
    def look(facts: ReadinessFacts) -> Verdict:
        if kind not in facts.alive:
            return UNKNOWN, "Son battement n’a pas pu être lu."
        return (GREEN, "Il bat.") if facts.alive[kind] else (absent, without)

    return look


def _programme(facts: ReadinessFacts) -> Verdict:
    if facts.programme is None:
        return UNKNOWN, "Le fichier n’a pas pu être comparé."
    if facts.programme:
        return GREEN, "Le fichier du programme est celui de la période."
    return BLOCKS, "Le fichier du programme manque ici, ou ne dit pas ce qui a été annoncé."


def _public_url(facts: ReadinessFacts) -> Verdict:
    if facts.public_url is None:
        return UNKNOWN, "Elle n’est pas connue ici (PUBLIC_URL)."
    if facts.is_demo:
        return GREEN, f"{facts.public_url}, pour la démonstration."
    if facts.public_url.startswith("https://"):
        return GREEN, f"{facts.public_url}."
    return (
        WARNS,
        f"{facts.public_url} n’est pas en https : les témoins et les mots de passe voyagent en clair.",
    )


def _static(facts: ReadinessFacts) -> Verdict:
    if facts.missing_files is None:
        return UNKNOWN, "Ils n’ont pas été cherchés ici."
    if facts.missing_files:
        return BLOCKS, f"Il manque : {', '.join(facts.missing_files)}."
    return GREEN, "Styles, scripts et sons sont là."


def _disk(facts: ReadinessFacts) -> Verdict:
    if facts.free_bytes is None:
        return UNKNOWN, "L’espace libre n’a pas pu être lu."
    free = f"{gigabytes(facts.free_bytes)} libres"
    if facts.free_bytes < LEAST_FREE_BYTES:
        return BLOCKS, f"{free} : le disque est presque plein."
    return (WARNS, f"{free} : c’est peu.") if facts.free_bytes < LOW_FREE_BYTES else (GREEN, f"{free}.")


def _registration(facts: ReadinessFacts) -> Verdict:
    if facts.registration_due is None:
        return GREEN, "Aucune inscription annoncée n’attend sa date."
    day = day_words(facts.registration_due)
    return (
        WARNS,
        f"L’inscription a été annoncée au plus tard pour le {day}, et son ouverture n’est pas fixée.",
    )


def _fees(facts: ReadinessFacts) -> Verdict:
    if facts.fees_missing_from is None:
        return GREEN, "Aucun tarif n’est attendu pour l’instant."
    day = day_words(facts.fees_missing_from)
    return WARNS, f"La table des frais n’a pas de ligne pour le {day} : les tarifs changent ce jour-là."


def _candidates(facts: ReadinessFacts) -> Verdict:
    if facts.candidates is None:
        return UNKNOWN, "Le nombre n’a pas pu être compté."
    if facts.candidates.ready:
        return GREEN, "Des comptes ont une demande complète."
    return WARNS, "Aucun compte n’a de demande complète pour ce programme : personne ne pourrait soumettre."


LOOKS: dict[Check, Callable[[ReadinessFacts], Verdict]] = {
    Check.SQL: _sql,
    Check.TABLES: _tables,
    Check.REDIS: _redis,
    Check.DURABILITY: _durability,
    Check.CLOCKS: _clocks,
    Check.TICKER: _alive(
        "ticker", BLOCKS, "Aucun ne bat : la période ne s’ouvrirait pas et n’appellerait personne."
    ),
    Check.WEB: _alive("web", WARNS, "Aucun ne bat : personne ne serait servi."),
    Check.WORKER: _alive("worker", WARNS, "Aucun ne bat : les suites d’une acceptation attendraient."),
    Check.PROGRAMME: _programme,
    Check.PUBLIC_URL: _public_url,
    Check.STATIC: _static,
    Check.DISK: _disk,
    Check.REGISTRATION: _registration,
    Check.FEES: _fees,
    Check.CANDIDATES: _candidates,
}
"""Which fact each check looks at."""


def seconds(milliseconds: int) -> str:
    """`2,4 s`."""
    return f"{milliseconds / 1000:.1f}".replace(".", ",") + "\N{NO-BREAK SPACE}s"


def gigabytes(count: int) -> str:
    """`12,4 Go`."""
    return f"{count / 1e9:.1f}".replace(".", ",") + "\N{NO-BREAK SPACE}Go"
