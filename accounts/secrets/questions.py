"""Security questions: a list to take from, and what is wrong with some that were typed. Pure.

An answer is worth what others do not know. The list asks for no name of a mother, no town of birth and no pet: those
stand in public pages. A question of one's own is as welcome.
"""

from collections.abc import Sequence

from accounts import normalisation
from accounts.candidates import LEAST_QUESTIONS, LONGEST_SECRET, MOST_QUESTIONS
from accounts.identities import answers_text
from accounts.normalisation import ANSWER_SEPARATOR
from accounts.states import ORDINALS

LIST = (
    "Quel objet auriez-vous sauvé de votre première chambre ?",
    "Quel plat n’avez-vous jamais réussi à préparer ?",
    "Quel mot vous faisait rire quand vous étiez enfant ?",
    "Où étiez-vous quand vous avez appris votre plus belle nouvelle ?",
    "Quel livre avez-vous abandonné avant la fin ?",
    "Quel surnom votre premier groupe d’amis vous donnait-il ?",
    "Quelle chanson ne supportez-vous plus ?",
    "Quel métier auriez-vous exercé il y a cent ans ?",
    "Quel est le premier voyage que vous avez fait seul ?",
    "Quelle odeur vous rappelle votre enfance ?",
    "Quel cadeau n’avez-vous jamais utilisé ?",
    "À qui avez-vous écrit votre première lettre ?",
)
"""Offered in the form; an answer is a word or a few."""

SHORTEST_ANSWER = 2
"""Letters or digits: one is guessed at once."""

SHORTEST_QUESTION = 4


def problems(pairs: Sequence[tuple[str, str]], *, wanted: int = LEAST_QUESTIONS) -> dict[str, str]:
    """What is wrong with questions and their answers, by field of the form: `question-1`, `answer-1` and on.

    At least `wanted` pairs are asked for; beyond them one that was left empty as a whole is none.
    """
    found: dict[str, str] = {}
    questions = [normalisation.letters(question) for question, _ in pairs]
    answers = [normalisation.letters(answer) for _, answer in pairs]
    for place in range(1, max(wanted, len(pairs)) + 1):
        question, answer = pairs[place - 1] if place <= len(pairs) else ("", "")
        asked, said, nth = normalisation.letters(question), normalisation.letters(answer), _ordinal(place)
        if not asked and not said and place > wanted:
            continue
        found |= _problems_of(place, question, answer)
        if asked and asked in questions[: place - 1]:
            told = f"La {nth} question est déjà posée plus haut : choisissez-en une autre."
            found.setdefault(f"question-{place}", told)
        if said and said in answers[: place - 1]:
            told = f"La réponse à la {nth} question est aussi celle d’une autre : donnez-en une différente."
            found.setdefault(f"answer-{place}", told)
        if said and said in questions:
            told = f"La réponse à la {nth} question est une question elle-même : tout le monde l’essaierait."
            found.setdefault(f"answer-{place}", told)
    return found


def _problems_of(place: int, question: str, answer: str) -> dict[str, str]:
    found: dict[str, str] = {}
    asked, said, nth = normalisation.letters(question), normalisation.letters(answer), _ordinal(place)
    if len(asked) < SHORTEST_QUESTION:
        found[f"question-{place}"] = f"Choisissez la {nth} question dans la liste, ou écrivez la vôtre."
    elif len(question) > LONGEST_SECRET:
        found[f"question-{place}"] = f"La {nth} question est trop longue."
    if len(said) < SHORTEST_ANSWER:
        found[f"answer-{place}"] = f"Donnez une réponse à la {nth} question : deux caractères au moins."
    elif len(answer) > LONGEST_SECRET:
        found[f"answer-{place}"] = (
            f"La réponse à la {nth} question est trop longue : vérifiez ce qui y a été collé."
        )
    elif ANSWER_SEPARATOR in answer:
        found[f"answer-{place}"] = (
            f"La réponse à la {nth} question contient un caractère invisible : tapez-la."
        )
    return found


def _ordinal(place: int) -> str:
    """French, in words where there is one."""
    return ORDINALS[place - 1] if place <= len(ORDINALS) else f"{place}e"


def asked(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], str]:
    """The questions as they are shown, and all answers as one text to hash; of at most `MOST_QUESTIONS` pairs."""
    given = [(q, a) for q, a in pairs[:MOST_QUESTIONS] if normalisation.folded(a)]
    return [normalisation.visible(question) for question, _ in given], answers_text(
        [answer for _, answer in given]
    )
