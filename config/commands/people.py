"""`guichet operator` and `guichet accounts`: people who steer, and people who apply."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from accounts.candidates import LONGEST_SECRET
from accounts.roles import STAFF, Role
from config.commands.arguments import actor, by, commanding, find_programme, forms
from config.commands.database import on_database
from config.failures import Failed
from config.settings import secret_keys
from foundation.audit import Actor
from quota import periods as quota_periods

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from config.bulk_import import CandidateCiphers

SHORTEST_PASSWORD = 12
"""Characters of an operator's password."""

ADMINISTERING = (Role.ADMINISTRATOR,)
"""Who grants roles and ends them; an installation's first roles are granted by nobody yet (`command-line`)."""

CONFIRMED_BY = "an administrator or an approver confirms it at /personnel/membres, within a day."

why = click.option("--reason", metavar="TEXT", help="Why, for who confirms it and for the audit.")

A_ROLE = click.Choice([str(role) for role in STAFF])


@click.group()
def operator() -> None:
    """Staff: people who steer periods, handle files, register mail, audit."""


@operator.command("add")
@click.argument("name")
@click.option("--role", "given", type=A_ROLE, multiple=True, help="Their roles. [operator]")
@click.option(
    "--totp", is_flag=True, help="With a second factor: prints its secret, once. Needs SECRET_KEYS."
)
@why
@by
def operator_add(name: str, given: tuple[str, ...], totp: bool, reason: str | None, by: str | None) -> None:
    """Make an operator, or staff of other roles. One who exists stays as they are; one who was removed is made anew.

    The password is asked for, or read from stdin when that is no terminal. Roles as by `grant`.
    """
    from accounts.operators.commanded import add
    from foundation.clock import now_ms

    factor, password = (new_factor(name) if totp else None), typed_password()
    stored = None if factor is None else factor.stored
    who, granted = commanding(by), tuple(map(Role, given)) or (Role.OPERATOR,)
    may = (Role.OPERATOR, Role.ADMINISTRATOR) if granted == (Role.OPERATOR,) else ADMINISTERING
    asked = on_database(
        lambda conn: add(conn, name, password, granted, now_ms(), who, totp_secret=stored, reason=reason),
        who,
        may,
    )
    if asked != granted:
        click.echo(f"{granted[0].capitalize()} {name} can sign in.", err=True)
    if asked:
        click.echo(f"{name} does not hold {' and '.join(asked)} yet: {CONFIRMED_BY}", err=True)
    if factor is not None:
        show_factor(factor)


@operator.command("password")
@click.argument("name")
@by
def operator_password(name: str, by: str | None) -> None:
    """Give an operator a new password, which ends their sessions. It is read as by `add`."""
    from accounts.staff import set_password
    from foundation.clock import now_ms

    password, who = typed_password(), commanding(by)
    on_database(lambda conn: set_password(conn, name, password, now_ms(), who), who)
    click.echo(f"Operator {name} has a new password, and is signed out everywhere.", err=True)


@operator.command("totp")
@click.argument("name")
@click.option("--off", is_flag=True, help="Take the second factor away.")
@click.option(
    "--entry",
    is_flag=True,
    help="Take it away and print a code to enter once with: they set up the next one.",
)
@by
def operator_totp(name: str, off: bool, entry: bool, by: str | None) -> None:
    """Give an operator a new second factor, which ends their sessions; prints its secret, once. Needs SECRET_KEYS."""
    from accounts.staff import set_totp
    from foundation.clock import now_ms

    if off and entry:
        raise Failed(
            "Give --off or --entry, not both: either nothing is asked for, or they set up the next one."
        )
    if entry:
        enter_once(name, commanding(by))
        return
    factor = None if off else new_factor(name)
    stored = None if factor is None else factor.stored
    who = commanding(by)
    on_database(lambda conn: set_totp(conn, name, stored, now_ms(), who), who)
    told = "has no second factor any more" if factor is None else "has a new second factor"
    click.echo(f"Operator {name} {told}, and is signed out everywhere.", err=True)
    if factor is not None:
        show_factor(factor)


def enter_once(name: str, who: Actor) -> None:
    """Take somebody's second factor away and print the code with which they enter once. Raises Failed."""
    from accounts import staff
    from accounts.operators import enrolment, factor
    from accounts.registration import codes
    from accounts.second_factor import totp
    from foundation.clock import now_ms

    cipher = totp.cipher(secret_keys(os.environ))

    async def write(conn: "AsyncConnection") -> str:
        member = await staff.existing(conn, name)
        return await enrolment.reset(conn, cipher, member.id, now_ms(), who)

    code = on_database(write, who)
    days = factor.ENTRY_LASTS_MS // 86_400_000
    click.echo(
        f"Operator {name} has no second factor, and is signed out everywhere. With their password this code lets them "
        f"in once, within {days} days, to set up another one; it is not shown again:",
        err=True,
    )
    click.echo(codes.shown(code))


