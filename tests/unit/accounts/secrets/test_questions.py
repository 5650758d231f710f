"""Security questions: no answer is its question or another answer, and the list has none that the public knows."""

from accounts.normalisation import folded, letters
from accounts.secrets import questions

GOOD = (("Quel plat ?", "Le soufflé"), ("Quelle chanson ?", "La ronde"), ("Quel livre ?", "Un traité"))


def test_three_good_ones() -> None:
    """Nothing is wrong, and what is hashed is all answers together."""
    assert questions.problems(GOOD) == {}
    asked, text = questions.asked(GOOD)
    assert asked == ["Quel plat ?", "Quelle chanson ?", "Quel livre ?"]
    assert text == "le souffle\x1fla ronde\x1fun traite"


def test_answers_are_compared_as_they_are_hashed() -> None:
    """Case, accents and punctuation make no other answer."""
    pairs = (GOOD[0], ("Quelle chanson ?", "LE SOUFFLE !"), ("Mon livre", "mon livre."))
    assert set(questions.problems(pairs)) == {"answer-2", "answer-3"}


def test_an_answer_is_no_question_either() -> None:
    """That of another question neither."""
    assert set(questions.problems((GOOD[0], ("Quelle chanson ?", "Quel plat")))) == {"answer-2"}


def test_a_question_is_asked_once_and_nothing_is_left_half() -> None:
    """A pair that is empty as a whole is none once there are enough."""
    twice = (GOOD[0], ("quel plat", "La ronde"), ("", ""))
    assert set(questions.problems(twice)) == {"question-2"}
    half = (GOOD[0], GOOD[1], ("Quel livre ?", " "))
    assert set(questions.problems(half)) == {"answer-3"}
    assert set(questions.problems((("", ""),))) == {"question-1", "answer-1", "question-2", "answer-2"}
    assert set(questions.problems(())) == {"question-1", "answer-1", "question-2", "answer-2"}
    assert set(questions.problems(GOOD[:2], wanted=3)) == {"question-3", "answer-3"}


def test_too_long_and_unseen_are_said() -> None:
    """Nothing is cut in silence."""
    pairs = (("q" * 1001, "a" * 1001), ("Quelle chanson ?", "la\x1fronde"))
    assert set(questions.problems(pairs)) == {"question-1", "answer-1", "answer-2"}


def test_the_list_is_its_own_best_example() -> None:
    """Questions differ, and ask for no mother, no pet and no town of birth."""
    assert len({letters(question) for question in questions.LIST}) == len(questions.LIST) >= 10
    public = {"mere", "animal", "naissance", "nee", "ecole"}
    assert not any(public & set(folded(question).split()) for question in questions.LIST)
