"""An operator's sign-in: user name, password, and the code of their second factor where they have one."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions, staff
from accounts.attempts import failures
from accounts.attempts.challenge import Challenge, CountedAttempt, prove
from accounts.attempts.throttling import Slowdown
from accounts.identities import known_as, spellings
from accounts.normalisation import TypedSecret, typed_password
from accounts.operators import factor, names
from accounts.passwords import HashingLane
from accounts.second_factor import totp
from accounts.second_factor.proof import UsedCode
from accounts.services import AccountServices
from accounts.sessions import SignedIn
from accounts.staff import StaffMember
from accounts.states import SessionRole, StaffTotp
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.requests import Incoming


async def sign_in_operator(
    services: AccountServices, came: Incoming, username: str, password: str, code: str | None = None
) -> SignedIn:
    """Sign an operator in. Refusals rate_limited and bad_credentials, both on the record; Unavailable.

    A wrong, used or missing code is refused as a wrong password is, and counts as one.
    """
    stored_as, username, role = spellings(username), known_as(username), SessionRole.OPERATOR

    def used(member: StaffMember) -> UsedCode | None:
        """What the code that was typed uses up; None for a wrong one, and where there is no second factor."""
        return factor.match(services, member, code, now_ms()) if member.has_factor else None

    async def find(conn: AsyncConnection) -> StaffMember | None:
        """Nobody under a reserved name, even where an earlier release gave it to somebody: what they do would read as
        the service's."""
        if names.is_reserved(username):
            return None
        found = [await staff.by_username(conn, name) for name in stored_as]
        return next((member for member in found if member is not None), None)

    # Hashes of earlier releases are of what was typed: staff are few, so both forms are right until a new password.
    typed = typed_password(password, counts=True)

    def pairs(member: StaffMember | None) -> Sequence[tuple[str | None, TypedSecret]]:
        return ((None if member is None else member.password_hash, typed),)

    def proved(member: StaffMember) -> bool:
        if not member.has_factor:
            return services.staff_totp is not StaffTotp.REQUIRED
        return used(member) is not None

    async def reserve(conn: AsyncConnection, member: StaffMember | None) -> str | None:
        """A right code comes from the owner's telephone, so it has tries that no stranger can use up."""
        return None if member is None or used(member) is None else f"code {member.id}"

    async def failed(conn: AsyncConnection, knew_password: bool) -> None:
        detail = {"knew_password": True} if knew_password else {}
        await failures.record(conn, username, Code.BAD_CREDENTIALS, now_ms(), **detail)

    async def begin(
        conn: AsyncConnection, member: StaffMember, counted: CountedAttempt[StaffMember]
    ) -> SignedIn:
        await _keep(conn, services, member, used(member))
        owner = sessions.Owner(role=role, id=member.id, username=member.username)
        return await sessions.begin(
            conn, services, came, owner, sessions.LASTS_MS[role], own_tries=counted.own
        )

    challenge = Challenge[StaffMember](
        role=role,
        name=sessions.known_name(role, username),
        slowdown=Slowdown.SHARED,
        lane=HashingLane.STAFF,
        find=find,
        id=lambda member: member.id,
        pairs=pairs,
        refusals=(Code.BAD_CREDENTIALS,),
        reserve=reserve,
        factor=proved,
        failed=failed,
    )
    try:
        return await prove(services, came, challenge, begin)
    except Refusal as refusal:
        if refusal.code == Code.RATE_LIMITED:
            await services.db.write(lambda conn: failures.record(conn, username, Code.RATE_LIMITED, now_ms()))
        raise


async def _keep(
    conn: AsyncConnection, services: AccountServices, member: StaffMember, used: UsedCode | None
) -> None:
    """Write down that they signed in, and with which code.

    Refusal bad_credentials where the row has changed since it was read: the code was taken by another request, the
    operator removed, the password or the second factor renewed, all of which end sessions, so none may begin after it.
    """
    values: dict[str, object] = {"last_sign_in_at": now_ms()}
    secret = factor.secret_of(services, member)
    if (
        member.totp_secret is not None
        and secret is not None
        and not services.totp.is_newest(member.totp_secret)
    ):
        values["totp_secret"] = services.totp.encrypt(secret, totp.field(member.username))
    if not await factor.use(conn, services, member, used, values):
        raise Refusal(Code.BAD_CREDENTIALS)
