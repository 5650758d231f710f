"""`--take-pictures`: pictures of the guides and docs are taken anew instead of compared (`albums.py`)."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--take-pictures`, for `make guides`."""
    parser.addoption(
        "--take-pictures", action="store_true", help="take the pictures of the guides and docs anew"
    )
