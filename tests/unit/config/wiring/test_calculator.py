"""Where the calculator stands."""

from types import SimpleNamespace
from typing import Any

from config.assets import renderer
from config.wiring.calculator import calculator_routes


def test_the_page_and_the_call_are_routes() -> None:
    parts: Any = SimpleNamespace(db=None, problems=SimpleNamespace(tell=None))
    routes: Any = calculator_routes(parts, renderer())
    assert [route.path for route in routes] == ["/calcul-de-delai", "/api/v1/deadlines"]