@operator.command("remove")
@click.argument("name")
@by
def operator_remove(name: str, by: str | None) -> None:
    """Take an operator off: their sessions and roles end, and what they did stays in the audit under their name."""
    from accounts.staff import remove
    from foundation.clock import now_ms

    who = commanding(by)
    on_database(lambda conn: remove(conn, name, now_ms(), who), who)
    click.echo(f"Operator {name} cannot sign in any more.", err=True)


@operator.command("grant")
@click.argument("name")
@click.argument("role", type=A_ROLE)
@why
@by
def operator_grant(name: str, role: str, reason: str | None, by: str | None) -> None:
    """Grant a member of staff a role, or ask for it. `--as` names an administrator, and never oneself.

    An agent's, operator's, approver's or administrator's takes a second person, who confirms it at
    /personnel/membres; it is granted at once only while nobody there could.
    """
    from accounts.operators.commanded import grant
    from foundation.clock import now_ms

    who = commanding(by)
    granted = on_database(
        lambda conn: grant(conn, name, Role(role), now_ms(), who, reason), who, ADMINISTERING
    )
    told = f"holds the role {role}." if granted else f"does not hold the role {role} yet: {CONFIRMED_BY}"
    click.echo(f"{name} {told}", err=True)


@operator.command("end")
@click.argument("name")
@click.argument("role", type=A_ROLE)
@by
def operator_end(name: str, role: str, by: str | None) -> None:
    """End a role of a member of staff, from this moment on, or take back what was asked for. `--as` as for `grant`."""
    from accounts.operators.commanded import end
    from foundation.clock import now_ms

    who = commanding(by)
    on_database(lambda conn: end(conn, name, Role(role), now_ms(), who), who, ADMINISTERING)
    click.echo(f"{name} does not hold the role {role} any more.", err=True)


@operator.command("list")
@click.option("--removed", is_flag=True, help="Those who were removed, too.")
def operator_list(removed: bool) -> None:
    """Show every operator, a line of JSON each: roles, second factor, last sign-in, sessions."""
    import msgspec

    from accounts.staff import listed
    from foundation.clock import now_ms, rfc3339

    for member in on_database(lambda conn: listed(conn, now_ms(), removed=removed)):
        row = msgspec.structs.asdict(member)
        del row["id"]
        for name in ("created_at", "last_sign_in_at", "removed_at"):
            row[name] = row[name] and rfc3339(row[name])
        click.echo(msgspec.json.encode(row).decode())


def typed_password() -> str:
    """An operator's password, asked for, or read from stdin when that is no terminal. Raises Failed."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise Failed(f"The password needs {SHORTEST_PASSWORD} characters or more.")
    if len(password) > LONGEST_SECRET:
        raise Failed(f"The password has more than {LONGEST_SECRET} characters: nobody could sign in with it.")
    return str(password)


class NewFactor(NamedTuple):
    """A second factor that was just made: what is shown once, and what is stored."""

    secret: str
    uri: str
    stored: str


def new_factor(name: str) -> NewFactor:
    """A second factor for the operator of this name. Raises WrongSetting without good SECRET_KEYS."""
    from accounts.identities import known_as
    from accounts.second_factor import totp

    username, secret = known_as(name), totp.new()
    stored = totp.cipher(secret_keys(os.environ)).encrypt(secret, totp.field(username))
    return NewFactor(secret, totp.uri(secret, username), stored)


def show_factor(factor: NewFactor) -> None:
    """The secret on stdout, for the operator's authenticator; it is never shown again."""
    click.echo("Type this into an authenticator now; it is not shown again:", err=True)
    click.echo(factor.secret)
    click.echo(factor.uri)


@click.group()
def accounts() -> None:
    """People who apply."""


@accounts.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--programme", required=True, help="The programme of their drafts.")
@click.option("--check", is_flag=True, help="Only tell what is wrong and what would be done.")
@by
def accounts_import(file: Path, programme: str, check: bool, by: str | None) -> None:
    """Make accounts with drafts from a CSV file: if every row of it is right, otherwise nothing and exit status 1.

    Accounts that exist stay as they are, and get the draft of the programme that they lack; so the same command goes
    on where it was interrupted. Columns: username,
    password, question-1, answer-1, question-2, answer-2 (question-3, answer-3), accommodation, created_at, and the
    draft's fields such as identity.family_name or training.diploma; password_hash and answers_hash instead of the
    secrets. UTF-8; comma, semicolon or tab. Needs SECRET_KEYS: drafts are encrypted.
    """
    from config import bulk_import
    from config.commands import account_files
    from foundation.clock import now_ms
    from submission.drafts.evaluated import newest_form

    found, who, ciphers = find_programme(programme), commanding(by), candidate_ciphers()
    known, now = forms(), now_ms()
    target = bulk_import.ImportTarget(found.id, newest_form(known, found.id, found.draft, now))
    people = account_files.checked(file, ciphers, target, who, check=check)
    if not check:
        added = account_files.write(people, ciphers, target, who)
        click.echo(bulk_import.outcome(added, found.id, check=False), err=True)
    for line in on_database(lambda conn: bulk_import.readiness_lines(conn, ciphers.drafts, known, found)):
        click.echo(line)


