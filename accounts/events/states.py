"""What an account goes through that a later look may ask about."""

from enum import StrEnum


class AccountEventKind(StrEnum):
    """Kinds of events of an account. Once written, a kind keeps its meaning."""

    MADE = "made"
    """The account was made."""
    CONFIRMED = "confirmed"
    """Its e-mail address was confirmed."""
    SIGN_IN = "sign_in"
    """Its owner signed in."""
    RECOVERY_ASKED = "recovery_asked"
    """Somebody who gave its e-mail address asked for a lost secret."""
    USERNAME_SHOWN = "username_shown"
    """The user name was shown behind a link of a mail."""
    PASSWORD_RENEWED = "password_renewed"  # noqa: S105  the name of an event
    """A lost password was replaced."""
    ANSWERS_RENEWED = "answers_renewed"
    """Lost questions and answers were replaced."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of an event
    """The password was changed by somebody who knew it."""
    ANSWERS_CHANGED = "answers_changed"
    """Questions and answers were changed by somebody who knew the password."""
    EMAIL_CHANGE_ASKED = "email_change_asked"
    """Another e-mail address was asked for; it waits."""
    EMAIL_CHANGE_CANCELLED = "email_change_cancelled"
    """The change was cancelled before it came true."""
    EMAIL_CHANGED = "email_changed"
    """The account has another e-mail address."""
    IDENTITY_CORRECTED = "identity_corrected"
    """An agent corrected the identity."""
    FACTOR_SET = "factor_set"
    """A second factor was set up."""
    FACTOR_REMOVED = "factor_removed"
    """The second factor was taken away."""
