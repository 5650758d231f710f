"""The public calculator of deadlines: its page and its call."""

from starlette.routing import BaseRoute

from config.wiring.parts import Parts
from publicsite.calculator.api import CalculatorApi
from publicsite.calculator.pages import CalculatorPages
from server.rendering.templating import Render


def calculator_routes(parts: Parts, render: Render) -> list[BaseRoute]:
    """For everybody."""
    pages = CalculatorPages(parts.db, render, parts.problems.tell)
    return [*pages.routes(), *CalculatorApi(parts.db).routes()]
