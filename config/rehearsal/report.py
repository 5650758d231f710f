"""The report of a rehearsal: one HTML file in French that needs nothing else, and the same figures as JSON. Pure.

Graphs are SVG within the page, each with a table of its values, so that nobody depends on seeing it. Whoever opens the
file reaches no other host: the page's own policy forbids it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from markupsafe import Markup

from config.assets import STATIC, templates
from config.rehearsal.testimony import PeoplesFindings
from evidence.books import Books
from evidence.figures import DayFigures
from loadtests.bench.picture import Axis, Picture
from loadtests.journey.states import JourneyEnd, PersonaKind, RefusalCode, StepName
from loadtests.newcomers import NewcomersSeen
from loadtests.people.fairness import part_of_counts
from loadtests.people.rehearsal import RehearsalSeen
from loadtests.people.scale import DAY_CALLS_PER_MINUTE, Scale
from loadtests.people.whole import NUMBER
from loadtests.people.witness import Witness, WitnessSample
from server.rendering.templating import number

MOST_POINTS = 240

TABLE_ROWS = 12

Points = list[tuple[float, float]]

KINDS = {
    PersonaKind.CANDIDATE: "candidats",
    PersonaKind.WATCHER: "personnes qui ne font que regarder",
    PersonaKind.PHONE: "téléphones",
    PersonaKind.ROBOT: "robots",
    PersonaKind.FAMILY: "membres d’une famille (7 navigateurs, un compte)",
    PersonaKind.MODEM: "lignes de 56 kbit/s",
}

ENDS: dict[JourneyEnd | None, str] = {
    JourneyEnd.SUBMITTED: "demande soumise",
    JourneyEnd.LEFT: "a quitté la file ou rendu sa place",
    JourneyEnd.LAPSED: "délai dépassé",
    JourneyEnd.QUOTA_REACHED: "plafond atteint, file close",
    JourneyEnd.REFUSED: "refus",
    JourneyEnd.TURNED_AWAY: "renvoyé à l’entrée",
    JourneyEnd.ROBOT: "robot, au bout de ses essais",
    JourneyEnd.FAILED: "promesse rompue ou service absent",
    None: "encore là à la fin",
}


ARRIVAL_STEPS: dict[str, str] = {
    StepName.PAGE: "la page, pour une personne sans numéro",
    StepName.FILE: "un fichier",
    StepName.LOOK: "la question du script sur la période",
    StepName.BUTTON: "le bouton « Se connecter »",
    StepName.PLACE: "la page qui suit",
    NUMBER: "le numéro à l’écran, depuis le bouton",
    StepName.FEED: "le premier message en direct, connexion comprise",
}
"""What is timed of a whole arrival."""

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class RehearsalRun(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and on what it ran: kept beside the people's records, so that a report can be made again."""

    command: str
    scale: Scale
    seed: int
    web: int
    """Web processes; 0 for an instance that was running already."""
    limits: bool
    whole: float = 0.0
    """The share of the people that was to arrive whole, with pages and files."""
    newcomers: NewcomersSeen = NewcomersSeen()
    """Those who registered first, and what became of it."""
    addresses: bool
    database_url: str
    period: str
    machine: dict[str, str]
    versions: dict[str, str]
    seen: RehearsalSeen


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the page."""

    title: str
    note: str
    svg: str
    names: list[str]
    rows: list[tuple[str, list[str]]]


def page(
    run: RehearsalRun,
    hearing: PeoplesFindings,
    people: Sequence[Witness],
    books: Books,
    figures: Sequence[DayFigures],
) -> str:
    """The report as HTML."""
    style = STATIC.path("base.css").read_text(encoding="utf-8")
    return templates().get_template("repetition.html").render(
        run=run,
        scale=run.scale,
        hearing=hearing,
        facts=facts(run, hearing, people, books),
        graphs=graphs(run, hearing, figures),
        ends=ends(people),
        style=Markup(style),  # noqa: S704  our own stylesheet
        decimal=shown,
        arrival_steps=ARRIVAL_STEPS,
        day_pace=DAY_CALLS_PER_MINUTE,
        safe=Markup,
    )  # fmt: skip


def facts(
    run: RehearsalRun, hearing: PeoplesFindings, people: Sequence[Witness], books: Books
) -> dict[str, Any]:
    """The figures of the whole, as the page's summary and the JSON file have them."""
    samples, order = run.seen.samples, hearing.order
    codes: Counter[str] = Counter()
    for sample in samples:
        codes.update(sample.codes)
    near, far, polled = (
        added(getattr(sample, name) for sample in samples) for name in ("near", "far", "polled")
    )
    return {
        "held": hearing.held,
        "period": books.period.id,
        "state": books.period.state,
        "cap": books.period.cap,
        "accepted": books.period.accepted,
        "called": order.called,
        "people": len(people),
        "numbers": sum(len(witness.stays) for witness in people),
        "refusals": dict(codes.most_common()),
        "lost": sum(sample.lost for sample in samples),
        "frames": sum(sample.frames for sample in samples),
        "requests": sum(sample.requests for sample in samples),
        "most_sockets": max(
            (sum(rows) for rows in by_moment(samples, lambda s: s.sockets).values()), default=0
        ),
        "best_joins": max((sum(rows) for rows in by_moment(samples, lambda s: s.joins).values()), default=0)
        / 2,
        "age_near_seconds": ages(near),
        "age_far_seconds": ages(far),
        "age_polled_seconds": ages(polled),
        "drain_seconds": drain_seconds(people, books.period.ended_at),
        "passed_present": order.passed_present,
        "passed_away": order.passed_away,
        "inverted": order.inverted,
        "pairs": order.pairs,
        "seconds": round(run.seen.seconds, 1),
        "arrival": arrival(run, people),
        "newcomers": newcomers(run, people),
    }


