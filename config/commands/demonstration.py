"""`guichet demo` and `guichet rehearse`: a service of its own on one machine, for people to look at or to judge."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from config.demo.options import MOST_ACCOUNTS, DemoOptions
from config.rehearsal.options import RehearsalOptions
from config.settings import default_of

DEMO, REHEARSAL = DemoOptions(), RehearsalOptions()
"""The defaults."""


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Where it listens; 0 takes any free port. [PORT or {default_of('PORT')}]",
)
@click.option("--cap", type=click.IntRange(1, 1_000_000), default=DEMO.cap, show_default=True, help="Places.")
@click.option(
    "--accounts",
    type=click.IntRange(0, MOST_ACCOUNTS),
    default=DEMO.accounts,
    show_default=True,
    help="Ready accounts.",
)
@click.option(
    "--crowd",
    type=click.IntRange(0, MOST_ACCOUNTS),
    default=DEMO.crowd,
    show_default=True,
    help="Simulated candidates.",
)
@click.option("--calls-per-minute", type=click.IntRange(0, 100_000), help="Pace. [the programme's]")
@click.option(
    "--token-seconds",
    type=click.IntRange(1, 86_400),
    default=DEMO.token_seconds,
    show_default=True,
    help="Of a token.",
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the data here and go on with it."
)
@click.option("--web", type=click.IntRange(1, 64), help="Web processes. [one a core]")
@click.option(
    "--workers", type=click.IntRange(0, 64), default=DEMO.workers, show_default=True, help="Workers."
)
@click.option("--limits", is_flag=True, help="Limit requests by address, as outside the demo.")
@click.option(
    "--draw", is_flag=True, help="Draw the order of those who enter in the minute before the opening."
)
@click.option(
    "--opens-in",
    type=click.FloatRange(1.0, 86_400),
    help="Seconds until the period opens; READY comes before. [at once]",
)
def demo(**options: Any) -> None:
    """Everything on one machine: an open period `demo`, ready accounts, a simulated crowd.

    Prints the addresses, and one line `READY {json}` on stdout when it serves. SIGTERM or Ctrl-C ends it.
    """
    from config.demo import demo as the_demo

    sys.exit(the_demo.run(DemoOptions(**options), os.environ))


@click.command()
@click.option(
    "--people",
    type=click.IntRange(20, 250_000),
    default=REHEARSAL.people,
    show_default=True,
    help="Who comes.",
)
@click.option(
    "--cap", type=click.IntRange(1, 60_000), default=REHEARSAL.cap, show_default=True, help="Places."
)
@click.option(
    "--time-scale",
    type=click.FloatRange(0.1, 1000),
    default=REHEARSAL.time_scale,
    show_default=True,
    help="Times shorter.",
)
@click.option(
    "--seed", type=int, default=REHEARSAL.seed, show_default=True, help="The same seed draws the same people."
)
@click.option(
    "--whole",
    type=click.FloatRange(0.0, 1.0),
    help="Share that arrives with pages and files. [all that the machine bears]",
)
@click.option(
    "--newcomers",
    type=click.FloatRange(0.0, 1.0),
    help="Share that registers, confirms by mail and fills in before the opening. [0.02, 100 people at most]",
)
@click.option(
    "--web", type=click.IntRange(1, 64), help="Web processes. [as many as the sockets need, 2 at least]"
)
@click.option(
    "--url", help="A running instance, instead of a demo of its own; its DATABASE_URL is needed too."
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False),
    help="Certificates of authorities that are believed besides the system's, for an https `--url`.",
)
@click.option("--accounts-file", help="JSON with username, password, answers for `--url`; - is stdin.")
@click.option("--period", default=REHEARSAL.period, show_default=True, help="Of `--url`.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the report (HTML) here."
)
@click.option("--json", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep records and books in this new folder.",
)
@click.option(
    "--again",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Judge a kept folder again.",
)
def rehearse(**options: Any) -> None:
    """Play a whole intake in minutes, and hold what every person was told against the books.

    Exit status 1 when a promise broke or the cap was not met.
    """
    from config.rehearsal import rehearse as the_rehearsal

    sys.exit(the_rehearsal.run(RehearsalOptions(**options), os.environ))
