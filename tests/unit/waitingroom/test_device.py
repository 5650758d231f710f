"""The device rule against a corpus of real agents, and against what people do to headers."""

import tomllib
from typing import Any

import pytest

from tests.support.places import ROOT
from waitingroom.device import (
    DEFAULT,
    FAMILIES,
    LONGEST_AGENT,
    MOST_TOUCH_POINTS,
    RULE_VERSION,
    Probe,
    Verdict,
    verdict,
)

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
        probed(agent),
    )


def probed(agent: dict[str, Any]) -> Probe | None:
    seen = {name: agent[name] for name in Probe.__struct_fields__ if name in agent}
    return Probe(**seen) if seen else None


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
    assert not verdict(agent["user_agent"], "?0", '"Windows"', Probe(0, "fine", "fine", "hover")).allowed


def test_without_the_probe_an_ipad_passes() -> None:
    """The twin of the iPadOS rule: the headers alone cannot see it, so the probe is what protects."""
    assert verdict(MAC).allowed
    assert not verdict(MAC, probe=Probe(5, "coarse")).allowed


LINUX = f"Mozilla/5.0 (X11; Linux x86_64) {ENGINE} Chrome/156.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("probe", "computer"),
    [
        (Probe(5, "coarse"), False),  # an older page of ours, or a client that says no more
        (Probe(5, "coarse", "coarse", "none"), False),
        (Probe(5, "coarse", "fine", "none"), False),  # a pen
        (Probe(5, "coarse", "fine", "hover"), True),  # a trackpad beside the touch screen
        (Probe(5, "coarse", "fine"), True),
        (Probe(10, "coarse"), True),  # more than Android ever says
        (Probe(5, "none"), True),
        (Probe(5, "fine"), True),
        (Probe(1, "coarse"), True),
        (Probe(5, "gloved", "mitten", "levitates"), True),  # nothing that a browser says
    ],
)
def test_a_laptop_with_a_touch_screen_is_no_tablet(probe: Probe, computer: bool) -> None:
    """Whichever pointer its browser calls the first: only fingers alone, as many as Android says, are a tablet's."""
    assert verdict(LINUX, probe=probe).allowed is computer


@pytest.mark.parametrize("joined", [None, Probe(0, "none"), Probe(5, "none"), Probe(5, "fine")])
def test_who_was_let_into_the_line_is_not_refused_for_another_pointer(joined: Probe | None) -> None:
    """A computer at the join is one at the sign-in, whatever its script saw in between; the record keeps both."""
    assert verdict(LINUX, probe=joined).allowed
    folded = Probe(5, "coarse", "coarse", "none")
    assert not verdict(LINUX, probe=folded).allowed
    later = verdict(LINUX, probe=folded, admitted=True)
    assert (later.allowed, later.family) == (True, "linux")
    assert later.evidence["contradiction"] == "admitted as linux, then seen as tablet"


def test_what_is_certain_refuses_also_who_was_let_in() -> None:
    """An iPad, a phone, or a programme that does not take Linux: the join decides nothing for them."""
    assert not verdict(MAC, probe=Probe(5, "coarse"), admitted=True).allowed
    assert not verdict(LINUX, "?1", admitted=True).allowed
    refused = verdict(LINUX, probe=Probe(5, "coarse"), allow=frozenset({"windows"}), admitted=True)
    assert (refused.allowed, refused.family) == (False, "linux")


def test_evidence_says_what_was_seen() -> None:
    """The evidence has the agent, the hints, the probe and the rule's version."""
    evidence = verdict(CHROME, "?0", '"Windows"', Probe(10, "fine", "fine", "hover")).evidence
    assert evidence == {
        "rule_version": RULE_VERSION,
        "user_agent": CHROME,
        "ch_mobile": "?0",
        "ch_platform": "Windows",
        "touch_points": 10,
        "pointer": "fine",
        "any_pointer": "fine",
        "any_hover": "hover",
    }
    assert verdict(CHROME, probe=Probe(0, "fine")).evidence.keys() & {"any_pointer", "any_hover"} == set()


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
    judgement = verdict(text, text, text, Probe(2**70, text, text, text))
    assert not judgement.allowed
    kept = str(judgement.evidence["user_agent"])
    assert len(kept) <= LONGEST_AGENT
    assert kept.isprintable()
    assert judgement.evidence["touch_points"] == MOST_TOUCH_POINTS
    assert judgement.evidence["pointer"] == ""
