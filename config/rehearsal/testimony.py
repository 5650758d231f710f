"""What the people of a rehearsal were told, held against the books: does each promise hold for each of them? Pure.

`verify` asks the books alone. Here are the people's own records (`loadtests/people/witness.py`): a number that changed,
a receipt that is not in the books, somebody who was passed. The sentences are French, as operators read them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from evidence.books import Books, TokenRow
from evidence.promises import RECOUNTED, Promise
from evidence.recount import recount
from foundation.outbox import TaskState
from loadtests.journey.personas import FAMILY
from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.people import fairness
from loadtests.people.fairness import Decile, SeenCall, Stretch
from loadtests.people.tally import NATURAL
from loadtests.people.witness import Stay, Witness
from quota.states import TokenState
from waitingroom.line.states import JournalKind

MOST_ROWS = 10

NO_PHONES = "DV-02"
"""A rule rather than a promise: only a personal computer may apply."""

EVERY_JOURNEY = f"{Promise.P1} à {Promise.P9}"
"""What a journey checks on its way."""

FOREVER = float("inf")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One promise or rule, by its name: what was looked at, how often, and what was found against it."""

    promise: str
    sentence: str
    looked_at: int
    against: int = 0
    rows: list[str] = []

    @property
    def holds(self) -> bool:
        return not self.against


class OrderFinding(msgspec.Struct, frozen=True, kw_only=True):
    """How the order was kept."""

    called: int
    pairs: int
    """Pairs of people who were called."""
    passed_present: int
    """Pairs (called, present with a lower number and not called): P7 says none."""
    passed_away: int
    """The same for those who were away: they keep their number, and are next when they are back."""
    inverted: int
    """Pairs of called people whose calls stand in the other order than their numbers, whatever the reason."""
    deciles: list[Decile]


