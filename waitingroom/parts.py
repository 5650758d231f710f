"""The parts of the waiting room, put together for one process. No part knows this value: each is given what it uses."""

import secrets
from typing import NamedTuple

from foundation.events import Events
from foundation.sql.database import Database
from waitingroom.calls import Calls
from waitingroom.draw.entries import Entries
from waitingroom.joins.joins import Joins
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.numbers import NumberIssuer
from waitingroom.joins.proof_of_work import ProofsOfWork
from waitingroom.joins.proofs import Proofs
from waitingroom.joins.rules import JoinRules
from waitingroom.leaves import Leaves
from waitingroom.line.epochs import HOLD_SECONDS, Epochs
from waitingroom.line.looks import Looks
from waitingroom.line.stops import StopMarks
from waitingroom.line.store import Line
from waitingroom.period_cache import PeriodCache
from waitingroom.position_reader import PositionReader
from waitingroom.presence import PresenceMarks
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens


class WaitingRoom(NamedTuple):
    """What a process has of the waiting room; web processes and tickers use different parts of it."""

    line: Line
    tickets: Tickets
    tokens: Tokens
    epochs: Epochs
    stops: StopMarks
    looks: Looks
    periods: PeriodCache
    presence: PresenceMarks
    proofs: Proofs
    rules: JoinRules
    numbers: NumberIssuer
    entries: Entries
    joins: Joins
    leaves: Leaves
    positions: PositionReader
    calls: Calls


def build(
    db: Database,
    line: Line,
    tickets: Tickets,
    tokens: Tokens,
    events: Events,
    *,
    hold_seconds: float = HOLD_SECONDS,
    limits: JoinLimits | None = None,
    work: ProofsOfWork | None = None,
) -> WaitingRoom:
    """Put them together. Without `limits` joins are not limited; without `work` the proofs that are asked for are good
    in this process only."""
    epochs = Epochs(db, line, events, round(hold_seconds * 1000))
    looks, periods = Looks(line, epochs), PeriodCache(db, line, epochs, tickets)
    presence, stops = PresenceMarks(line, epochs), StopMarks(line)
    proofs = Proofs(line, work or ProofsOfWork((secrets.token_hex(32),)), events)
    numbers = NumberIssuer(line, epochs, periods, events)
    entries = Entries(db, line, epochs, periods, tickets, events)
    return WaitingRoom(
        line=line,
        tickets=tickets,
        tokens=tokens,
        epochs=epochs,
        stops=stops,
        looks=looks,
        periods=periods,
        presence=presence,
        proofs=proofs,
        rules=JoinRules(tickets, limits or JoinLimits(on=False), proofs),
        numbers=numbers,
        entries=entries,
        joins=Joins(db, tickets, numbers, presence, entries),
        leaves=Leaves(db, line, epochs, events),
        positions=PositionReader(db, periods, looks, presence, entries, tokens),
        calls=Calls(db, line, epochs, entries, stops, events),
    )
