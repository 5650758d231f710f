"""P2 of places that unpaid applications released: never more are offered again than were released (ADR 0040). Pure.

The service counts the events of files, and asks each period how many places it holds; here what remains of deleted
files is counted, and the tokens one by one. The rules of each period are read from its own row.
"""

from collections.abc import Iterator

import msgspec

from evidence.books import Books, BrokenPromise, ProgrammePeriodRow, found
from evidence.promises import Promise
from quota.states import PeriodState

ENDED = frozenset({PeriodState.CAP_REACHED, PeriodState.CLOSED, PeriodState.ANNULLED})
"""States in which places were released. An annulled period releases none any more; what was offered before of it was
there then, and breaks nothing."""


def released_once(books: Books) -> list[BrokenPromise]:
    """More places offered again than were ever released."""
    offered = sum(map(kept, offers(books)))
    given = {one.id: released(one) for one in books.programme if released(one)}
    rows = [f"{one.id}: {kept(one)} offered" for one in offers(books)]
    rows += [f"{id}: {count} released" for id, count in given.items()]
    sentence = f"{offered} places were offered again, and {sum(given.values())} released"
    return found(Promise.P2, sentence, rows if offered > sum(given.values()) else [])


def offers(books: Books) -> Iterator[ProgrammePeriodRow]:
    """The periods that offer released places, drafts too; of what was annulled nothing counts."""
    return (one for one in books.programme if one.from_released and one.state != PeriodState.ANNULLED)


def kept(period: ProgrammePeriodRow) -> int:
    """How many released places it keeps from others: all of its cap, and after its end those that were taken."""
    return period.taken if period.state in ENDED else period.cap


def released(period: ProgrammePeriodRow) -> int:
    """How many places a period has released by its own rules."""
    if period.state not in ENDED or period.rules is None:
        return 0
    payment = msgspec.json.decode(period.rules).get("payment", {})
    return period.tombstones if payment.get("on_unpaid") == "reopen" else 0


def figures(books: Books) -> str:
    """One line of the report; empty where nothing was released by its rule or offered again."""
    given, offered = sum(map(released, books.programme)), list(offers(books))
    if not given and not offered:
        return ""
    where = f" ({', '.join(f'{one.id} {kept(one)}' for one in offered)})" if offered else ""
    return f"places of unpaid applications: {given} released, {sum(map(kept, offered))} offered again{where}"
