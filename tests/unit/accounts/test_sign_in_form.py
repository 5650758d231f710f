"""The sign-in form: what is wrong with what was typed, what is taken from it, and what is never written back."""

import pytest

from accounts import sign_in_form, states

RIGHT = {"username": "anne", "password": "secret", "answer-1": "Lévis", "answer-2": "Néo", "answer-3": ""}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"answer-2": "", "answer-3": ""}, []),  # which questions there are, only the owner knows
        ({"username": " "}, ["username"]),
        ({"password": ""}, ["password"]),
        ({"answer-1": "\t"}, ["answer-1"]),
        ({"username": "x" * 200}, []),
        ({"username": "x" * 201}, ["username"]),
        ({"password": "x" * 1000}, []),
        ({"password": "x" * 1001, "answer-3": "x" * 1001}, ["password", "answer-3"]),
        ({"username": "", "password": "", "answer-1": ""}, ["username", "password", "answer-1"]),
    ],
)
def test_what_is_empty_or_too_long_is_named(changes: dict[str, str], wrong: list[str]) -> None:
    """Field by field, in the form's order."""
    assert list(sign_in_form.wrong(RIGHT | changes)) == wrong


def test_a_form_without_fields_is_empty_not_an_error() -> None:
    """Whatever a client leaves out is asked for."""
    assert list(sign_in_form.wrong({})) == list(states.EMPTY)


def test_answers_keep_their_order_and_empty_ones_do_not_count() -> None:
    """An account has fewer questions than the form has fields."""
    read = sign_in_form.credentials_of(RIGHT | {"answer-2": " ", "answer-3": "Québec"})
    assert (read.username, read.password, read.answers) == ("anne", "secret", ["Lévis", "Québec"])


def test_the_password_is_never_written_back() -> None:
    """Everything else that was typed is."""
    context = sign_in_form.context("/connexion", RIGHT, "fin")
    assert context["typed"] == {name: text for name, text in RIGHT.items() if name != "password"}
    assert context["note"] == states.NOTES["fin"]
    assert sign_in_form.context("/connexion", {}, "<b>")["note"] == ""
