"""What will happen, in words: the day and its weekday, the places, the order, who, and what is near or unusual."""

from typing import Any

import msgspec
import pytest

from console.forecast import FIELD_NAMES, TITLES, Forecast, distance, exactly, forecast, near, summary_words
from console.readiness import Check, CheckResult, CheckState
from foundation.clock import parse_rfc3339
from quota.oddities import FIELDS
from quota.periods import Flags
from quota.programmes import load
from quota.states import Mode, PeriodState
from quota.store import Period
from submission.readiness import ReadyCandidates
from tests.support.places import ROOT

NBSP = "\N{NO-BREAK SPACE}"

OPENS = parse_rfc3339("2026-06-15T12:30:00Z")
"""Monday, 8:30 in Montréal."""

DAY_MS = 86_400_000

PROGRAMME = load(ROOT / "config" / "programmes" / "prtq-2016.toml")

COUNTED = ReadyCandidates(accounts=8_000, too_recent=12, drafts=7_000, complete=6_500, expired=3, ready=6_400)


def period(**values: Any) -> Period:
    row: dict[str, Any] = {
        "uid": "u", "id": "juin", "programme": "prtq-2016", "ordinal": 1, "opens_at": OPENS,
        "closes_at": parse_rfc3339("2026-06-23T03:59:00Z"), "cap": PROGRAMME.cap.total, "held": 0, "accepted": 0,
        "calls_per_minute": 30, "most_live_tokens": 300, "token_seconds": 600, "accounts_created_before": None,
        "pay_days": 30, "notice": None, "clock": 0, "ticked_at": 0, "next_call": 0, "epoch": 0, "mark": 0, "version": 0,
        "person_key": "k", **msgspec.structs.asdict(Flags(state=PeriodState.DRAFT)),
    }  # fmt: skip
    return Period(**(row | values))


def told(**values: Any) -> Forecast:
    return forecast(period(**values), PROGRAMME, COUNTED, OPENS - 3 * DAY_MS)


def test_every_question_has_its_title() -> None:
    """And every field that may be unusual a subject for its sentence."""
    assert set(TITLES) == set(Forecast.__struct_fields__)
    assert set(FIELDS.values()) <= set(FIELD_NAMES)
    for sentence in told().sentences():
        assert sentence.endswith("."), sentence


def test_the_instant_has_its_weekday() -> None:
    """In Montréal's time, with the seconds where there are some, and how long until then."""
    assert exactly(OPENS) == f"lundi 15 juin 2026 à 8{NBSP}h{NBSP}30 (heure de Montréal)"
    assert exactly(OPENS + 5_000).endswith(f"30{NBSP}min{NBSP}05{NBSP}s (heure de Montréal)")
    draft, closing = told().when
    assert "Une fois armée" in draft
    assert "lundi 15 juin 2026" in draft
    assert f"dans 3{NBSP}jours{NBSP}0{NBSP}h" in draft
    assert "lundi 22 juin 2026" in closing
    assert told(state=PeriodState.ARMED).when[0].startswith("La période s’ouvrira d’elle-même le lundi")
    past = forecast(period(), PROGRAMME, COUNTED, OPENS + 1)
    assert "est passé" in past.when[0]


def test_places_and_order() -> None:
    """Base and margin where the cap is theirs; arrival or draw; pace, token, and how soon it could be full."""
    assert "base de 5" in told().places[0]
    assert "base" not in told(cap=50_000).places[0]
    fifo = told().turn
    assert "ordre de leur arrivée" in fifo[0]
    assert f"10{NBSP}minutes" in fifo[2]
    assert f"2{NBSP}h{NBSP}50{NBSP}min au plus tôt" in fifo[3]
    drawn = told(mode=Mode.DRAW, entries_from=OPENS - 1_800_000, value_is="le tirage de la veille").turn
    assert "tiré au sort" in drawn[0]
    assert "le tirage de la veille" in drawn[1]
    assert len(told(calls_per_minute=0).turn) == 3


def test_who_may_submit_and_how_many_are_ready() -> None:
    """Accounts by their date, computers by what they run, drafts by what is missing; too few is said."""
    who = told().who
    assert "Tous les comptes" in who[0]
    assert "Windows" in who[1]
    assert f"6{NBSP}400 pourraient" in who[2]
    assert "12 comptes sont trop récents" in who[3]
    assert "3 brouillons" in who[4]
    assert len(who) == 5
    assert "ne peut pas se remplir" in told(cap=10_000).who[-1]
    assert "avant le lundi 15 juin" in told(accounts_created_before=OPENS).who[0]
    assert "n’a pas pu être compté" in forecast(period(), None, None, OPENS - DAY_MS).who[-1]


@pytest.mark.parametrize(
    ("opens_at", "words"),
    [
        (
            "2026-06-22T12:30:00Z",
            ["Jour férié 2 jours après : la fête nationale du Québec, le mercredi 24 juin 2026."],
        ),
        ("2026-07-01T12:30:00Z", ["Jour férié 7 jours avant", "Jour férié le jour même : la fête du Canada"]),
        ("2026-11-02T13:30:00Z", ["Changement d’heure 1 jour avant, le dimanche 1er novembre 2026."]),
        ("2026-08-12T12:30:00Z", []),
    ],
)
def test_days_that_are_near(opens_at: str, words: list[str]) -> None:
    """Holidays and changes of the clock within a week, each with its date and how far it is."""
    found = list(near(period(opens_at=parse_rfc3339(opens_at))))
    assert len(found) == len(words)
    for sentence, part in zip(found, words, strict=True):
        assert sentence.startswith(part)


def test_what_is_unusual_is_said() -> None:
    """With its subject; what is only near is said among the days."""
    assert told().odd == []
    (sunday, cap) = told(opens_at=OPENS - DAY_MS, cap=50_000).odd
    assert sunday == "L’instant d’ouverture est un dimanche."
    assert cap.startswith("Le nombre de places n’est pas la base et la marge")
    assert told(calls_per_minute=0).odd == ["Au rythme prévu, personne ne serait appelé."]


def test_distances_and_the_summary() -> None:
    """In words that agree in number."""
    assert [distance(days) for days in (-2, -1, 0, 1)] == [
        "2 jours avant",
        "1 jour avant",
        "le jour même",
        "1 jour après",
    ]
    blocks = CheckResult(Check.SQL, CheckState.BLOCKS, "Elle ne répond pas.")
    assert summary_words([], is_decided=True).startswith("Rien n’empêche")
    assert summary_words([blocks], is_decided=True).startswith("1 point empêche")
    assert summary_words([blocks, blocks], is_decided=True).startswith("2 points empêchent")
    assert summary_words([], is_decided=False) == "L’installation est en ordre."
    assert summary_words([blocks], is_decided=False) == "1 point est à corriger."
    none = ReadyCandidates(accounts=0, too_recent=1, drafts=1, complete=0, expired=1, ready=0)
    who = forecast(period(), PROGRAMME, none, OPENS - DAY_MS).who
    assert who[2].startswith("0 compte, 1 brouillon pour")
    assert who[3] == "1 compte est trop récent pour cette période."


@pytest.mark.parametrize(("state", "words"), [("annulled", "a été annulée"), ("closed", "est terminée")])
def test_nothing_is_foretold_of_what_is_over(state: str, words: str) -> None:
    """One sentence says that it is."""
    (only,) = told(state=state).when
    assert words in only
