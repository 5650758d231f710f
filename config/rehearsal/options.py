"""What is asked of a rehearsal (`docs/contract.md`, Command line), with its defaults."""

from pathlib import Path

import msgspec

from config.demo.options import CAP, PERIOD


class RehearsalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `guichet rehearse`; None is what the size or the machine says."""

    people: int = 60_000
    cap: int = CAP
    time_scale: float = 20.0
    seed: int = 2016
    whole: float | None = None
    """The share of the people that arrive as browsers do, 0 to 1; None is what the machine bears (`scale.bearable`)."""
    newcomers: float | None = None
    """The share of the people that registers first, 0 to 1; None is a few (`newcomers.how_many`), and none at `url`."""
    web: int | None = None
    url: str | None = None
    ca: str | None = None
    accounts_file: str | None = None
    period: str = PERIOD
    report: Path | None = None
    json: Path | None = None
    keep: Path | None = None
    again: Path | None = None
