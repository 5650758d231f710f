"""Answers of the framework's routes."""

from server.responses import json_response


def test_json_is_kept_by_no_cache() -> None:
    """The value as it is, with the status that is given."""
    answer = json_response({"états": [1]}, 201)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert bytes(answer.body).decode() == '{"états":[1]}'
