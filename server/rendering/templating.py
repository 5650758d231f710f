"""Pages from templates: Jinja2 over the folders of the features, and the filters that speak French.

Nothing is cached by browsers but the static files, whose addresses carry a hash of what they hold.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Protocol

from babel.dates import format_date
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from foundation.clock import montreal, now_ms, rfc3339
from foundation.money import dollars
from server.rendering.contact import Contact
from server.rendering.counted import LOCALE, NBSP, counted
from server.rendering.counted import number as number
from server.rendering.durations import time_words
from server.rendering.page_answers import page_answer
from server.rendering.static_files import StaticNames
from server.rendering.typography import unbreakable_page
from server.responses import response_of

SECOND_MS: Final = 1_000

MINUTE_MS: Final = 60_000


def instant(instant_ms: int) -> str:
    """`13 juin 2016 à 8 h 30 (heure de Montréal)` (WR-14)."""
    return _minute(instant_ms // MINUTE_MS) if instant_ms >= 0 else _instant(instant_ms)


def _instant(instant_ms: int) -> str:
    moment = montreal(instant_ms)
    return (
        f"{day_words(moment).replace(' ', NBSP)} à {moment.hour}{NBSP}h{NBSP}{moment:%M} (heure de Montréal)"
    )


@lru_cache(1_000)
def _minute(minute: int) -> str:
    """The words of a whole minute since 1970: pages say the same few ends of days, and what was saved just now."""
    return _instant(minute * MINUTE_MS)


def day_words(moment: date) -> str:
    """`13 juin 2016`, `1er juillet 2016`."""
    return f"{'1er' if moment.day == 1 else moment.day} {_month(moment.year, moment.month)}"


@lru_cache(1_000)
def _month(year: int, month: int) -> str:
    """`juin 2016`: a page has dates of some few months, and to format one costs a tenth of a page."""
    return format_date(date(year, month, 1), "MMMM y", locale=LOCALE)


def clocktime(instant_ms: int) -> str:
    """`8 h 30 min 05 s`, in Montréal."""
    return _second(instant_ms // SECOND_MS)


@lru_cache(2_000)
def _second(second: int) -> str:
    """The words of a whole second since 1970: hundreds are told the same few ends of their time again and again."""
    moment = montreal(second * SECOND_MS)
    return f"{moment.hour}{NBSP}h{NBSP}{moment.minute:02d}{NBSP}min{NBSP}{moment.second:02d}{NBSP}s"


def weekday(instant_ms: int) -> str:
    """`lundi 13 juin 2016`, in Montréal."""
    moment = montreal(instant_ms)
    return f"{format_date(moment, 'EEEE', locale=LOCALE)} {day_words(moment)}"


def weekday_instant(instant_ms: int) -> str:
    """`lundi 13 juin 2016 à 8 h 30`, in Montréal; the seconds too, where there are some. Plain spaces: for programs."""
    moment = montreal(instant_ms)
    seconds = f" min {moment:%S} s" if moment.second else ""
    return f"{weekday(instant_ms)} à {moment.hour} h {moment:%M}{seconds}"


class Render(Protocol):
    """Makes a page from a template. Built once in `config/app.py`, passed to every `routes(...)`."""

    def __call__(
        self, request: Request, template: str, /, status: int = 200, *, secret: bool = False, **context: Any
    ) -> Response:
        """The template with this context, as an answer that no cache keeps. One with a `secret` in it is not
        compressed: its length would tell of it."""
        ...  # pragma: no cover - a protocol has no body

    def text(self, template: str, /, **context: Any) -> str:
        """The template with this context; it may not ask for `request`."""
        ...  # pragma: no cover


def environment(packages: Sequence[str], static: StaticNames, contact: Contact | None = None) -> Environment:
    """The environment of all pages, compiled once a process, over the folders `templates/` of these packages. Every
    template has `service`, what the service is called and whom to call.

    A name that a template does not get is an error, never an empty place.
    """
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in _folders(packages)]),
        autoescape=True,
        auto_reload=False,  # a release does not change while it serves; to look at each file took a quarter of the time
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["service"] = contact or Contact()
    made.globals["served_at"] = now_ms
    made.filters |= {
        "instant": instant,
        "clocktime": clocktime,
        "weekday": weekday,
        "weekday_instant": weekday_instant,
        "number": number,
        "dollars": dollars,
        "day": day_words,
        "counted": counted,
        "time_words": time_words,
        "rfc3339": rfc3339,
        "static": static.address,
    }
    return made


def names_in(packages: Sequence[str]) -> list[str]:
    """The templates of these packages, by name."""
    return sorted(path.name for folder in _folders(packages) for path in folder.glob("*.html"))


def _folders(packages: Sequence[str]) -> list[Path]:
    return [Path(str(files(package))) / "templates" for package in packages]


class Rendering:
    """The `Render` that all pages use."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates

    def __call__(
        self, request: Request, template: str, /, status: int = 200, *, secret: bool = False, **context: Any
    ) -> Response:
        text = self.text(template, request=request, **context)
        return response_of(
            page_answer(None if secret else accept_encoding_of(request), text.encode(), status)
        )

    def text(self, template: str, /, **context: Any) -> str:
        return unbreakable_page(self._templates.get_template(template).render(**context))


def accept_encoding_of(request: HTTPConnection) -> bytes | None:
    """What codings its client takes."""
    return next((value for name, value in request.scope["headers"] if name == b"accept-encoding"), None)
