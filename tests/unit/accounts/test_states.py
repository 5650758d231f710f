"""The words of accounts agree with what they are about."""

from accounts import sessions, states
from accounts.candidates import LEAST_QUESTIONS, MOST_QUESTIONS
from accounts.states import SessionRole


def test_every_question_has_an_ordinal_and_a_field() -> None:
    """The form has as many fields as an account may have questions, and asks for fewer than that at least."""
    assert len(states.ORDINALS) == len(states.ANSWER_FIELDS) == MOST_QUESTIONS
    assert 1 < LEAST_QUESTIONS <= MOST_QUESTIONS


def test_what_is_to_be_corrected_is_in_the_form() -> None:
    """Each sentence points at a field that is there."""
    fields = {"username", "password", "code", *states.ANSWER_FIELDS}
    assert set(states.EMPTY) <= fields
    assert all(set(corrections) <= fields for corrections in states.CORRECTIONS.values())


def test_every_role_has_a_cookie_and_a_length_of_its_own() -> None:
    """One browser may be signed in in each role, and no cookie stands for two."""
    assert set(sessions.COOKIES) == set(sessions.LASTS_MS) == set(SessionRole)
    assert len(set(sessions.COOKIES.values())) == len(SessionRole)
    assert len({sessions.known_name(role, "anne") for role in SessionRole}) == len(SessionRole)
