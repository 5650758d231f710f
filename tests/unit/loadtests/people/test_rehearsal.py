"""All the people of a rehearsal: what their processes used, and what they kept."""

import os
from pathlib import Path

import msgspec

from loadtests.journey.states import JourneyEnd, PersonaKind
from loadtests.people.rehearsal import records, usage
from loadtests.people.witness import Records, Witness


def test_everybody_is_read_from_all_processes(tmp_path: Path) -> None:
    """In the order of the processes; other files of the folder are left alone."""
    for share in (1, 0):
        witness = Witness(
            index=share, kind=PersonaKind.CANDIDATE, account=0, came=0.0, outcome=JourneyEnd.SUBMITTED
        )
        (tmp_path / f"people-{share:02d}.json").write_bytes(msgspec.json.encode(Records(people=[witness])))
    (tmp_path / "run.json").write_text("{}")
    assert [(one.index, one.outcome) for one in records(tmp_path)] == [
        (0, JourneyEnd.SUBMITTED),
        (1, JourneyEnd.SUBMITTED),
    ]


def test_what_processes_used_is_added_by_kind() -> None:
    """One that has ended counts nothing."""
    seen = usage({"people": [os.getpid(), 2**22 + 1], "web": []})
    assert set(seen.rss) <= {"people"}
    assert all(value > 0 for value in seen.rss.values())
