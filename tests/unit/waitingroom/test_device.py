"""The device rule against a corpus of real agents, and against what people do to headers."""

import tomllib
from typing import Any

import pytest

from tests.support.places import ROOT
from waitingroom.device import DEFAULT, FAMILIES, LONGEST_AGENT, RULE_VERSION, Verdict, verdict

AGENTS = ROOT / "tests" / "data" / "agents.toml"

CORPUS: list[dict[str, Any]] = tomllib.loads(AGENTS.read_text("utf-8"))["agent"]

ENGINE = "AppleWebKit/537.36 (KHTML, like Gecko)"

CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {ENGINE} Chrome/126.0.0.0 Safari/537.36"

MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {ENGINE} Version/17.4 Safari/605.1.15"

POSING = {"touch_points", "contradiction"}
"""An agent of the corpus with one of these poses as a computer in its User-Agent."""


def judged(agent: dict[str, Any]) -> Verdict:
    return verdict(
        agent["user_agent"],
        agent.get("ch_mobile", ""),
        agent.get("ch_platform", ""),
        agent.get("touch_points"),
        agent.get("pointer", ""),
    )


@pytest.mark.parametrize("agent", CORPUS, ids=[agent["name"] for agent in CORPUS])
def test_real_agents(agent: dict[str, Any]) -> None:
    """Every agent of the corpus is taken for what it is, and only personal computers pass."""
    judgement = judged(agent)
    assert (judgement.family, judgement.allowed) == (agent["family"], agent["family"] in DEFAULT), judgement
    assert ("contradiction" in judgement.evidence) >= agent.get("contradiction", False)


def test_the_corpus_is_wide() -> None:
    """The corpus has at least 80 agents, of every family, and no name twice."""
    assert len(CORPUS) >= 80
    assert {agent["family"] for agent in CORPUS} == FAMILIES
    assert len({agent["name"] for agent in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("agent", [a for a in CORPUS if a["family"] not in DEFAULT and not POSING & a.keys()])
def test_no_hint_makes_a_computer_of_a_phone(agent: dict[str, Any]) -> None:
    """A refused agent stays refused when its hints and its probe say computer."""
    assert not verdict(agent["user_agent"], "?0", '"Windows"', 0, "fine").allowed


def test_without_the_probe_an_ipad_passes() -> None:
    """The twin of the iPadOS rule: the headers alone cannot see it, so the probe is what protects."""
    assert verdict(MAC).allowed
    assert not verdict(MAC, touch_points=5, pointer="coarse").allowed


def test_evidence_says_what_was_seen() -> None:
    """The evidence has the agent, the hints, the probe and the rule's version."""
    evidence = verdict(CHROME, "?0", '"Windows"', 10, "fine").evidence
    assert evidence == {
        "rule_version": RULE_VERSION,
        "user_agent": CHROME,
        "ch_mobile": "?0",
        "ch_platform": "Windows",
        "touch_points": 10,
        "pointer": "fine",
    }


def test_headers_alone_are_enough() -> None:
    """A browser without scripts has no probe, and is not refused for that; its evidence has none either."""
    judgement = verdict(CHROME)
    assert judgement.allowed
    assert "touch_points" not in judgement.evidence


def test_a_programme_may_allow_less() -> None:
    """The allow-list is the programme's."""
    assert not verdict(CHROME, allow=frozenset({"macos"})).allowed


@pytest.mark.parametrize(
    "text", ["\x00" * 9, "\x00\r\n", "é" * 100_000, "(" * 100_000, "Mozilla/5.0 (" + "X11;" * 9_999]
)
def test_hostile_agents(text: str) -> None:
    """A hostile agent is refused at once; what is kept of it is short and printable."""
    judgement = verdict(text, text, text, 2**70, text)
    assert not judgement.allowed
    kept = str(judgement.evidence["user_agent"])
    assert len(kept) <= LONGEST_AGENT
    assert kept.isprintable()
    assert judgement.evidence["touch_points"] == 1000
