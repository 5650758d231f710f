"""Pages from templates: Jinja2 over the three packages' folders, and the filters that speak French.

Nothing is cached by browsers but the static files, whose addresses carry a hash of what they hold.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from quota.clock import montreal, rfc3339
from waitingroom.requests import Render

LOCALE = "fr_CA"
STATIC = Path(str(files("config"))) / "static"
A_YEAR = 31_536_000


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


def number(value: int) -> str:
    """`12 345` with a no-break space."""
    return format_decimal(value, locale=LOCALE)


@cache
def static(name: str) -> str:
    """The address of a static file, with a hash of what it holds. FileNotFoundError for one that is not there."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


NBSP = "\N{NO-BREAK SPACE}"


@cache
def templates() -> Environment:
    """The environment of all pages, compiled once a process.

    A name that a template does not get is an error, never an empty place.
    """
    folders = [Path(str(files(package))) / "templates" for package in ("config", "waitingroom", "submission")]
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "instant": instant,
        "clocktime": clocktime,
        "weekday": weekday,
        "number": number,
        "rfc3339": rfc3339,
        "static": static,
    }
    return environment


def renderer() -> Render:
    """The `Render` that all pages use."""
    environment = templates()

    def render(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
        html = environment.get_template(template).render(request=request, **context)
        headers = {"Cache-Control": "no-store"}
        return Response(html, status, headers, media_type="text/html")

    return render


class Static(StaticFiles):
    """The static files; whoever asks with the hash may keep them for a year."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        scope: Scope = args[2] if len(args) > 2 else kwargs["scope"]
        response = super().file_response(*args, **kwargs)
        lasting = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if lasting else "no-cache"
        return response
