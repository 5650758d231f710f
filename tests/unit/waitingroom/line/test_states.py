"""What the line is told and what it keeps has the same names in Lua and in Python."""

import re

from waitingroom.line.states import GoneKind, JoinTerms, JournalKind, OwedProof
from waitingroom.line.store import LUA

SCRIPTS = {path.stem: path.read_text() for path in LUA.rglob("*.lua") if path.stem != "fence"}


def test_the_journal_has_the_kinds_that_scripts_record() -> None:
    """Each kind is recorded somewhere, and no other."""
    recorded = {kind for text in SCRIPTS.values() for kind in re.findall(r"record\('(\w+)'", text)}
    assert recorded == {str(kind) for kind in JournalKind}


def test_why_a_number_is_gone_is_named_in_its_script() -> None:
    """`gone.lua` lists the kinds in its header."""
    (listed,) = re.findall(r"2 kind: ([a-z |]+) \(", SCRIPTS["gone"])
    assert set(listed.split(" | ")) == {str(kind) for kind in GoneKind}


def test_the_terms_are_those_of_the_header() -> None:
    """`join.lua` explains each; a plain join has none."""
    _, _, after = SCRIPTS["join"].partition("terms of a new number: ")
    explained = set(re.findall(r"'(\w+)'", after.partition("-- Replies")[0]))
    assert explained == {str(terms) for terms in JoinTerms if terms}


def test_what_a_ticket_owes_is_that_of_the_headers() -> None:
    """Both scripts that take tickets explain the same two."""
    for name in ("seen", "entered"):
        before = SCRIPTS[name].partition("-- Replies")[0]
        assert set(re.findall(r"'(\w+)'", before)) == {str(owed) for owed in OwedProof if owed}, name
