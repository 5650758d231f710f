"""Draws the life of a file, from the tables that the code goes by, as Mermaid in `docs/file-life.md`.

    python docs/tools/file_life.py

A test says when the drawing is no longer what the tables say.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from casework.checklists.states import ACTS_DONE, SETTLED, ItemState
from casework.checklists.states import MOVES as ITEM_MOVES
from casework.checklists.states import STATES as ITEM_STATES
from casework.files.states import EVENTS, STATUSES, FileStatus
from casework.files.status import ENDS, MOVES

DRAWING = Path(__file__).parent.parent / "file-life.md"

S = TypeVar("S", bound=StrEnum)

REACHED = frozenset(after for moves in MOVES.values() for after in moves.values()) | frozenset(MOVES)
"""The statuses to which events lead."""

HEAD = """# The life of a file

Drawn by `python docs/tools/file_life.py` from the tables that the code goes by; a test holds it. A status is folded
from events (`casework/files/status.py`), never set. What leads to no other status is left out.
"""

OPEN_QUESTIONS = """## Where the rules are silent

Nothing that we go by says the following; this is the plainest reading, and each is said to the person before it counts.

- **An application that is taken back** (`casework/withdrawal/`): by its candidate, or by the lawyer on file whose
  procuration is in force, before a decision and before an end; in two steps, upon what was shown. The fee that was
  paid stays. Whatever else was paid goes back, by a person. The rank stays taken; the file is `submitted` and no longer
  `counted`. Deadlines, reminders, amendments and a proposed decision end; originals go back; answers, letters and
  messages stay.
- **A withdrawal that comes by post** (`casework/mailroom/handlers/withdrawals.py`) is the same, at the end of the day
  on which a clerk entered it: until then the entry is undone and leaves nothing behind
  ([ADR 0036](adr/0036-a-withdrawal-by-post-waits-for-the-end-of-its-day.md)).
- **A surplus** goes back the way that it came: to the card, or by a cheque with a number, a day and a letter
  (`casework/payments/cheques.py`). Above `[payment] refund_alone` two of the staff decide the same (`two_people.py`).
- **A notice that no mail carries** is posted, recorded by one of the staff and confirmed by another; fourteen days
  after the posting the deletion of an unpaid file goes on (`casework/payments/unpaid/posted_notice.py`).
- **A payment in another currency** is no money of the file: a person gives it back whole, and the fee is still due.
"""


def drawing() -> str:
    """The whole page."""
    parts = ["## A file", "", *_file(), "", "## A document of its list", "", *_item(), "", OPEN_QUESTIONS]
    return "\n".join([HEAD, *parts])


def _file() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {FileStatus.AWAITING_PAYMENT}"
    yield from _states(STATUSES, [one for one in FileStatus if one in REACHED])
    for before, moves in MOVES.items():
        for event, after in moves.items():
            if before is not after:
                yield f"    {before} --> {after} : {EVENTS[event]}"
    yield from (f"    {end} --> [*]" for end in FileStatus if end in ENDS & REACHED)
    yield "```"
    others = [STATUSES[one] for one in FileStatus if one in ENDS - REACHED]
    yield ""
    yield f"Ended by what became of the submission itself, wherever the file stood: {'; '.join(others)}."


def _item() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {ItemState.ASKED}"
    yield from _states(ITEM_STATES, ItemState)
    for before, moves in ITEM_MOVES.items():
        for act, after in moves.items():
            if before is not after:
                yield f"    {before} --> {after} : {ACTS_DONE[act]}"
    yield "```"
    yield ""
    settled = ", ".join(f"« {ITEM_STATES[one]} »" for one in ItemState if one in SETTLED)
    yield (
        f"Settled: {settled}. Once every document is, the examination begins. An undone receipt leads back to the "
        "state before it."
    )


def _states(words: Mapping[S, str], drawn: Iterable[S]) -> Iterator[str]:
    for one in drawn:
        yield f"    {one} : {words[one].replace(':', ',')}"


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
