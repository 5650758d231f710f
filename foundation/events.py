"""What happened, told to the metrics.

Packages count what they do without knowing what listens: they are given an `Events` by `config/app.py` and call
it. This one forgets everything; `foundation/metrics.py` has the one that feeds Prometheus. Names and labels are fixed
words, never anything of a person.
"""

from collections.abc import Sequence


class Events:
    """Counts nothing. Tests and tools that need no figures pass this one."""

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        """Something happened `n` more times, such as `count("calls", 3)` or `count("refusals", code="no_ticket")`."""

    def level(self, name: str, value: float, /, **labels: str) -> None:
        """Something stands at `value` in this process now, such as the sockets it holds."""

    def took(self, name: str, seconds: float, /, **labels: str) -> None:
        """One run of something took `seconds`, such as a tick."""

    def took_all(self, name: str, seconds: Sequence[float], /, **labels: str) -> None:
        """Many runs, told at once."""