def newcomers(run: RehearsalRun, people: Sequence[Witness]) -> dict[str, Any]:
    """How many had no account, how many of them were ready at the opening, and how many of those submitted."""
    seen, theirs = run.newcomers, frozenset(run.newcomers.accounts)
    submitted = {
        one.account for one in people if one.outcome is JourneyEnd.SUBMITTED and one.account in theirs
    }
    return {
        "asked": seen.asked, "prepared": seen.prepared, "submitted": len(submitted), "refused": seen.refused,
        "broken": len(seen.broken), "seconds": seen.seconds,
    }  # fmt: skip


def arrival(run: RehearsalRun, people: Sequence[Witness]) -> dict[str, Any]:
    """Whole arrivals: how many of whom, what each took in milliseconds, and what it weighs on average."""
    samples = run.seen.samples
    arrived = sum(sample.arrived for sample in samples)
    took: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for sample in samples:
        for step, counts in sample.took.items():
            took[step].update(counts)
    each = max(1, arrived)
    return {
        "share": run.whole,
        "people": sum(witness.whole for witness in people),
        "arrived": arrived,
        "requests": round(sum(sample.arrival_requests for sample in samples) / each, 1),
        "bytes_in": round(sum(sample.arrival_bytes_in for sample in samples) / each),
        "bytes_out": round(sum(sample.arrival_bytes_out for sample in samples) / each),
        "ms": {
            step: {"count": took[step].total()}
            | {name: part_of_counts(took[step], share) for name, share in PERCENTILES.items()}
            for step in ARRIVAL_STEPS
            if step in took
        },
    }


