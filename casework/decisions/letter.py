"""The letter of a decision: what was decided, why, and what can be done about it (RX-07). Blocks. Pure."""

from collections.abc import Iterable
from datetime import date

from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.decisions.rules import DecisionRules, RemedyRule
from casework.decisions.states import OUTCOME_TEXTS, OUTCOMES, DecisionOutcome
from casework.files.sheet import FileSheet
from casework.letters.letterhead import LetterSender, letterhead, signed
from casework.letters.payment_letters import LetterWords
from foundation.calendar.closures import PUBLIC_SERVICE, Closures
from foundation.calendar.spans import calendar_days
from server.rendering.templating import day_words, instant

TITLE = "Décision sur votre demande"

REPLACED_TITLE = "Décision qui remplace la précédente"

MESSAGE_TITLE = "Une décision est rendue dans votre dossier"

SAMPLE = "Les recours ci-dessous sont des exemples : ils ne valent pour aucune demande réelle."

NO_REMEDY = "Si vous avez des questions sur cette décision, écrivez au Centre de contacts ou appelez-le."


def decision_blocks(
    head: FileSheet,
    words: LetterWords,
    outcome: DecisionOutcome,
    reason: str,
    rules: DecisionRules,
    day: date,
    now: int,
    *,
    replaces: date | None = None,
    closures: Closures = PUBLIC_SERVICE,
) -> list[Block]:
    """The letter as it is filed. `replaces` is the day of the decision in whose place it stands."""
    remedies = remedies_of(rules, outcome, day)
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(TITLE if replaces is None else REPLACED_TITLE, level=1),
        Facts(
            [
                Fact("Nom", strong(head.identity.full_name)),
                Fact("Programme", plain(words.programme)),
                Fact("Décision", strong(OUTCOMES[outcome])),
                Fact("Date de la décision", plain(day_words(day))),
            ]
        ),
        Paragraph(plain(OUTCOME_TEXTS[outcome])),
        *_replacing(replaces),
        Heading("Motifs", level=2),
        *(Paragraph(plain(part)) for part in reason.split("\n") if part.strip()),
        Heading("Vos recours", level=2),
        *([Paragraph(strong(SAMPLE))] if rules.sample and remedies else []),
        *([] if remedies else [Paragraph(plain(NO_REMEDY))]),
        *(block for remedy in remedies for block in _remedy(remedy, words.sender, day, closures)),
        *signed(words.sender, now),
        Note(plain(f"Décision déposée le {instant(now)}.")),
    ]


def remedies_of(rules: DecisionRules, outcome: DecisionOutcome, day: date) -> list[RemedyRule]:
    """The remedies that there are on the day of a decision, in the order of the file."""
    wanted = rules.of(outcome).remedies
    return [one for one in rules.remedies if one.id in wanted and one.is_in_force(day)]


def remedy_days(rules: DecisionRules, outcome: DecisionOutcome, day: date) -> dict[str, int]:
    """The days of each remedy whose last day the letter names, by its id."""
    return {one.id: one.days for one in remedies_of(rules, outcome, day) if one.days is not None}


def _replacing(replaces: date | None) -> Iterable[Block]:
    if replaces is not None:
        yield Paragraph(strong(f"Elle remplace la décision du {day_words(replaces)}, qui est sans effet."))


def _remedy(remedy: RemedyRule, sender: LetterSender, day: date, closures: Closures) -> Iterable[Block]:
    yield Heading(remedy.title, level=3)
    yield Paragraph(plain(remedy.text))
    facts = []
    if remedy.days is not None:
        due = calendar_days(day, remedy.days, closures)
        facts.append(Fact("À recevoir au plus tard le", strong(day_words(due.last_day))))
    lines = [] if remedy.office is None else sender.lines(remedy.office, day)
    if lines:
        facts.append(Fact("Par la poste, à", plain(", ".join(lines))))
    if facts:
        yield Facts(facts)


def told_blocks(outcome_is_replaced: bool) -> list[Block]:
    """The message that goes with the letter; what was decided stands in the letter alone."""
    which = "Une décision remplace la précédente" if outcome_is_replaced else "Une décision est rendue"
    return [
        Paragraph(
            plain(
                f"{which} dans votre dossier. La lettre jointe dit laquelle, pourquoi, et quels sont vos recours."
            )
        )
    ]
