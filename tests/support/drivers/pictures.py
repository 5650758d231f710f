"""`--take-pictures`: the pictures of the guides are taken anew instead of compared (`tests/browser/test_guides.py`)."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--take-pictures`, for `make guides`."""
    parser.addoption("--take-pictures", action="store_true", help="take the pictures of the guides anew")
