"""Two operators at one form: what a colleague set meanwhile beside what was typed, so that nothing is lost. Pure."""

from collections.abc import Mapping

import msgspec

from quota.store import Period
from server.rendering.templating import number


class Difference(msgspec.Struct, frozen=True):
    """One field of a form: its name, what it is now, and what was typed into it."""

    label: str
    theirs: str
    yours: str


LABELS: Mapping[str, str] = {
    "calls_per_minute": "Appels par minute",
    "most_live_tokens": "Jetons en même temps",
    "text": "Avis",
    "value": "Valeur publique",
}
"""Fields that may hold what somebody typed -> what the page calls them."""


def differences(typed: Mapping[str, str], period: Period) -> list[Difference]:
    """The fields in which what was typed is not what the period has now. An empty number means « as it is »."""
    current = {
        "calls_per_minute": number(period.calls_per_minute),
        "most_live_tokens": number(period.most_live_tokens),
        "text": period.notice or "",
        "value": period.public_value or "",
    }
    found = []
    for name, label in LABELS.items():
        yours = typed.get(name, "").replace("\r\n", "\n").strip()
        is_number = name in ("calls_per_minute", "most_live_tokens")
        if name not in typed or (is_number and not yours):
            continue
        if "".join(yours.split()) != "".join(current[name].split()):
            found.append(Difference(label, current[name], yours))
    return found
