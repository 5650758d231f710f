"""What people are told before they ask: questions and answers, guides and useful documents, as dated data.

The files beside this module are read once when a process starts, strictly. A text names no number of a rule: it says
`{draft_days}`, and the programmes say how many those are (`RuleFacts`), so that no answer contradicts the service.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from quota.programmes import Programme
from server.rendering.counted import NBSP

T = TypeVar("T")

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,60}$")]

Text = Annotated[str, Meta(min_length=1, max_length=1200)]


class GuidanceError(Exception):
    """A file of texts cannot be used. The message names the file and the reason."""


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go on: an address of this service, and what the link is called."""

    label: Text
    to: Annotated[str, Meta(pattern=r"^/")]


class QuestionEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question and its answer: paragraphs, then a list if there is one, then links.

    `rules` are those of the domain that it rests on. It is shown from one day up to another (inclusive), if they are
    given; `updated_on` is when somebody last read it against the rules.
    """

    id: Slug
    section: Slug
    question: Text
    answer: Annotated[tuple[Text, ...], Meta(min_length=1)]
    items: tuple[Text, ...] = ()
    links: tuple[Link, ...] = ()
    rules: Annotated[tuple[str, ...], Meta(min_length=1)]
    updated_on: date
    shown_from: date | None = None
    shown_until: date | None = None

    def shown_on(self, day: date) -> bool:
        """Whether it is shown on this day, in Montréal."""
        return (self.shown_from is None or self.shown_from <= day) and (
            self.shown_until is None or day <= self.shown_until
        )


class QuestionSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Questions of one subject."""

    id: Slug
    title: Text


class Questions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The frequently asked questions, in the order of the page."""

    sections: tuple[QuestionSection, ...]
    entries: tuple[QuestionEntry, ...]

    def on(self, day: date) -> list[tuple[QuestionSection, list[QuestionEntry]]]:
        """What the page of this day shows: sections that have something to say."""
        found = [
            (section, [one for one in self.entries if one.section == section.id and one.shown_on(day)])
            for section in self.sections
        ]
        return [(section, entries) for section, entries in found if entries]


class GuideStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step: what to do, and what the page looks like. `picture` is a static file, `alt` what is
    seen in it."""

    title: Text
    text: Annotated[tuple[Text, ...], Meta(min_length=1)]
    items: tuple[Text, ...] = ()
    picture: str | None = None
    alt: Text | None = None


class Guide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A guide in one language (LG-02). `topic` is the same in every language, `address` is not."""

    topic: Slug
    language: Annotated[str, Meta(pattern=r"^(fr|en)$")]
    address: Annotated[str, Meta(pattern=r"^/(en/)?guides/[a-z-]+$")]
    title: Text
    lede: Text
    updated_on: date
    steps: Annotated[tuple[GuideStep, ...], Meta(min_length=2)]

    @property
    def lang(self) -> str:
        """The language as pages and links name it."""
        return f"{self.language}-CA"


class UsefulDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of « Documents utiles »: a page of this service, and what it is for."""

    title: Text
    summary: Text
    to: Annotated[str, Meta(pattern=r"^/")]


class UsefulDocuments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in « Documents utiles » beside the guides."""

    documents: tuple[UsefulDocument, ...]


class RuleFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the texts may name, in words of one language."""

    draft_days: str
    session_minutes: str
    token_minutes: str
    payment_days: str
    phone: str
    service: str

    def fill(self, text: str) -> str:
        """The text with its facts."""
        return text.format_map(msgspec.structs.asdict(self))


NAMES = frozenset(RuleFacts.__struct_fields__)

_FACT = re.compile(r"\{([a-z_]+)\}")


def facts(programmes: Iterable[Programme], phone: str, service: str, language: str = "fr") -> RuleFacts:
    """The facts of these programmes, in French or in English; where they differ, from the least to the most."""
    some = list(programmes)
    with_fees = [one for one in some if one.payment.asks_fees] or some

    def each(number: Callable[[Programme], int], unit: Mapping[str, str], of: list[Programme] = some) -> str:
        return _range(sorted({number(one) for one in of}), unit[language], language)

    days = {"fr": "jours", "en": "days"}
    minutes = dict.fromkeys(("fr", "en"), "minutes")
    return RuleFacts(
        draft_days=each(lambda one: one.draft.days, days),
        session_minutes=each(lambda one: one.session.minutes, minutes),
        token_minutes=each(lambda one: one.token.seconds // 60, minutes),
        payment_days=each(lambda one: one.payment.days, days, with_fees),
        phone=phone.replace(" ", NBSP),
        service=service,
    )


def _range(numbers: list[int], unit: str, language: str) -> str:
    between = {"fr": ("de", "à"), "en": ("from", "to")}[language]
    if len(numbers) == 1:
        return f"{numbers[0]}{NBSP}{unit}"
    return f"{between[0]} {numbers[0]} {between[1]} {numbers[-1]}{NBSP}{unit}"


def questions() -> Questions:
    """The shipped questions. Raises GuidanceError."""
    read = _read("questions.toml", Questions)
    known = {section.id for section in read.sections}
    for one in read.entries:
        if one.section not in known:
            raise GuidanceError(f"questions.toml: {one.id}: there is no section {one.section}.")
    _once("questions.toml", [one.id for one in read.entries])
    return read


def useful_documents() -> UsefulDocuments:
    """The shipped list. Raises GuidanceError."""
    return _read("documents.toml", UsefulDocuments)


def guides() -> list[Guide]:
    """The shipped guides, the French one of each topic first. Raises GuidanceError."""
    names = sorted(
        one.name for one in files(__package__).joinpath("guides").iterdir() if one.name.endswith(".toml")
    )
    return paired([_read(f"guides/{name}", Guide) for name in names])


def paired(read: list[Guide]) -> list[Guide]:
    """The same in order of topics, French first. Raises GuidanceError where a language or an `alt` is missing."""
    _once("guides", [one.address for one in read])
    for one in read:
        if not any(other.topic == one.topic and other.language != one.language for other in read):
            raise GuidanceError(f"guides: {one.address} has no other language.")
        for step in one.steps:
            if (step.picture is None) != (step.alt is None):
                raise GuidanceError(f"guides: {one.address}: « {step.title} »: picture and alt go together.")
    return sorted(read, key=lambda one: (one.topic, one.language != "fr"))


def _once(name: str, found: list[str]) -> None:
    twice = {one for one in found if found.count(one) > 1}
    if twice:
        raise GuidanceError(f"{name}: {', '.join(sorted(twice))} is there twice.")


def _read(name: str, kind: type[T]) -> T:
    text = files(__package__).joinpath(*name.split("/")).read_text("utf-8")
    try:
        read = msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise GuidanceError(f"{name}: {problem}.") from problem
    if unknown := set(_FACT.findall(text)) - NAMES:
        raise GuidanceError(f"{name}: there is no fact {', '.join(sorted(unknown))}.")
    return read
