"""The words of the candidate's pages that depend on figures, states and refusals. Pure; no markup, no I/O."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import msgspec

from foundation.errors import Code, Refusal
from quota.ledger import Token, expires_at
from quota.states import TokenState
from quota.store import Period
from server.durations import duration_words
from submission import drafts
from submission.drafts import Content

WARNINGS = ((60_000, "1 minute"), (120_000, "2 minutes"))
"""Under so many milliseconds the page warns; the shorter one first (SW-01)."""

ANSWERS = ("première", "deuxième", "troisième")
"""The form has a field for each. An account has up to three questions; which ones, only its owner knows."""

STATUSES = {"submitted": "Soumise, en attente du paiement"}
"""Status of a submission -> what its owner reads (AC-10)."""

CORRECTIONS = {
    "bad_credentials": {
        "username": "Vérifiez votre nom d’utilisateur.",
        "password": "Entrez de nouveau votre mot de passe.",
    },
    "bad_security_answers": {
        "password": "Entrez de nouveau votre mot de passe.",
        "answer-1": "Vérifiez vos réponses de sécurité, dans l’ordre.",
    },
    "rate_limited": {"password": "Entrez de nouveau votre mot de passe, puis attendez avant d’envoyer."},
    "unavailable": {"password": "Entrez de nouveau votre mot de passe."},
}
"""Refusal -> the fields to go back to, and what to do there. The password is never written back into the page."""

MISSING = {
    "username": "Entrez votre nom d’utilisateur.",
    "password": "Entrez votre mot de passe.",
    "answer-1": "Entrez la réponse à votre première question de sécurité.",
    "candidate": "Indiquez qui signe la demande.",
    "declaration": "Cochez la déclaration pour signer la demande.",
}
"""Field -> what to say when it was left empty."""


class Words(Protocol):
    """The texts of one refusal code, as the table of refusals has them."""

    @property
    def status(self) -> int: ...  # pragma: no cover - a protocol has no body
    @property
    def title(self) -> str: ...  # pragma: no cover
    @property
    def reason(self) -> str: ...  # pragma: no cover
    @property
    def remedy(self) -> str: ...  # pragma: no cover


class ShownRefusal(msgspec.Struct, frozen=True):
    """A refusal as a form shows it: above the fields, with one way on."""

    title: str
    sentences: list[str]
    href: str = ""
    link: str = ""


class TimeLeft(msgspec.Struct, frozen=True):
    """What is left of a token: milliseconds, the instant of its end as it stands now, and the words for both."""

    left_ms: int
    ends_at: int
    paused: bool

    @property
    def text(self) -> str:
        return duration_words(self.left_ms)

    @property
    def over(self) -> bool:
        return self.left_ms <= 0

    @property
    def warning(self) -> str:
        """« 2 minutes » or « 1 minute » when less than that is left, else nothing."""
        if self.over or self.paused:
            return ""
        return next((words for limit_ms, words in WARNINGS if self.left_ms <= limit_ms), "")


class ReviewRow(msgspec.Struct, frozen=True):
    """One line of the draft. `id` is its anchor."""

    id: str
    label: str
    value: str
    missing: bool


class ReviewSection(msgspec.Struct, frozen=True):
    id: str
    title: str
    rows: list[ReviewRow]


class Review(msgspec.Struct, frozen=True):
    """The draft as it is read before signing; `missing` are its empty lines, each with its section's title."""

    sections: list[ReviewSection]
    missing: list[tuple[str, ReviewRow]]


def time_left(period: Period, token: Token, now: int) -> TimeLeft:
    """The time left of a live token; nothing of any other."""
    ends_at = expires_at(period, token, now)
    paused = period.paused or period.suspended
    left = (token.ends or 0) - period.clock if paused else ends_at - now
    return TimeLeft(max(0, left) if token.state == TokenState.LIVE else 0, ends_at, paused)


def review(content: Content, asked: Collection[str]) -> Review:
    """The sections that the programme asks for, with what was filled in and what is still missing."""
    absent = set(drafts.missing(content, asked))
    sections = [
        ReviewSection(
            section.name,
            section.title,
            [
                ReviewRow(
                    path := f"{section.name}.{field.name}",
                    field.label,
                    content.get(section.name, {}).get(field.name, "").strip(),
                    path in absent,
                )
                for field in section.fields
            ],
        )
        for section in drafts.FORM
        if section.name in asked
    ]
    return Review(
        sections, [(section.title, row) for section in sections for row in section.rows if row.missing]
    )


def shown(refusal: Refusal, words: Words, period_id: str | None) -> ShownRefusal:
    """A refusal in the form's words: what happened and why, what to do, and the way on if it is not this form."""
    sentences = [words.reason, words.remedy]
    seconds = refusal.fields.get("retry_after")
    if refusal.code == Code.RATE_LIMITED and seconds:
        sentences.append(f"Vous pouvez réessayer dans {duration_words(int(seconds) * 1000)}.")
    href, link = _way_on(refusal.fields, refusal.code, period_id)
    return ShownRefusal(words.title, sentences, href, link)


def _way_on(fields: Mapping[str, Any], code: str, period_id: str | None) -> tuple[str, str]:
    if code in {"token_used", "duplicate_account"} and "receipt" in fields:
        return f"/connexion?suite=/recus/{fields['receipt']}", "Voir l’accusé de réception dans votre compte"
    if code in {"no_token", "token_expired", "token_used", "token_other_browser"} and period_id is not None:
        return f"/periodes/{period_id}", "Retourner à la page d’attente"
    if code in {"quota_reached", "period_closed", "account_too_recent"}:
        return "/", "Voir les périodes de réception"
    return "", ""
