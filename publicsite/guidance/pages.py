"""Pages of what people are told before they ask: questions, guides, useful documents. The same for everybody."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.clock import montreal, now_ms
from foundation.errors import Code, Refusal
from publicsite.guidance import texts
from publicsite.guidance.texts import Guide
from quota.programmes import Programme
from server.rendering.contact import Contact
from server.rendering.templating import Render, day_words


class GuidancePages:
    """The handlers. The texts are read once, here; what they say of numbers comes from the programmes."""

    def __init__(self, render: Render, programmes: Mapping[str, Programme], contact: Contact) -> None:
        self.render = render
        self.questions = texts.questions()
        self.documents = texts.useful_documents()
        self.guides = {guide.address: guide for guide in texts.guides()}
        self.facts = {
            language: texts.facts(programmes.values(), contact.phone, contact.name, language)
            for language in ("fr", "en")
        }

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/questions", self.asked, methods=["GET"]),
            Route("/documents-utiles", self.useful, methods=["GET"]),
            Route("/guides/{name}", self.guide, methods=["GET"]),
            Route("/en/guides/{name}", self.guide, methods=["GET"]),
        ]

    async def asked(self, request: Request) -> Response:
        """The frequently asked questions that are shown today."""
        shown = self.questions.on(montreal(now_ms()).date())
        return self.render(request, "questions.html", sections=shown, facts=self.facts["fr"], day=day_words)

    async def guide(self, request: Request) -> Response:
        """A guide, with links to it in the other language (LG-02). Refusal not_found."""
        guide = self.guides.get(request.url.path)
        if guide is None:
            raise Refusal(Code.NOT_FOUND)
        others = [one for one in self._of(guide.topic) if one.language != guide.language]
        return self.render(
            request,
            "guide.html",
            guide=guide,
            others=others,
            facts=self.facts[guide.language],
            words=WORDS[guide.language],
            updated=day_words(guide.updated_on) if guide.language == "fr" else guide.updated_on.isoformat(),
        )

    async def useful(self, request: Request) -> Response:
        """« Documents utiles »: the guides in both languages, then everything else."""
        topics = list(dict.fromkeys(guide.topic for guide in self.guides.values()))
        return self.render(
            request,
            "documents_utiles.html",
            topics=[self._of(topic) for topic in topics],
            documents=self.documents.documents,
            facts=self.facts,
            names=LANGUAGES,
        )

    def _of(self, topic: str) -> list[Guide]:
        return [guide for guide in self.guides.values() if guide.topic == topic]


class GuideWords(msgspec.Struct, frozen=True):
    """What stands around a guide, in its language."""

    step: str
    updated: str
    contents: str
    back: str


WORDS = {
    "fr": GuideWords("Étape", "Relu le", "Dans ce guide", "Documents utiles"),
    "en": GuideWords("Step", "Last reviewed on", "In this guide", "« Documents utiles » (in French)"),
}

LANGUAGES = {"fr": "français", "en": "English"}
"""How a link to a document in another language says so."""