def as_json(run: RehearsalRun, hearing: PeoplesFindings, people: Sequence[Witness], books: Books) -> bytes:
    """The same for programs: what was asked, the figures, the promises."""
    told = {
        "command": run.command,
        "scale": run.scale,
        "seed": run.seed,
        "web": run.web,
        "machine": run.machine,
        "versions": run.versions,
        "figures": facts(run, hearing, people, books),
        "ends": Counter(f"{witness.kind} {witness.outcome or 'here'}" for witness in people),
        "promises": [msgspec.structs.asdict(one) | {"holds": one.holds} for one in hearing.findings],
        "deciles": [one._asdict() for one in hearing.order.deciles],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def ends(people: Sequence[Witness]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Kind of people, how many, and how their days ended, most frequent first."""
    found: defaultdict[PersonaKind, Counter[str]] = defaultdict(Counter)
    for witness in people:
        code = f" ({witness.code})" if witness.code else ""
        found[witness.kind][ENDS[witness.outcome] + code] += 1
    return [
        (KINDS[kind], sum(found[kind].values()), found[kind].most_common()) for kind in KINDS if kind in found
    ]


def drain_seconds(people: Sequence[Witness], ended: int | None) -> float | None:
    """Seconds from the end of places, an instant, until the feed had told everybody who stood in line then.

    Who was away then, as one in seven is once for up to two minutes, hears of it on coming back and is not counted.
    """
    if ended is None:
        return None
    at = ended / 1000
    told = [
        witness.drained - at for witness in people if witness.drained is not None and was_here(witness, at)
    ]
    return round(max(told), 1) if told else None


def was_here(witness: Witness, at: float) -> bool:
    """Whether this person was present at this moment, for certain."""
    return any(since <= at <= until for stay in witness.stays for since, until in stay.present)


def added(counted: Any) -> dict[int, int]:
    total: Counter[int] = Counter()
    for one in counted:
        total.update(one)
    return total


def ages(counted: dict[int, int]) -> dict[str, float | None]:
    """p50 and p99 in seconds; the counts are of tenths."""
    return {
        name: None if (found := part_of_counts(counted, share)) is None else found / 10
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }


def by_moment(
    samples: Sequence[WitnessSample], value: Callable[[WitnessSample], float]
) -> dict[int, list[float]]:
    """The values of all processes of people, by two seconds; the last of each process in such a moment."""
    found: defaultdict[int, dict[int, float]] = defaultdict(dict)
    for sample in samples:
        found[int(sample.at // 2)][sample.share] = value(sample)
    return {moment: list(rows.values()) for moment, rows in sorted(found.items())}


def graphs(run: RehearsalRun, hearing: PeoplesFindings, figures: Sequence[DayFigures]) -> list[Graph]:
    """All graphs that there is something to draw for."""
    began, samples = run.seen.began, run.seen.samples
    booked: Mapping[str, Points] = {
        name: [
            ((row.at / 1000 - began) / 60, getattr(row, name))
            for row in figures
            if row.at / 1000 >= began - 2
        ]
        for name in ("waiting", "parked", "live_tokens", "accepted")
    }

    def over_time(value: Callable[[WitnessSample], float]) -> Points:
        return [((moment * 2 - began) / 60, sum(rows)) for moment, rows in by_moment(samples, value).items()]

    cap = [(x, float(run.scale.cap)) for x, _ in (booked["accepted"] or [(0.0, 0.0)])]
    drawn = [
        graph("Personnes en attente", "D’après les livres : présentes dans la file, et en pause (absentes depuis "
              "plus d’une minute).", "personnes", {"présentes": booked["waiting"], "en pause": booked["parked"]}),
        graph("Jetons en cours", "Personnes appelées qui n’ont pas encore soumis.", "jetons",
              {"jetons": booked["live_tokens"]}),
        graph("Demandes acceptées", "La courbe s’arrête au plafond, ni avant ni après.", "demandes",
              {"acceptées": booked["accepted"], "plafond": cap}),
        graph("Connexions ouvertes", "Le fil en direct de chaque personne dans la file.", "connexions",
              {"connexions": over_time(lambda s: s.sockets)}),
        graph("Âge de la position affichée", "Mesuré chez les personnes, toutes les deux secondes : combien de temps "
              "s’est écoulé depuis que la position affichée était exacte. « Près » : moins de 500 personnes devant.",
              "secondes", age_lines(samples, began)),
        graph("Arrivées par seconde", "Numéros donnés.", "par seconde",
              {"numéros": [(x, y / 2) for x, y in over_time(lambda s: s.joins)]}),
        graph("Refus par code", "Depuis le début.", "refus", code_lines(samples, began)),
        graph("Erreurs vues par les personnes", "Requêtes ou connexions sans réponse, et réponses qui demandent de "
              "revenir plus tard (503 et 429, ceux des robots aussi).", "toutes les deux secondes",
              {"sans réponse": over_time(lambda s: s.lost),
               "revenir plus tard": over_time(come_back_later)}),
        graph("Processeur", "Cœurs occupés, par sorte de processus; « personnes » : ceux qui les imitent, ici aussi.",
              "cœurs", usage_lines(run.seen)[0]),
        graph("Mémoire", "Mémoire résidente, par sorte de processus.", "Mo", usage_lines(run.seen)[1]),
    ]  # fmt: skip
    if hearing.order.deciles:
        tenths = [(float(place), tenth) for place, tenth in enumerate(hearing.order.deciles, 1)]
        drawn.append(
            graph("Attente par dixième de la file", "Secondes entre le numéro reçu et l’appel, dans l’ordre des "
                  "numéros.", "secondes",
                  {"la plus longue": [(x, t.most) for x, t in tenths], "médiane": [(x, t.median) for x, t in tenths],
                   "la plus courte": [(x, t.least) for x, t in tenths]}, across="dixième des personnes appelées"),
        )  # fmt: skip
    return [one for one in drawn if one is not None]


def graph(
    title: str, note: str, unit: str, lines: Mapping[str, Points], across: str = "minutes depuis l’ouverture"
) -> Graph | None:
    """A graph and its table; None when nothing was seen."""
    thin: dict[str, Sequence[tuple[float, float]]] = {
        name: thinned(points) for name, points in lines.items() if points
    }
    if not thin:
        return None
    picture = Picture(name="", title=title, x=Axis(across), y=Axis(unit), lines=thin)
    longest = max(thin.values(), key=len)
    step = max(1, len(longest) // TABLE_ROWS)
    rows = [
        (f"{x:.1f}".replace(".", ","), [shown(nearest(points, x)) for points in thin.values()])
        for x, _ in longest[::step]
    ]
    svg = re.sub(r">(-?\d+)\.(\d+)( [kM])?<", r">\1,\2\3<", picture.svg())  # the picture's figures, in French
    return Graph(title=title, note=note, svg=svg, names=list(thin), rows=rows)


def thinned(points: Points) -> Points:
    """At most so many points as one can see; the first and the last stay."""
    step = max(1, -(-len(points) // MOST_POINTS))
    kept = points[::step]
    return [(round(x, 3), round(y, 2)) for x, y in (kept if kept[-1] == points[-1] else [*kept, points[-1]])]


def nearest(points: Sequence[tuple[float, float]], x: float) -> float:
    return min(points, key=lambda point: abs(point[0] - x))[1]


def shown(value: float) -> str:
    return (
        number(round(value)) if abs(value) >= 100 or value == int(value) else f"{value:.1f}".replace(".", ",")
    )


def age_lines(samples: Sequence[WitnessSample], began: float) -> dict[str, Points]:
    lines: dict[str, Points] = {}
    for name, of in (("près", "near"), ("loin", "far")):
        moments: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for sample in samples:
            moments[int(sample.at // 2)].update(getattr(sample, of))
        for label, share in (("p50", 0.5), ("p99", 0.99)):
            points = [
                ((moment * 2 - began) / 60, found / 10)
                for moment, counts in sorted(moments.items())
                if (found := part_of_counts(counts, share)) is not None
            ]
            if points:
                lines[f"{name}, {label}"] = points
    return lines


def come_back_later(sample: WitnessSample) -> int:
    return sample.codes.get(RefusalCode.UNAVAILABLE, 0) + sample.codes.get(RefusalCode.RATE_LIMITED, 0)


def code_lines(samples: Sequence[WitnessSample], began: float) -> dict[str, Points]:
    """The five codes that were given most, as they added up."""
    total: Counter[str] = Counter()
    for sample in samples:
        total.update(sample.codes)
    lines: dict[str, Points] = {}
    for code, _ in total.most_common(5):
        so_far, points = 0.0, []
        for moment, rows in by_moment(samples, lambda s, code=code: s.codes.get(code, 0)).items():  # type: ignore[misc]
            so_far += sum(rows)
            points.append(((moment * 2 - began) / 60, so_far))
        lines[code] = points
    return lines


WHO = {"web": "web", "ticker": "ticker", "worker": "worker", "redis": "Valkey", "people": "personnes"}


def usage_lines(seen: RehearsalSeen) -> tuple[dict[str, Points], dict[str, Points]]:
    """Cores in use and megabytes, by kind of process."""
    cores: defaultdict[str, Points] = defaultdict(list)
    memory: defaultdict[str, Points] = defaultdict(list)
    for before, after in pairwise(seen.usage):
        x = (after.at - seen.began) / 60
        for kind, name in WHO.items():
            if kind in after.seconds and kind in before.seconds:
                used = max(0.0, after.seconds[kind] - before.seconds[kind]) / max(0.1, after.at - before.at)
                cores[name].append((x, used))
                memory[name].append((x, after.rss[kind] / 1_000_000))
    return dict(cores), dict(memory)
