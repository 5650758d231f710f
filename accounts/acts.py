"""What accounts and staff leave in the audit."""

from enum import StrEnum


class AccountAct(StrEnum):
    """Acts in the audit that are about accounts and staff. Once recorded, an act keeps its meaning."""

    SIGN_IN = "sign_in"
    """A member of staff signed in."""
    SIGN_OUT = "sign_out"
    """A member of staff ended their session."""
    SIGN_IN_FAILED = "sign_in_failed"
    """A try at staff's sign-in that was refused: `detail` has the code. Where it says `more`, so many more in the
    minute that began at `since` (`accounts/attempts/failures.py`)."""
    OPERATOR_ADD = "operator_add"
    """An operator was made, or made anew after a removal (`is_new` says which); `after` has the roles that were granted
    with it. Until 0008 also: was given a new password."""
    OPERATOR_PASSWORD = "operator_password"  # noqa: S105  the name of an act
    """An operator was given a new password, which ended as many sessions as `before` says; or changed their own, and
    `detail` says how many sessions elsewhere that ended."""
    OPERATOR_TOTP = "operator_totp"
    """An operator was given another second factor, or none, or set up their own; `before` and `after` say whether there
    is one. `entry_code`: somebody else took it away and gave them a code to enter once with."""
    OPERATOR_REMOVE = "operator_remove"
    """An operator was removed; `before` has the roles and sessions that were ended."""
    ROLE_GRANT = "role_grant"
    """A member of staff was granted a role; `before` and `after` have those that they hold. `asked_by` is who asked
    for it, where it took two."""
    ROLE_ASK = "role_ask"
    """A role was asked for a member of staff, which takes a second person; `detail` has it. Nothing is granted yet."""
    ROLE_WITHDRAW = "role_withdraw"
    """Who had asked for a role took it back before anybody confirmed it; `detail` has it."""
    ROLE_DECLINE = "role_decline"
    """A second person said no to a role that somebody had asked for; `detail` has it, and who asked."""
    ROLE_END = "role_end"
    """A role of a member of staff was ended; `before` and `after` have those that they hold."""
    ACCOUNTS_IMPORT = "accounts_import"
    """Accounts were made from a file; `detail` says how many."""
    KEYS_ROTATE = "keys_rotate"
    """What older keys had encrypted was encrypted anew; `detail` says how many rows."""
    SYNTHETIC_ADD = "synthetic_add"
    """Invented people were given accounts, for a load test; `detail` says how they are called and how many."""
    SYNTHETIC_REMOVE = "synthetic_remove"
    """Such accounts were taken away; `detail` says how many, and how many stay."""
    PASSWORD_CHANGE = "password_change"  # noqa: S105  the name of an act
    """A candidate changed their password; `detail` has how many sessions that ended."""
    ANSWERS_CHANGE = "answers_change"
    """A candidate changed their security questions; `detail` as above."""
    ADDRESS_CHANGE = "address_change"
    """A candidate changed their home address."""
    IDENTITY_CHANGE = "identity_change"
    """A candidate corrected their identity while registration was open; `detail` names the fields."""
    IDENTITY_CORRECTION = "identity_correction"
    """An agent corrected a candidate's identity, with a reason; `detail` names the fields."""
    SESSIONS_END = "sessions_end"
    """A candidate ended their sessions in other browsers."""
    ACCOUNTS_ENCRYPT = "accounts_encrypt"
    """Personal data of accounts was encrypted by the newest key; `detail` says of how many."""
    BOUNCES_TAKE = "bounces_take"
    """A notification that a mail of ours came back for good was taken."""
    GRANT = "grant"
    """An account was granted an accommodation; `before` and `after` have it."""
    ACCOUNT_DELETE = "account_delete"
    """An account without a submission was erased at its owner's word; nothing else of it is left."""
    RECOVERY_LINK = "recovery_link"
    """A link for a lost secret was mailed to an account's address; `detail` says which secret."""
    SECRET_RENEWED = "secret_renewed"  # noqa: S105  the name of an act
    """A lost secret was shown or replaced behind such a link; `detail` says which."""
    EMAIL_CHANGE = "email_change"
    """An account has another e-mail address; `detail` says whether it waited, or an agent changed it at once."""
    FACTOR_CHANGE = "factor_change"
    """A candidate set up a second factor or took it away; `after` says whether there is one."""