@accounts.command("grant")
@click.argument("username")
@click.argument("factor", type=float)
@actor
def accounts_grant(username: str, factor: float, actor: str) -> None:
    """Grant an accommodation beforehand: the account's next token is FACTOR times as long, from 1 to 2."""
    from accounts.accommodations import grant
    from foundation.clock import now_ms

    who = commanding(actor)
    on_database(lambda conn: grant(conn, username, factor, who, now_ms()), who)
    click.echo(f"The next token of this account is {factor:g} times as long.", err=True)


@accounts.command("encrypt")
@by
def accounts_encrypt(by: str | None) -> None:
    """Encrypt what is about people by the newest of SECRET_KEYS: identities of earlier releases, and what an older key
    wrote; and what was signed. People go on working; it may be stopped and begun again at any time."""
    from config.commands.keys import seal_accounts, seal_signatures

    who = commanding(by)
    seal_accounts(who, candidate_ciphers().personal)
    seal_signatures(who)


@accounts.group("synthetic")
def synthetic_accounts() -> None:
    """Invented people for a load test of this instance."""


@synthetic_accounts.command("add")
@click.argument("count", type=click.IntRange(1, 100_000))
@click.option("--programme", required=True, help="The programme of their drafts.")
@click.option("--prefix", default="load-", show_default=True, help="What their user names begin with.")
@click.option("--created-at", metavar="INSTANT", help="Since when the accounts exist. [now]")
@by
def synthetic_add(count: int, programme: str, prefix: str, created_at: str | None, by: str | None) -> None:
    """Make COUNT accounts with complete drafts, one password for all, numbered on from those that there are.

    Prints them as a line of JSON on stdout, once, as --accounts-file of `guichet rehearse` and of Locust takes it.
    Needs SECRET_KEYS: drafts are encrypted.
    """
    import msgspec

    from config import bulk_import
    from config.demo import synthetic
    from foundation.clock import now_ms
    from submission.drafts.evaluated import newest_form

    found, who, now, ciphers = find_programme(programme), commanding(by), now_ms(), candidate_ciphers()
    begins, known = synthetic.checked(prefix), forms()
    target = bulk_import.ImportTarget(found.id, newest_form(known, found.id, found.draft, now))
    made_at = now if created_at is None else past_instant(created_at, now)
    made = on_database(
        lambda conn: synthetic.add(conn, ciphers, count, target, begins, who, now, made_at), who
    )
    click.echo(msgspec.json.encode(made).decode())
    for line in on_database(lambda conn: bulk_import.readiness_lines(conn, ciphers.drafts, known, found)):
        click.echo(line, err=True)


@synthetic_accounts.command("remove")
@click.option("--prefix", default="load-", show_default=True, help="What their user names begin with.")
@by
def synthetic_remove(prefix: str, by: str | None) -> None:
    """Take such accounts away with their sessions and drafts: never one that has submitted, nor anybody else's."""
    import msgspec

    from config.demo import synthetic
    from foundation.clock import now_ms

    who, begins, personal = commanding(by), synthetic.checked(prefix), candidate_ciphers().personal
    found = on_database(lambda conn: synthetic.remove(conn, personal, begins, who, now_ms()), who)
    click.echo(msgspec.json.encode(found).decode())
    click.echo(
        f"{found.removed} accounts were removed. {found.submitted} stay, as they have submitted; {found.called} stay "
        f"until their turn is over; {found.others} are called alike, and are no invented people.",
        err=True,
    )


def candidate_ciphers() -> "CandidateCiphers":
    """What encrypts what is about people, and what they fill in. Raises WrongSetting without good SECRET_KEYS."""
    from config.bulk_import import ciphers_of

    return ciphers_of(secret_keys(os.environ))


def past_instant(text: str, now: int) -> int:
    """An instant that was typed and is not to come. Raises Failed."""
    try:
        at = quota_periods.read_instant(text)
    except (ValueError, OverflowError):
        at = now + 1
    if not 0 < at <= now:
        raise Failed("--created-at is an instant of the past, such as 2016-01-01T00:00:00-05:00.")
    return at
