"""What is said of a mistake of a form file."""

from typing import NamedTuple

from submission.forms.checking.toml_lines import KeyPath


class FormFault(NamedTuple):
    """A mistake of a form file: the place of its key, and the reason as the rest of a sentence."""

    at: KeyPath
    reason: str
