"""Pages from templates: Jinja2 over the folders of the features, and the filters that speak French.

Nothing is cached by browsers but the static files, whose addresses carry a hash of what they hold.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from babel.dates import format_date, format_datetime
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from foundation.clock import montreal, rfc3339
from server.rendering.counted import LOCALE, NBSP, counted
from server.rendering.counted import number as number
from server.rendering.durations import time_words
from server.rendering.static_files import StaticNames


def instant(instant_ms: int) -> str:
    """`13 juin 2016 à 8 h 30 (heure de Montréal)` (WR-14)."""
    moment = montreal(instant_ms)
    day = format_date(moment, "d MMMM y", locale=LOCALE)
    return f"{day.replace(' ', NBSP)} à {moment.hour}{NBSP}h{NBSP}{moment:%M} (heure de Montréal)"


def clocktime(instant_ms: int) -> str:
    """`8 h 30 min 05 s`, in Montréal."""
    moment = montreal(instant_ms)
    return f"{moment.hour}{NBSP}h{NBSP}{moment:%M}{NBSP}min{NBSP}{moment:%S}{NBSP}s"


def weekday(instant_ms: int) -> str:
    """`lundi 13 juin 2016`, in Montréal."""
    return format_datetime(montreal(instant_ms), "EEEE d MMMM y", locale=LOCALE)


class Render(Protocol):
    """Makes a page from a template. Built once in `config/app.py`, passed to every `routes(...)`."""

    def __call__(self, request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
        """The template with this context, as an answer that no cache keeps."""
        ...  # pragma: no cover - a protocol has no body


def environment(packages: Sequence[str], static: StaticNames) -> Environment:
    """The environment of all pages, compiled once a process, over the folders `templates/` of these packages.

    A name that a template does not get is an error, never an empty place.
    """
    folders = [Path(str(files(package))) / "templates" for package in packages]
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "instant": instant,
        "clocktime": clocktime,
        "weekday": weekday,
        "number": number,
        "counted": counted,
        "time_words": time_words,
        "rfc3339": rfc3339,
        "static": static.address,
    }
    return made


def rendering(templates: Environment) -> Render:
    """The `Render` that all pages use."""

    def render(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
        html = templates.get_template(template).render(request=request, **context)
        headers = {"Cache-Control": "no-store"}
        return Response(html, status, headers, media_type="text/html")

    return render