class PeoplesFindings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found."""

    findings: list[Finding]
    order: OrderFinding

    @property
    def held(self) -> bool:
        return all(finding.holds for finding in self.findings)


def finding(promise: str, sentence: str, looked_at: int, against: Iterable[object]) -> Finding:
    rows = [str(row) for row in against]
    return Finding(
        promise=promise, sentence=sentence, looked_at=looked_at, against=len(rows), rows=rows[:MOST_ROWS]
    )


def hear(
    people: Sequence[Witness], books: Books, complete: bool, skew_seconds: float = 0.0
) -> PeoplesFindings:
    """Every promise, over everybody.

    `complete`: everybody went home by themselves. `skew_seconds`: by so much the clocks of the people and of the
    service may differ.
    """
    stays = [stay for witness in people for stay in witness.stays]
    order, present = _order(people, books, skew_seconds)
    return PeoplesFindings(
        findings=[
            *_numbers(stays, books),
            present,
            *_places(books),
            *_receipts(people, books),
            _papers(books),
            *_calls(people, books),
            *_doors(people),
            *_journeys(people, complete),
            _books(books),
        ],
        order=order,
    )


def _numbers(stays: Sequence[Stay], books: Books) -> Iterator[Finding]:
    joins = [(stay.asked, stay.told, stay.number) for stay in stays if stay.fresh]
    given = Counter(stay.number for stay in stays)
    yield finding(
        Promise.P1,
        "Chaque numéro n’a été donné qu’à une seule personne.",
        len(stays),
        (f"numéro {number} : {times} personnes" for number, times in given.items() if times > 1),
    )
    yield finding(
        Promise.P1,
        "Qui a reçu son numéro avant qu’un autre ne le demande a le plus petit des deux.",
        len(joins),
        (
            f"numéro {number} demandé après la réponse {before}"
            for before, number in fairness.late_numbers(joins)
        ),
    )
    written = joined_spans(books)
    yield finding(
        Promise.P1,
        "Chaque numéro annoncé à une personne est inscrit au journal des arrivées.",
        len(stays),
        (f"numéro {stay.number}" for stay in stays if not within(stay.number, written)),
    )


def joined_spans(books: Books) -> list[tuple[int, int]]:
    return sorted((entry.first, entry.last) for entry in books.entries if entry.kind == JournalKind.JOIN)


def within(number: int, spans: list[tuple[int, int]]) -> bool:
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][1] < number:
            low = middle + 1
        else:
            high = middle
    return low < len(spans) and spans[low][0] <= number


def _order(people: Sequence[Witness], books: Books, skew: float) -> tuple[OrderFinding, Finding]:
    listed = {call.id: call.listed_at / 1000 for call in books.calls}
    tokens = sorted((token for token in books.tokens if token.call is not None), key=lambda token: token.id)
    calls = [SeenCall(listed[token.call], token.number) for token in tokens if token.call in listed]
    present, waiting = [], []
    for witness in people:
        for stay in witness.stays:
            present += [Stretch(since + skew, until - skew, stay.number) for since, until in stay.present]
            if witness.kind is not PersonaKind.ROBOT:
                gone = stay.ended or witness.went or FOREVER
                waiting.append(Stretch(stay.told + skew, gone, stay.number))
    over_present, over_all = fairness.passed(calls, present), fairness.passed(calls, waiting)
    wrong = sum(one.many for one in over_present)
    told = {stay.number: stay.told for witness in people for stay in witness.stays}
    waits = [
        (token.number, max(0.0, (token.called_at or 0) / 1000 - told[token.number]))
        for token in tokens
        if token.number in told
    ]
    order = OrderFinding(
        called=len(calls),
        pairs=len(calls) * (len(calls) - 1) // 2,
        passed_present=wrong,
        passed_away=max(0, sum(one.many for one in over_all) - wrong),
        inverted=fairness.inversions([call.number for call in calls]),
        deciles=fairness.deciles(waits),
    )
    rows = [
        f"numéro {one.called.number} appelé devant {one.many} personne(s) présente(s), dont le numéro {one.lowest}"
        for one in over_present
    ]
    kept = finding(
        Promise.P7,
        "Personne n’a été appelé devant une personne présente qui avait un plus petit numéro.",
        len(calls),
        rows,
    )
    return order, msgspec.structs.replace(kept, against=wrong)


def _places(books: Books) -> Iterator[Finding]:
    period = books.period
    rows = [] if period.accepted == period.cap == len(books.submissions) else [
        f"plafond {period.cap}, acceptées {period.accepted}, demandes inscrites {len(books.submissions)}"
    ]  # fmt: skip
    yield finding(Promise.P2, "Le nombre de demandes acceptées est exactement le plafond.", period.cap, rows)


def _receipts(people: Sequence[Witness], books: Books) -> Iterator[Finding]:
    submitted = [witness for witness in people if witness.receipt is not None]
    made = {row.receipt: row for row in books.submissions}
    told = {witness.receipt for witness in submitted}
    wrong = []
    for witness in submitted:
        row = made.get(witness.receipt or "")
        if row is None:
            wrong.append(f"numéro {witness.number}, rang {witness.rank} : accusé absent des livres")
        elif (row.rank, row.number) != (witness.rank, witness.number):
            wrong.append(
                f"numéro {witness.number}, rang {witness.rank} : les livres ont {row.number}, {row.rank}"
            )
    yield finding(Promise.P3, "Chaque accusé reçu est dans les livres, avec le même rang et le même numéro.",
                  len(submitted), wrong)  # fmt: skip
    yield finding(
        Promise.P3,
        "Chaque demande acceptée a été confirmée à une personne par son accusé de réception.",
        len(made),
        (f"rang {row.rank}, numéro {row.number}" for receipt, row in made.items() if receipt not in told),
    )
    accounts = Counter(witness.account for witness in submitted)
    shared = Counter(
        witness.account for witness in people if witness.kind not in (PersonaKind.PHONE, PersonaKind.ROBOT)
    )
    yield finding(
        Promise.P4,
        f"Un compte partagé n’a donné qu’une demande acceptée, aussi pour les familles de {FAMILY} navigateurs.",
        sum(times > 1 for times in shared.values()),
        (f"compte {account} : {times} demandes" for account, times in accounts.items() if times > 1),
    )


def _papers(books: Books) -> Finding:
    """What follows each acceptance at once; reminders wait for their days."""
    of_the_day = [task for task in books.tasks if task.kind in books.makes]
    undone = [task for task in of_the_day if task.state != TaskState.DONE]
    return finding(Promise.P3, "Chaque confirmation est faite, une seule fois, quand la journée se termine.",
                   len(of_the_day), undone)  # fmt: skip


def _calls(people: Sequence[Witness], books: Books) -> Iterator[Finding]:
    rows = {token.number: token for token in books.tokens}
    called = [stay for witness in people for stay in witness.stays if stay.called is not None]
    yield finding(
        Promise.P6,
        "Chaque personne à qui l’appel a été annoncé l’était dans les livres.",
        len(called),
        (f"numéro {stay.number}" for stay in called if not _was_called(rows.get(stay.number))),
    )
    over = [
        witness
        for witness in people
        if witness.outcome is JourneyEnd.QUOTA_REACHED and witness.number is not None
    ]
    yield finding(
        Promise.P7,
        "Personne à qui la fin a été annoncée n’avait encore un appel en cours.",
        len(over),
        (
            f"numéro {witness.number}"
            for witness in over
            if (row := rows.get(witness.number or 0)) is not None
            and row.state in (TokenState.LIVE, TokenState.USED)
        ),
    )


def _was_called(row: TokenRow | None) -> bool:
    return row is not None and row.call is not None


def _doors(people: Sequence[Witness]) -> Iterator[Finding]:
    phones = [witness for witness in people if witness.kind is PersonaKind.PHONE]
    yield finding(
        NO_PHONES,
        "Aucun téléphone n’a reçu de numéro.",
        len(phones),
        (f"numéro {witness.stays[0].number}" for witness in phones if witness.stays),
    )


def _journeys(people: Sequence[Witness], complete: bool) -> Iterator[Finding]:
    failed = [witness for witness in people if witness.outcome is JourneyEnd.FAILED]
    reasons: defaultdict[str, int] = defaultdict(int)
    for witness in failed:
        reasons[witness.reason or "sans raison"] += 1
    rows = [f"{reason} ({times})" for reason, times in sorted(reasons.items(), key=lambda one: -one[1])]
    kept = finding(EVERY_JOURNEY, "Aucun parcours n’a rencontré de promesse rompue ni de service absent.",
                   len(people), rows)  # fmt: skip
    yield msgspec.structs.replace(kept, against=len(failed))
    strange = [
        f"numéro {witness.number} : {witness.code}"
        for witness in people
        if witness.outcome is JourneyEnd.REFUSED and witness.code not in NATURAL
    ]
    yield finding(Promise.P9, "Aucun refus inattendu n’a mis fin à un parcours.", len(people), strange)
    still = [witness for witness in people if witness.outcome is None]
    rows = [f"{witness.kind} {witness.index}" for witness in still]
    if not complete and not rows:
        rows = ["la répétition a été arrêtée"]
    yield finding(Promise.P8, "Chaque personne a connu la fin de son parcours avant la limite de temps.",
                  len(people), rows)  # fmt: skip


def _books(books: Books) -> Finding:
    rows = [
        f"{broken.promise} : {broken.sentence} : {'; '.join(broken.rows[:3])}" for broken in recount(books)
    ]
    which = f"{RECOUNTED[0]} à {RECOUNTED[-2]} et {RECOUNTED[-1]}"
    return finding(which, "guichet verify recompte toutes les promesses dans les livres.",
                   len(books.entries) + len(books.tokens), rows)  # fmt: skip
