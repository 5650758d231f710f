"""`guichet period`: an operator's moves, for scripts."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands import kill_switch
from config.commands.arguments import actor, commanding, find_programme, instant
from config.commands.database import on_database
from quota.draw import Rule
from quota.states import Action, Mode


@click.group()
def period() -> None:
    """An operator's moves, for scripts. `--as` is the actor in the audit log."""


def mode_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say who is first (docs/draw.md)."""
    for option in (
        click.option("--value-is", help="Names the public value of a draw beforehand. [the programme's]"),
        click.option("--entries-from", help="When entries of a draw begin. [the programme's]"),
        click.option(
            "--mode", type=click.Choice([mode.value for mode in Mode]), help="Who is first. [the programme's]"
        ),
    ):
        command = option(command)
    return command


def rule_of(options: dict[str, Any]) -> Rule:
    """Takes those options out, as the rule they make."""
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


MOVES = {
    Action.ANNOUNCE: "Publish it with its dates, cap and rules.",
    Action.ARM: "Let the schedule open it at its instant.",
    Action.PAUSE: "Stop calls and clocks; joins and submissions go on.",
    Action.RESUME: "End a pause or a suspension.",
    Action.SUSPEND: "Stop calls, clocks and submissions.",
    Action.CLOSE: "End it; live tokens may finish.",
}
"""A command each, and what its help says."""


def move_command(action: Action, does: str) -> None:
    """Make the command of one move."""

    @period.command(action.value, help=does)
    @click.argument("id")
    @actor
    def run(id: str, actor: str) -> None:
        from foundation.clock import now_ms
        from quota import ledger, moves

        async def work(conn: AsyncConnection) -> Any:
            found = await ledger.period_by_id(conn, id)
            move = getattr(moves, action.value)
            if action is Action.ANNOUNCE:
                move = partial(move, notice_hours=find_programme(found.programme).window.notice_hours)
            return await move(conn, found.uid, commanding(actor), now_ms())

        show(on_database(work, commanding(actor)))


for action, does in MOVES.items():
    move_command(action, does)


@period.command("stop")
@click.argument("id")
@click.option("--reason", help="Why, for the audit log.")
@actor
def period_stop(id: str, reason: str | None, actor: str) -> None:
    """The kill switch: no call and no submission from now on, also with SQL or Redis away."""
    kill_switch.stop(id, actor, reason)


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
