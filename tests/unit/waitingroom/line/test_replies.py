"""The replies that the scripts name in their headers are the members of the enumerations, and none more."""

import re
from enum import StrEnum

import pytest

from waitingroom.line import replies
from waitingroom.line.store import LUA, UNFENCED, script_names

ENUMS: dict[str, type[StrEnum] | None] = {
    "copy": replies.CopyReply,
    "gone": None,
    "join": replies.JoinReply,
    "look": replies.LookReply,
    "mark": None,
    "probe": None,
    "rebuild": replies.RebuildReply,
    "seen": replies.SeenReply,
    "server": None,
    "snapshot": None,
    "sockets": replies.SocketsReply,
    "tick": None,
    "recollect": None,
    "draw/drawn": replies.DrawnReply,
    "draw/enter": replies.EnterReply,
    "draw/entered": replies.EnteredReply,
    "draw/freeze": replies.FreezeReply,
    "draw/lots": None,
}

ENVELOPE = {"STALE", "OK"}
"""Raised as an exception, and said before a list: they belong to no script alone."""

COMPARES_ITSELF = {"probe", "rebuild", "server", "recollect"}
"""They begin an epoch, or only look at what is there, of whichever epoch: there is none yet that could be stale."""


def header(name: str) -> list[str]:
    lines = (LUA / f"{name}.lua").read_text().splitlines()
    return lines[: next(n for n, line in enumerate(lines) if not line.startswith("--"))]


def named(name: str) -> set[str]:
    """The replies in the header: quoted, or a word in capitals that a line of the list begins with."""
    lines = header(name)
    first = next(n for n, line in enumerate(lines) if "Replies" in line)
    text = "\n".join(lines[first:])
    return {*re.findall(r"'([A-Z]+)'", text), *re.findall(r"^-- {7,}([A-Z]+) {2,}", text, re.MULTILINE)}


def test_every_script_is_here() -> None:
    """A new script has its line in this table."""
    assert sorted(ENUMS) == script_names()


@pytest.mark.parametrize("name", ENUMS)
def test_a_header_names_the_members_of_its_enumeration(name: str) -> None:
    """Both ways: every reply named is a member, every member is named."""
    enum = ENUMS[name]
    members = set(enum) if enum is not None else set()
    assert named(name) - ENVELOPE == {str(member) for member in members} - ENVELOPE


@pytest.mark.parametrize("name", sorted(set(ENUMS) - UNFENCED - COMPARES_ITSELF))
def test_every_fenced_script_says_stale(name: str) -> None:
    """Epoch fencing: its header names STALE, and its first statement is the comparison."""
    assert "STALE" in named(name)
    code = (LUA / f"{name}.lua").read_text().splitlines()[len(header(name)) :]
    assert code[0].startswith("if stale() then return ")


WORDS_OF_REDIS = {"AND", "OR", "XOR", "HSET", "HSETNX", "MAXLEN"}
"""Operations of BITOP, commands that a script chooses between, and an option of XADD."""


@pytest.mark.parametrize("name", ENUMS)
def test_a_script_says_the_members_and_nothing_else(name: str) -> None:
    """The words in capitals in its code that are no command of Redis: those it replies with are those of its header."""
    enum = ENUMS[name]
    code = "\n".join((LUA / f"{name}.lua").read_text().splitlines()[len(header(name)) :])
    commands = set(re.findall(r"redis\.call\('([A-Z]+)'", code))
    said = set(re.findall(r"'([A-Z]+)'", code)) - commands - WORDS_OF_REDIS
    assert said - ENVELOPE == {str(member) for member in enum or ()} - ENVELOPE
