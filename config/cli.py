"""The command line: `guichet`, also `python -m config`.

Each command reads its settings, imports what it needs and calls it; decisions are elsewhere. What is wrong outside the
program is one sentence on stderr (`failures.py`) and exit status 1, a wrong setting or option 2.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import structlog
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from config import failures
from config.failures import Failed
from config.settings import Settings, WrongSetting, database_url, refuse_evicting, variable

T = TypeVar("T")

FIXED_SQLITE = (3, 51, 3)
"""From here on the write-ahead log cannot be corrupted by a checkpoint beside a commit."""


class Guichet(click.Group):
    """A group whose commands end with one sentence when the world outside is not as they need it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except failures.OUTSIDE as problem:
            click.echo(failures.sentence(problem), err=True)
            ctx.exit(2 if isinstance(problem, WrongSetting) else 1)


@click.group(cls=Guichet, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """An intake service: a virtual waiting room joined to an exact, deduplicated, crash-proof quota."""


def on_database(work: Callable[[AsyncConnection], Awaitable[T]], actor: Any = None) -> T:
    """Run `work` in one transaction of the database of DATABASE_URL; what an actor is refused is on record."""
    from foundation import audit
    from foundation.clock import now_ms
    from foundation.errors import Refusal, Unavailable
    from foundation.sql.database import LONG_SECONDS, Database

    call = click.get_current_context().command_path

    async def opened() -> T:
        database = Database(existing(database_url(os.environ)))
        try:
            return await database.write(work, LONG_SECONDS)
        except Refusal as refusal:
            if actor is not None and not isinstance(refusal, Unavailable):
                code = refusal.code
                await database.write(
                    lambda conn: audit.record(
                        conn, actor, audit.REFUSED, None, now_ms(), call=call, code=code
                    )
                )
            raise
        finally:
            await database.close()

    return asyncio.run(opened())


def existing(url: str) -> str:
    """The URL; Failed when it is a SQLite file that is not there, which opening it would make."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise Failed(
            f"There is no database at {parsed.database}: set DATABASE_URL, or run `guichet migrate` first."
        )
    return url


def settings_of(process: str) -> Settings:
    """The settings of a long-running process: logging set up, Redis looked at, known weaknesses said."""
    from foundation import logs as observe

    settings = Settings.from_env(os.environ)
    observe.configure_logging(settings.log_level, process)

    asyncio.run(look_at_redis({settings.redis_url, settings.queue_redis_url}))
    if settings.database_url.startswith("sqlite") and sqlite3.sqlite_version_info < FIXED_SQLITE:
        # Its log can be corrupted by a checkpoint while another connection commits; ours runs under the writer's lock.
        structlog.get_logger().info("sqlite_autocheckpoint_off", version=sqlite3.sqlite_version)
    return settings


async def look_at_redis(urls: set[str]) -> None:
    """Refuse one that drops keys. One that is away is waited for, and looked at when it comes (`config/stores.py`): to
    submit, nobody needs it."""
    from redis import exceptions

    from config.stores import open_redis

    for url in urls:
        redis = open_redis(url, refusing=False)
        try:
            await refuse_evicting(redis)
        except (exceptions.ConnectionError, exceptions.TimeoutError, OSError) as problem:
            structlog.get_logger().warning("redis_away", error=problem)
        finally:
            await redis.aclose()


@main.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Where it listens; 0 takes any free port. [PORT or 8000]"
)
@click.option("--cap", type=click.IntRange(1, 1_000_000), default=5073, show_default=True, help="Places.")
@click.option(
    "--accounts", type=click.IntRange(0, 99_999), default=6000, show_default=True, help="Ready accounts."
)
@click.option(
    "--crowd", type=click.IntRange(0, 99_999), default=800, show_default=True, help="Simulated candidates."
)
@click.option("--calls-per-minute", type=click.IntRange(0, 100_000), help="Pace. [the programme's]")
@click.option(
    "--token-seconds", type=click.IntRange(1, 86_400), default=600, show_default=True, help="Of a token."
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Keep the data here and go on with it."
)
@click.option("--web", type=click.IntRange(1, 64), help="Web processes. [one a core]")
@click.option("--workers", type=click.IntRange(0, 64), default=1, show_default=True, help="Workers.")
@click.option("--limits", is_flag=True, help="Limit requests by address, as outside the demo.")
@click.option(
    "--draw", is_flag=True, help="Draw the order of those who enter in the minute before the opening."
)
def demo(**options: Any) -> None:
    """Everything on one machine: an open period `demo`, ready accounts, a simulated crowd.

    Prints the addresses, and one line `READY {json}` on stdout when it serves. SIGTERM or Ctrl-C ends it.
    """
    from config.demo import demo as the_demo

    sys.exit(the_demo.run(the_demo.DemoOptions(**options), os.environ))


@main.command()
@click.option(
    "--people", type=click.IntRange(20, 250_000), default=60_000, show_default=True, help="Who comes."
)
@click.option("--cap", type=click.IntRange(1, 60_000), default=5073, show_default=True, help="Places.")
@click.option(
    "--time-scale", type=click.FloatRange(0.1, 1000), default=20.0, show_default=True, help="Times shorter."
)
@click.option(
    "--seed", type=int, default=2016, show_default=True, help="The same seed draws the same people."
)
@click.option(
    "--web", type=click.IntRange(1, 64), help="Web processes. [as many as the sockets need, 2 at least]"
)
@click.option(
    "--url", help="A running instance, instead of a demo of its own; its DATABASE_URL is needed too."
)
@click.option("--accounts-file", help="JSON with username, password, answers for `--url`; - is stdin.")
@click.option("--period", default="demo", show_default=True, help="Of `--url`.")
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

    sys.exit(the_rehearsal.run(the_rehearsal.RehearsalOptions(**options), os.environ))


by = click.option("--as", "by", metavar="NAME", help="Who does it, for the audit log. [command-line]")


def commanding(name: str | None) -> Any:
    """The actor of a command, for the audit: the name that is given, without a proof, or the reserved one."""
    from foundation.audit import COMMAND_LINE, Actor

    return Actor(name or COMMAND_LINE, COMMAND_LINE)


@main.command()
@by
def migrate(by: str | None) -> None:
    """Bring the database of DATABASE_URL to the newest tables. Harmless when it is there."""
    from config.migrations import migrate as bring

    url = database_url(os.environ)
    asyncio.run(bring(url, commanding(by)))
    click.echo(f"The database is up to date: {make_url(url).render_as_string(hide_password=True)}", err=True)


@main.command()
def web() -> None:
    """Serve pages, the API and the live feed."""
    settings = settings_of("web")
    from config.processes import web as the_web

    the_web.run(settings)


@main.command()
def ticker() -> None:
    """Call people, end tokens, keep the service clock, copy the journal, ring jobs."""
    settings = settings_of("ticker")
    from config.processes import ticker as the_ticker
    from foundation import metrics

    asyncio.run(the_ticker.run(settings, metrics.Metrics(settings.metrics_dir)))


@main.command()
def worker() -> None:
    """Do the jobs that the ticker rings: receipts and documents."""
    settings = settings_of("worker")
    from config.processes import worker as the_worker
    from foundation import metrics

    the_worker.main(settings, metrics.Metrics(settings.metrics_dir))


@main.command()
@click.option("--period", "period_id", help="Its public name, such as demo.")
@click.option("--draw", is_flag=True, help="Only the drawn order, in mode draw.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --draw: what was published, as JSON.",
)
@click.option("--entry", type=click.IntRange(1), help="With --file: print the number of this entry alone.")
@click.option("--audit", is_flag=True, help="Only the audit: all of it, and the heads of its chains.")
@click.option(
    "--head", "heads", multiple=True, metavar="N:HASH", help="With --audit: a head of the acts that was kept."
)
def verify(
    period_id: str | None,
    draw: bool,
    file: Path | None,
    entry: int | None,
    audit: bool,
    heads: tuple[str, ...],
) -> None:
    """Recount every promise from SQL and the journal; exit status 1 and the rows if one is broken.

    With --draw, recompute the drawn order: from SQL, or from a published file, which needs no database. With --audit,
    say where the audit was changed, if it was.
    """
    from evidence import verify_audit, verify_draw
    from evidence.verify import verify as recount

    ways = [period_id is not None, file is not None, audit]
    if (
        sum(ways) != 1
        or (file is not None and not draw)
        or (entry and file is None)
        or (draw and audit)
        or (heads and not audit)
    ):
        raise click.UsageError(
            "Give --period ID, --audit [--head N:HASH], --draw --period ID, or --draw --file FILE [--entry N]."
        )
    if file is not None:
        sys.exit(verify_draw.verify_file(file, entry))
    url = existing(database_url(os.environ))
    if audit:
        sys.exit(asyncio.run(verify_audit.verify(url, [head_of(text) for text in heads])))
    sys.exit(
        asyncio.run(verify_draw.verify_books(url, period_id or "") if draw else recount(url, period_id or ""))
    )


def head_of(text: str) -> Any:
    """A head as `verify` prints it, such as 44:9f0c..."""
    from foundation.audit_chain import ChainPosition

    sequence, _, digest = text.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and len(digest) == 64):
        raise Failed(f"{text} is no head; give one as `guichet verify` prints it, such as 44:9f0c...")
    return ChainPosition(int(sequence), digest)


@main.group()
def operator() -> None:
    """People who steer periods."""


@operator.command("add")
@click.argument("name")
@by
def operator_add(name: str, by: str | None) -> None:
    """Make an operator, or give one a new password, which ends their sessions.

    The password is asked for, or read from stdin when that is no terminal.
    """
    from accounts.staff import add_operator
    from foundation.clock import now_ms

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < 12:
        raise Failed("The password needs 12 characters or more.")
    on_database(lambda conn: add_operator(conn, name, password, now_ms(), commanding(by)))
    click.echo(f"Operator {name} can sign in.", err=True)


@main.group()
def accounts() -> None:
    """People who apply."""


@accounts.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--programme", default="demo", show_default=True, help="The programme of their drafts.")
@by
def accounts_import(file: Path, programme: str, by: str | None) -> None:
    """Make accounts with drafts from a CSV file; those that exist stay as they are.

    Columns: username, password, question-1, answer-1, question-2, answer-2 (question-3, answer-3), accommodation,
    created_at, and the draft's fields such as identity.family_name or training.diploma.
    """
    from accounts.acts import AccountAct
    from config.bulk_import import add_candidates, read_candidates
    from foundation.audit import record
    from foundation.clock import now_ms

    find_programme(programme)
    people = read_candidates(file)

    async def work(conn: AsyncConnection) -> int:
        added = await add_candidates(conn, people, programme, now_ms())
        await record(
            conn, commanding(by), AccountAct.ACCOUNTS_IMPORT, None, now_ms(),
            programme=programme, new=added, there=len(people) - added,
        )  # fmt: skip
        return added

    added = on_database(work, commanding(by))
    click.echo(f"{added} accounts are new, {len(people) - added} were there already.", err=True)


@accounts.command("grant")
@click.argument("username")
@click.argument("factor", type=float)
@click.option("--as", "actor", required=True, metavar="NAME", help="Who does it, for the audit log.")
def accounts_grant(username: str, factor: float, actor: str) -> None:
    """Grant an accommodation beforehand: the account's next token is FACTOR times as long, from 1 to 2."""
    from accounts.accommodations import grant
    from foundation.clock import now_ms

    who = commanding(actor)
    on_database(lambda conn: grant(conn, username, factor, who, now_ms()), who)
    click.echo(f"The next token of this account is {factor:g} times as long.", err=True)


@main.group()
def period() -> None:
    """An operator's moves, for scripts. `--as` is the actor in the audit log."""


def find_programme(id: str) -> Any:
    from config.settings import PROGRAMMES
    from quota.programmes import load_all

    programmes = load_all(variable("PROGRAMMES_DIR", os.environ) or PROGRAMMES)
    if id not in programmes:
        raise Failed(f"There is no programme {id}; there are: {', '.join(sorted(programmes))}.")
    return programmes[id]


def instant(text: str) -> int:
    from quota.periods import read_instant

    try:
        return read_instant(text)
    except ValueError as problem:
        raise Failed(
            f"{text} is not an instant ({problem}); give one such as 2026-06-13T08:30, Montréal time."
        ) from None


actor = click.option("--as", "actor", required=True, metavar="NAME", help="Who does it, for the audit log.")


def mode_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say who is first (docs/draw.md)."""
    for option in (
        click.option("--value-is", help="Names the public value of a draw beforehand. [the programme's]"),
        click.option("--entries-from", help="When entries of a draw begin. [the programme's]"),
        click.option("--mode", type=click.Choice(["fifo", "draw"]), help="Who is first. [the programme's]"),
    ):
        command = option(command)
    return command


def rule_of(options: dict[str, Any]) -> Any:
    """Takes those options out, as the rule they make."""
    from quota.draw import Rule

    mode, entries_from, value_is = (options.pop(name) for name in ("mode", "entries_from", "value_is"))
    return Rule(mode=mode, entries_from=instant(entries_from) if entries_from else None, value_is=value_is)


@period.command("create")
@click.argument("id")
@click.option("--programme", required=True)
@click.option("--opens-at", required=True, help="RFC 3339, or Montréal time such as 2026-06-13T08:30.")
@click.option("--closes-at", help="The same. [the programme's last day]")
@click.option("--cap", type=int, help="Places. [the programme's]")
@click.option("--calls-per-minute", type=int, help="Pace. [the programme's]")
@click.option("--most-live-tokens", type=int, help="[the programme's]")
@click.option("--token-seconds", type=int, help="[the programme's]")
@mode_options
@actor
def period_create(
    id: str, programme: str, opens_at: str, closes_at: str | None, cap: int | None, actor: str, **rules: Any
) -> None:
    """Make a draft of a period."""
    from foundation.clock import now_ms
    from quota import moves

    rules["rule"] = rule_of(rules)

    found = find_programme(programme)
    opens = instant(opens_at)
    closes = instant(closes_at) if closes_at else found.window.closes_after(opens)
    who = commanding(actor)

    async def work(conn: AsyncConnection) -> Any:
        return await moves.create(conn, found, id, opens, closes, cap, who, now_ms(), **rules)

    show(on_database(work, who))


def move_command(name: str, does: str) -> None:
    """Make the command of one move."""

    @period.command(name, help=does)
    @click.argument("id")
    @actor
    def run(id: str, actor: str) -> None:
        from foundation.clock import now_ms
        from quota import ledger, moves

        async def work(conn: AsyncConnection) -> Any:
            found = await ledger.period_by_id(conn, id)
            move = getattr(moves, name)
            if name == "announce":
                move = partial(move, notice_hours=find_programme(found.programme).window.notice_hours)
            return await move(conn, found.uid, commanding(actor), now_ms())

        show(on_database(work, commanding(actor)))


move_command("announce", "Publish it with its dates, cap and rules.")

move_command("arm", "Let the schedule open it at its instant.")

move_command("pause", "Stop calls and clocks; joins and submissions go on.")

move_command("resume", "End a pause or a suspension.")

move_command("suspend", "Stop calls, clocks and submissions.")

move_command("close", "End it; live tokens may finish.")


@period.command("mode")
@click.argument("id")
@mode_options
@actor
def period_mode(id: str, actor: str, **options: Any) -> None:
    """Say of a draft who is first; the announcement freezes it."""
    from foundation.clock import now_ms
    from quota import ledger, moves

    rule = rule_of(options)

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await moves.set_rule(
            conn, found.uid, find_programme(found.programme), rule, commanding(actor), now_ms()
        )

    show(on_database(work, commanding(actor)))


@period.command("value")
@click.argument("id")
@click.argument("text")
@actor
def period_value(id: str, text: str, actor: str) -> None:
    """Record the public value of a draw; what comes after the opening is final."""
    from foundation.clock import now_ms
    from quota import ledger, moves

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await moves.set_value(conn, found.uid, text, commanding(actor), now_ms())

    show(on_database(work, commanding(actor)))


@period.command("proof")
@click.argument("id")
@click.argument("asked", type=click.Choice(["on", "off"]))
@actor
def period_proof(id: str, asked: str, actor: str) -> None:
    """Ask for a proof of work with each number from now on, or no longer."""
    from foundation.clock import now_ms
    from quota import ledger, moves

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await moves.set_proof(conn, found.uid, asked == "on", commanding(actor), now_ms())

    show(on_database(work, commanding(actor)))


@period.command("show")
@click.argument("id", required=False)
def period_show(id: str | None) -> None:
    """Show one period, or all, a line of JSON each."""
    from quota import ledger, moves

    if id is not None:
        show(on_database(lambda conn: ledger.period_by_id(conn, id)))
        return
    for found in on_database(moves.every):
        show(found)


def show(found: Any) -> None:
    """One period as a line of JSON, instants in RFC 3339, without its keys."""
    import msgspec

    from foundation.clock import rfc3339

    row = {
        name: value
        for name, value in msgspec.structs.asdict(found).items()
        if name not in ("uid", "person_key")
    }
    for name in [name for name in row if (name.endswith("_at") or name == "entries_from") and row[name]]:
        row[name] = rfc3339(row[name])
    row["live_tokens"] = found.live_tokens
    click.echo(msgspec.json.encode(row).decode())
