"""What is asked of a demo (`docs/contract.md`, Command line), with its defaults."""

from pathlib import Path

import msgspec

CAP = 5073
"""Places of an intake unless another number is given: 5,000 and an announced margin (`docs/contract.md`)."""

MOST_ACCOUNTS = 99_999
"""Their user names end in five digits."""

PERIOD = "demo"

PROGRAMME = "demo"


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `guichet demo`; None is what the setting, the programme or the machine says."""

    port: int | None = None
    cap: int = CAP
    accounts: int = 6000
    crowd: int = 800
    calls_per_minute: int | None = None
    token_seconds: int = 600
    data: Path | None = None
    web: int | None = None
    workers: int = 1
    limits: bool = False
    draw: bool = False
    opens_in: float | None = None
    """Seconds until the period opens, from when it is made; None is as soon as it can."""
