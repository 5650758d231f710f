"""Bodies as Stripe's libraries send them, `a[b][0][c]=d`, and back into nested values. Pure."""

import re
from collections.abc import Iterable
from typing import Any, Final

_PARTS: Final = re.compile(r"[^\[\]]+")

DEEPEST: Final = 8


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The values as objects in objects; a list is an object whose keys are numbers.

    ValueError for a name that is deeper than any of the API's, or is a value and an object at once.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        parts = _PARTS.findall(name.removesuffix("[]"))
        if not 0 < len(parts) <= DEEPEST:
            raise ValueError(name)
        place = found
        is_member = name.endswith("[]")
        for part in parts if is_member else parts[:-1]:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ValueError(name)
        place[str(len(place)) if is_member else parts[-1]] = value
    return found
