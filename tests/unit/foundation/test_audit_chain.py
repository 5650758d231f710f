"""The hash chain: what is hashed, and how each kind of damage is told."""

import hashlib
import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from foundation.audit_chain import GENESIS, AuditEntry, ChainBreak, ChainPosition, ChainReader, Damage, digest

Lines = list[AuditEntry]


def chained(count: int, anchor: ChainPosition | None = None) -> Lines:
    """A sound chain of so many lines."""
    last, lines = anchor or ChainPosition(), []
    for _ in range(count):
        entry = AuditEntry(
            sequence=last.sequence + 1, at=1_000 + last.sequence, actor="agnès", role="operator", act="pause",
            subject_kind="period", subject_id="u1", before='{"stand":"open"}', after='{"stand":"paused"}',
            reason=None, detail="{}", previous=last.hash, hash="",
        )  # fmt: skip
        entry = replace(entry, hash=digest(entry))
        lines.append(entry)
        last = ChainPosition(entry.sequence, entry.hash)
    return lines


def breaks(lines: Lines, head: ChainPosition | None = None, anchor: ChainPosition | None = None) -> list[str]:
    reader = ChainReader(anchor or ChainPosition())
    reader.read(lines)
    return [str(one) for one in reader.close(head or ChainPosition(lines[-1].sequence, lines[-1].hash))]


def test_the_encoding_is_what_any_reader_of_json_makes() -> None:
    """SHA-256 over a JSON array without spaces, in UTF-8: no code of ours is needed to check it."""
    (line,) = chained(1)
    said = [1_000, "agnès", "operator", "pause", "period", "u1", '{"stand":"open"}', '{"stand":"paused"}', None, "{}",
            GENESIS]  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    assert line.hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_sound_chain_has_no_break() -> None:
    """Nor has an empty one, nor one whose older lines were forgotten up to an anchor."""
    lines = chained(5)
    head = ChainPosition(5, lines[4].hash)
    assert breaks(lines) == []
    assert ChainReader(head).close(head) == []
    assert breaks(lines[2:], head, ChainPosition(2, lines[1].hash)) == []


def shifted(lines: Lines) -> Lines:
    return [replace(line, sequence=n) for n, line in enumerate(lines, 1)]


def forged(previous: AuditEntry, sequence: int) -> AuditEntry:
    """A forged line, hashed as if it followed this one."""
    line = replace(previous, sequence=sequence, actor="mallory", previous=previous.hash)
    return replace(line, hash=digest(line))


DAMAGED: dict[str, tuple[Callable[[Lines], Lines], list[str]]] = {
    "a word altered": (lambda c: [*c[:2], replace(c[2], actor="mallory"), *c[3:]], ["line 3: altered"]),
    "a line altered and hashed anew": (lambda c: [*c[:2], forged(c[1], 3), *c[3:]], ["line 4: out of order"]),
    "a line taken out": (lambda c: [*c[:2], *c[3:]], ["line 3: missing"]),
    "two lines taken out": (lambda c: [c[0], *c[3:]], ["lines 2 to 3: missing"]),
    "a line taken out, the rest renumbered": (
        lambda c: shifted([*c[:2], *c[3:]]), ["line 3: out of order", "line 5: missing"]
    ),
    "the newest line taken out": (lambda c: c[:-1], ["line 5: missing"]),
    "two lines swapped": (
        lambda c: shifted([c[0], c[2], c[1], *c[3:]]),
        ["line 2: out of order", "line 3: out of order", "line 4: out of order"],
    ),
    "a line put in": (
        lambda c: shifted([*c[:2], forged(c[1], 3), *c[2:]]), ["line 4: out of order", "line 6: out of order"]
    ),
    "a line put on the end": (lambda c: [*c, forged(c[4], 6)], ["line 6: out of order"]),
}  # fmt: skip


@pytest.mark.parametrize("how", list(DAMAGED))
def test_each_damage_is_found_where_it_is(how: str) -> None:
    """The place and the kind: altered, missing, or out of order."""
    damage, found = DAMAGED[how]
    lines = chained(5)
    assert breaks(damage(lines), ChainPosition(5, lines[4].hash)) == found


def test_a_chain_that_was_written_anew_is_found_by_its_head() -> None:
    """To rewrite all lines is to rewrite the head as well; a head that was kept elsewhere says so."""
    lines = [replace(line, actor="mallory") for line in chained(3)]
    anew: Lines = []
    for line in lines:
        line = replace(line, previous=anew[-1].hash if anew else GENESIS)
        anew.append(replace(line, hash=digest(line)))
    assert breaks(anew) == []
    assert breaks(anew, ChainPosition(3, chained(3)[2].hash)) == ["line 3: altered"]


def test_a_break_reads_as_a_sentence() -> None:
    """One line or several."""
    assert str(ChainBreak(Damage.MISSING, 4, 9)) == "lines 4 to 9: missing"
