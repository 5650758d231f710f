"""Questions, guides and useful documents as data: dated, filled with the programmes' numbers, in both languages."""

from datetime import date

import msgspec
import pytest

from publicsite.guidance import texts
from publicsite.guidance.texts import RuleFacts
from quota.programmes import load_all
from tests.support.places import ROOT

PROGRAMMES = load_all(ROOT / "config" / "programmes")

FRENCH_TESTS = "tests-de-francais"


def ids_on(day: date) -> set[str]:
    return {one.id for _, entries in texts.questions().on(day) for one in entries}


def test_an_answer_goes_by_itself_when_its_measure_ends() -> None:
    """The French tests of before were accepted until 31 March 2016 (DR-07), and the answer is shown to that day."""
    assert FRENCH_TESTS in ids_on(date(2016, 3, 31))
    assert FRENCH_TESTS not in ids_on(date(2016, 4, 1))


def test_an_answer_that_has_no_end_stays() -> None:
    """Twin: without its last day it would still be shown today."""
    (entry,) = [one for one in texts.questions().entries if one.id == FRENCH_TESTS]
    assert msgspec.structs.replace(entry, shown_until=None).shown_on(date(2026, 11, 30))
    assert not entry.shown_on(date(2026, 11, 30))


def test_there_is_a_section_for_lost_credentials() -> None:
    """« Soutien technique » says how each of the three secrets is recovered (AC-06)."""
    sections = {section.id: entries for section, entries in texts.questions().on(date(2026, 11, 30))}
    recovered = {one.id for one in sections["soutien-technique"] if "AC-06" in one.rules}
    assert {"nom-utilisateur-oublie", "mot-de-passe-oublie", "reponses-oubliees"} <= recovered


@pytest.mark.parametrize("topic", ["account", "application"])
def test_each_guide_is_there_in_both_languages_with_as_many_steps(topic: str) -> None:
    """Two guides, in French and English (LG-02): the same steps with the same pictures."""
    french, english = (guide for guide in texts.guides() if guide.topic == topic)
    assert (french.language, english.language) == ("fr", "en")
    assert [step.picture for step in french.steps] == [step.picture for step in english.steps]
    assert [len(step.items) for step in french.steps] == [len(step.items) for step in english.steps]


def test_numbers_come_from_the_programmes() -> None:
    """A text names no number of a rule: each says what the programmes have, from the least to the most."""
    one = next(iter(PROGRAMMES.values()))
    longer = msgspec.structs.replace(one, draft=msgspec.structs.replace(one.draft, days=120))
    french = texts.facts([one, longer], "514 555-0191", "Guichet")
    english = texts.facts([one], "514 555-0191", "Guichet", "en")
    assert french.draft_days == "de 90 à 120\N{NO-BREAK SPACE}jours"
    assert english.draft_days == "90\N{NO-BREAK SPACE}days"
    assert french.fill("Vous avez {draft_days}.") == "Vous avez de 90 à 120\N{NO-BREAK SPACE}jours."


def test_no_text_writes_out_a_number_of_a_rule() -> None:
    """« 90 jours » in a file would stay when a programme changes; 30 days after a change is the ministry's own."""
    for path in (ROOT / "publicsite" / "guidance").rglob("*.toml"):
        for number in ("90 ", "60 minutes", "10 minutes", "5000", "5 000"):
            assert number not in path.read_text("utf-8"), (path.name, number)


def test_a_fact_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt fact is found when the process starts, with the file's name."""
    monkeypatch.setattr(texts, "NAMES", texts.NAMES - {"draft_days"})
    with pytest.raises(texts.GuidanceError, match=r"questions\.toml: there is no fact draft_days"):
        texts.questions()


def test_a_guide_without_its_other_language_is_refused() -> None:
    """A guide that exists in one language only would break LG-02."""
    french_only = [guide for guide in texts.guides() if guide.language == "fr"]
    with pytest.raises(texts.GuidanceError, match="no other language"):
        texts.paired(french_only)


def test_a_picture_without_words_for_it_is_refused() -> None:
    """Whoever does not see a picture is told what it shows (WCAG 1.1.1)."""
    first, *others = texts.guides()
    step = msgspec.structs.replace(first.steps[0], picture="guide-inscription.png", alt=None)
    with pytest.raises(texts.GuidanceError, match="picture and alt go together"):
        texts.paired([msgspec.structs.replace(first, steps=(step, *first.steps[1:])), *others])


def test_every_name_that_a_text_may_use_is_a_fact() -> None:
    """The names are those of `RuleFacts`, and a default installation fills each of them."""
    filled: RuleFacts = texts.facts(PROGRAMMES.values(), "514 555-0191", "Guichet")
    assert set(msgspec.structs.asdict(filled)) == texts.NAMES
    assert all(msgspec.structs.asdict(filled).values())
