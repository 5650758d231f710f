"""The rules are found beside the programmes, and missing ones are none."""

from pathlib import Path
from typing import Any, NamedTuple

from config.settings import PROGRAMMES
from config.wiring.lists import list_services
from tests.support.casework.lists import FORMS
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN


class _Opened(NamedTuple):
    """What the wiring of lists asks of the parts of a process."""

    programmes: Any
    submissions: Any


class _WithForms(NamedTuple):
    forms: Any


class _Set(NamedTuple):
    """What it asks of the settings."""

    programmes_dir: Path
    secret_keys: tuple[str, ...] = tuple(KEYS)
    public_url: str = "http://guichet.test"


def test_rules_stand_beside_the_programmes(tmp_path: Path) -> None:
    parts: Any = _Opened(KNOWN, _WithForms(FORMS))
    shipped: Any = _Set(PROGRAMMES)
    bare: Any = _Set(tmp_path)
    assert set(list_services(parts, shipped).rules) == set(list_services(parts, shipped).lists.rules)
    assert not list_services(parts, bare).rules and not list_services(parts, bare).lists.rules
