"""`guichet period`: an operator's moves, for scripts."""

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from config.commands import kill_switch, readiness
from config.commands.arguments import actor, closing, commanding, find_programme, instant, opening
from config.commands.database import on_database
from config.failures import Failed
from quota.draw import Rule
from quota.programmes import Programme
from quota.states import Action, Mode
from quota.store import Period


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


INSTANT = "RFC 3339, or Montréal time such as 2026-06-15T08:30; a date alone is the programme's hour."

seen = click.option(
    "--version", type=int, help="The version that was shown; a period that went on since is refused."
)
"""What an operator saw when they decided (optimistic lock)."""


def draft_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a draft is."""
    for option in (
        click.option("--reason", help="Why it is unusual, where it is; on the record."),
        click.option("--token-seconds", type=int, help="[the programme's]"),
        click.option("--most-live-tokens", type=int, help="[the programme's]"),
        click.option("--calls-per-minute", type=int, help="Pace. [the programme's]"),
        click.option("--cap", type=int, help="Places. [the programme's]"),
        click.option("--closes-at", help="The same. [the programme's last day]"),
    ):
        command = option(command)
    return mode_options(command)


@period.command("create")
@click.argument("id")
@click.option("--programme", required=True)
@click.option("--opens-at", required=True, help=INSTANT)
@draft_options
@click.option(
    "--from-released", is_flag=True, help="Offer the places of unpaid applications again; without --cap all."
)
@actor
def period_create(
    id: str, programme: str, opens_at: str, closes_at: str | None, cap: int | None, actor: str, **rules: Any
) -> None:
    """Make a draft of a period."""
    from casework.payments.counts import deleted_unpaid
    from foundation.clock import now_ms
    from quota.moves import preparing

    rules["rule"] = rule_of(rules)
    found = find_programme(programme)
    opens = opening(opens_at, found.window)
    closes = closing(closes_at, found.window) if closes_at else found.window.closes_after(opens)
    who = commanding(actor)

    async def work(conn: AsyncConnection) -> Any:
        return await preparing.create(
            conn, found, id, opens, closes, cap, who, now_ms(), count_deleted=deleted_unpaid, **rules
        )

    show(on_database(work, who))


@period.command("correct")
@click.argument("id")
@click.option("--opens-at", help=INSTANT)
@draft_options
@seen
@actor
def period_correct(
    id: str,
    opens_at: str | None,
    closes_at: str | None,
    version: int | None,
    reason: str | None,
    actor: str,
    **values: Any,
) -> None:
    """Change a draft; what is left out stays."""
    from casework.payments.counts import deleted_unpaid
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import preparing
    from quota.period_bounds import DraftChange

    rule = rule_of(values)

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        programme = announced_programme(found)
        opens = opening(opens_at, programme.window) if opens_at else None
        closes = closing(closes_at, programme.window) if closes_at else None
        change = DraftChange(opens_at=opens, closes_at=closes, rule=rule, **values)
        who, now = commanding(actor), now_ms()
        return await preparing.correct(
            conn, found.uid, programme, change, who, now, version=version, reason=reason,
            count_deleted=deleted_unpaid,
        )  # fmt: skip

    show(on_database(work, commanding(actor)))


@period.command("remove")
@click.argument("id")
@seen
@actor
def period_remove(id: str, version: int | None, actor: str) -> None:
    """Take a draft away; the record keeps what it said."""
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import preparing

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        await preparing.remove(conn, found.uid, commanding(actor), now_ms(), version)
        return found

    show(on_database(work, commanding(actor)))


@period.command("arm")
@click.argument("id")
@click.option("--cap", type=int, required=True, help="The announced places, typed again.")
@click.option("--opens-at", required=True, help="The announced opening, typed again. " + INSTANT)
@readiness.override
@seen
@actor
def period_arm(
    id: str, cap: int, opens_at: str, version: int | None, override_reason: str | None, actor: str
) -> None:
    """Let the schedule open it at its instant: a second person, who types cap and opening again."""
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import operating

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        retyped = operating.Retyped(cap, opening(opens_at, announced_programme(found).window))
        return await operating.arm(conn, found.uid, retyped, who, now_ms(), version)

    who = commanding(actor)
    show(on_database(readiness.gated(id, Action.ARM, override_reason, work, who), who))


@period.command("annul")
@click.argument("id")
@click.option("--reason", help="Everybody is told; a second person may leave it out.")
@actor
def period_annul(id: str, reason: str | None, actor: str) -> None:
    """Take a period back with all that was accepted in it; two people once it is over or full."""
    from foundation.clock import now_ms
    from quota import annulment, ledger
    from submission.annulment import void

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await annulment.annul(conn, found.uid, reason, commanding(actor), now_ms(), void)

    # What the first of two people asks for is kept: its refusal comes after the commit.
    show(on_database(work, commanding(actor)).done())


MOVES = {
    Action.ANNOUNCE: "Publish it with its dates, cap and rules.",
    Action.DISARM: "Go back to announced, before the opening.",
    Action.PAUSE: "Stop calls and clocks; joins and submissions go on.",
    Action.RESUME: "End a pause or a suspension; after a suspension people get a notice.",
    Action.SUSPEND: "Stop calls, clocks and submissions.",
    Action.CLOSE: "End it; live tokens may finish, unless it is suspended.",
}
"""A command each, and what its help says."""


def move_command(action: Action, does: str) -> None:
    """Make the command of one move."""

    def run(id: str, actor: str, override_reason: str | None = None, **options: Any) -> None:
        from casework.payments.counts import deleted_unpaid
        from foundation.clock import now_ms
        from quota import ledger
        from quota.moves import operating, preparing

        async def work(conn: AsyncConnection) -> Any:
            found = await ledger.period_by_id(conn, id)
            move = getattr(preparing if action is Action.ANNOUNCE else operating, action.value)
            given = (found.uid, announced_programme(found)) if action is Action.ANNOUNCE else (found.uid,)
            return await move(conn, *given, who, now_ms(), **options)

        who, step = commanding(actor), work
        is_gated = action is Action.ANNOUNCE
        if is_gated:
            options["count_deleted"] = deleted_unpaid
        show(on_database(readiness.gated(id, action, override_reason, step, who) if is_gated else step, who))

    command = actor(run)
    if action is Action.ANNOUNCE:
        command = readiness.override(command)
    if action is Action.RESUME:
        command = click.option("--notice", help="What people are told. [a standard sentence]")(command)
    period.command(action.value, help=does)(click.argument("id")(command))


for action, does in MOVES.items():
    move_command(action, does)


@period.command("stop")
@click.argument("id")
@click.option("--reason", help="Why, for the audit log.")
@actor
def period_stop(id: str, reason: str | None, actor: str) -> None:
    """The kill switch: no call and no submission from now on, also with SQL or Redis away."""
    kill_switch.stop(id, actor, reason)


def announced_programme(found: Period) -> Programme:
    """The programme of a period, from the files of this shell. Raises Failed where they are not those with which it was
    announced: fails closed."""
    from quota import frozen_rules

    programme = find_programme(found.programme)
    if frozen_rules.differs(found, {programme.id: programme}):
        raise Failed(
            f"The rules of the programme {found.programme} here are not those with which {found.id} was announced: "
            "look at PROGRAMMES_DIR."
        )
    return programme


@period.command("check")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="The same as one line of JSON.")
def period_check(id: str, as_json: bool) -> None:
    """Say what will happen, and whether this installation is ready for it; exit status 1 when it is not."""
    readiness.check(id, as_json)


@period.command("mode")
@click.argument("id")
@mode_options
@actor
def period_mode(id: str, actor: str, **options: Any) -> None:
    """Say of a draft who is first; the announcement freezes it."""
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import preparing

    rule = rule_of(options)

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await preparing.set_rule(
            conn, found.uid, announced_programme(found), rule, commanding(actor), now_ms()
        )

    show(on_database(work, commanding(actor)))


@period.command("value")
@click.argument("id")
@click.argument("text")
@actor
def period_value(id: str, text: str, actor: str) -> None:
    """Record the public value of a draw; what comes after the opening is final."""
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import operating

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await operating.set_value(conn, found.uid, text, commanding(actor), now_ms())

    show(on_database(work, commanding(actor)))


@period.command("proof")
@click.argument("id")
@click.argument("asked", type=click.Choice(["on", "off"]))
@actor
def period_proof(id: str, asked: str, actor: str) -> None:
    """Ask for a proof of work with each number from now on, or no longer."""
    from foundation.clock import now_ms
    from quota import ledger
    from quota.moves import operating

    async def work(conn: AsyncConnection) -> Any:
        found = await ledger.period_by_id(conn, id)
        return await operating.set_proof(conn, found.uid, asked == "on", commanding(actor), now_ms())

    show(on_database(work, commanding(actor)))


@period.command("released")
@click.argument("programme")
def period_released(programme: str) -> None:
    """Show the balance of places that unpaid applications of a programme released, as a line of JSON."""
    import msgspec

    from casework.payments.counts import deleted_unpaid
    from quota.released import places

    found = find_programme(programme)
    balance = on_database(lambda conn: places.balance(conn, found.id, deleted_unpaid))
    shown = {"on_unpaid": found.payment.on_unpaid} | places.described(balance)
    click.echo(msgspec.json.encode(shown).decode())


@period.command("show")
@click.argument("id", required=False)
def period_show(id: str | None) -> None:
    """Show one period, or all, a line of JSON each."""
    from quota import ledger

    if id is not None:
        show(on_database(lambda conn: ledger.period_by_id(conn, id)))
        return
    for found in on_database(ledger.every):
        show(found)


def show(found: Any) -> None:
    """One period as a line of JSON, instants in RFC 3339 and in Montréal time with their weekday, without its keys."""
    import msgspec

    from foundation.clock import rfc3339
    from server.rendering.templating import weekday_instant

    row = {
        name: value
        for name, value in msgspec.structs.asdict(found).items()
        if name not in ("uid", "person_key", "rules", "version", "edit_version")
    }
    for name in [name for name in row if (name.endswith("_at") or name == "entries_from") and row[name]]:
        row[f"{name}_local"] = weekday_instant(row[name])
        row[name] = rfc3339(row[name])
    row["live_tokens"] = found.live_tokens
    row["version"] = found.edit_version
    click.echo(msgspec.json.encode(row).decode())
