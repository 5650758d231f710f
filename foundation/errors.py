"""The expected "no" of every package: a refusal is a value with a stable code."""

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every code of a refusal. Once published, a code keeps its meaning (P9)."""

    NO_TICKET = "no_ticket"
    """No ticket of this period came with the request."""
    NO_TOKEN = "no_token"  # noqa: S105  the name of a refusal
    """The number of this browser was never called."""
    NOT_SIGNED_IN = "not_signed_in"
    """Nobody is signed in in this browser."""
    NOT_ALLOWED = "not_allowed"
    """Signed in, but not in a role that may do this."""
    NOT_YOUR_ROLE = "not_your_role"
    """A member of staff, but in no role that may do this (P16)."""
    SECOND_FACTOR_MISSING = "second_factor_missing"
    """A member of staff who entered with a code of somebody else's, and has to set up a second factor first."""
    FOREIGN_ORIGIN = "foreign_origin"
    """A page of another site may be behind the request."""
    COOKIES_REFUSED = "cookies_refused"
    """The browser keeps no cookies, and this cannot go on without one."""
    DEVICE_REFUSED = "device_refused"
    """Not a personal computer (DV-01)."""
    PROOF_REQUIRED = "proof_required"
    """A proof of work is owed first (ADR 0012)."""
    ROOM_NOT_OPEN = "room_not_open"
    """Too early for a number, or for an entry."""
    PERIOD_CLOSED = "period_closed"
    """The period has ended."""
    QUOTA_REACHED = "quota_reached"
    """Every place is taken."""
    SUSPENDED = "suspended"
    """Submissions are stopped for now."""
    ANNULLED = "annulled"
    """The period was taken back, with everything in it."""
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  the name of a refusal
    """The ten minutes are over."""
    TOKEN_USED = "token_used"  # noqa: S105  the name of a refusal
    """The token is somebody else's, or has been used."""
    TOKEN_OTHER_BROWSER = "token_other_browser"  # noqa: S105  the name of a refusal
    """The token does not belong to the ticket beside it (P5)."""
    ACCOUNT_HAS_SUBMISSION = "account_has_submission"
    ACCOUNT_HAS_LIVE_TOKEN = "account_has_live_token"  # noqa: S105  the name of a refusal
    """One live token an account (P4)."""
    DUPLICATE_ACCOUNT = "duplicate_account"
    """This account has submitted in this period."""
    DUPLICATE_PERSON = "duplicate_person"
    """This person has submitted in this period (DU-01)."""
    ACCOUNT_TOO_RECENT = "account_too_recent"
    """The account was made too late for this period (WR-16)."""
    BAD_CREDENTIALS = "bad_credentials"
    """User name or password is wrong."""
    BAD_SECURITY_ANSWERS = "bad_security_answers"
    """An answer to a security question is wrong."""
    BAD_CODE = "bad_code"
    """The code of the second factor is wrong, was used, or is missing."""
    SESSION_ENDED = "session_ended"
    """The session has ended (WR-17)."""
    DRAFT_CHANGED = "draft_changed"
    """This section was saved elsewhere since it was read here; the answer has both texts' ground, `current`."""
    DRAFT_SUBMITTED = "draft_submitted"
    """What was filled in has been submitted, and is changed no more (DR-02)."""
    DRAFT_EXPIRED = "draft_expired"
    """The draft was kept for its time and is no longer good."""
    DRAFT_INCOMPLETE = "draft_incomplete"
    """Required fields are empty."""
    MODIFICATION_NOT_AVAILABLE = "modification_not_available"
    """The submission cannot be amended now; `ground` says why (PM-01, PM-02)."""
    CLAIM_PENDING = "claim_pending"
    """The account has a claim to an exempt stream already, which waits, was accepted or was used (EX-01)."""
    CLAIM_NOT_ACCEPTED = "claim_not_accepted"
    """No agent has accepted a claim of this account to this stream (EX-02)."""
    SIGNATURE_MISSING = "signature_missing"
    """The declaration is not ticked, or nobody signs."""
    REPRESENTATIVE_NOT_RECOGNISED = "representative_not_recognised"
    """Whoever signs for the candidate is no lawyer on their file (RP-01)."""
    USERNAME_TAKEN = "username_taken"
    """Somebody else has this user name."""
    EMAIL_ALREADY_USED = "email_already_used"
    """The address has an account: said to who reads its messages, and to nobody else."""
    REGISTRATION_CLOSED = "registration_closed"
    """No accounts are made for this programme now (AC-07)."""
    PASSWORD_WEAK = "password_weak"  # noqa: S105  the name of a refusal
    """The new password is one that is guessed."""
    LINK_EXPIRED = "link_expired"
    """The link or code of a message is past, or was never one."""
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    """The account is made when its address is confirmed, and it is not yet."""
    CONSULTANT_NOT_RECOGNISED = "consultant_not_recognised"
    """The register does not recognise this consultant (RP-05)."""
    REPRESENTATIVE_EXISTS = "representative_exists"
    """The candidate has a representative whose procuration has come; one at a time (RP-03)."""
    PRINT_NOT_AVAILABLE = "print_not_available"
    """An application is printed as a summary, once it is submitted and its fees are paid (DM-06)."""
    MOVE_NOT_ALLOWED = "move_not_allowed"
    """The life cycle has no such move from here."""
    ALREADY_DECIDED = "already_decided"
    """Somebody else has acted in this case since it was read."""
    REVIEW_PENDING = "review_pending"
    """Whether the account of this file was ceded is not decided yet: until then the file is not (DU-02)."""
    CONFLICT = "conflict"
    """Somebody else works in this file, or has acted in it since it was read; `changed` says what happened."""
    ACCOUNT_EXISTS_FOR_PERSON = "account_exists_for_person"
    """This account is linked as another one's duplicate, which counts (AC-03, DU-01)."""
    ACCOUNT_CEDED_REFUSED = "account_ceded_refused"
    """A person has decided that this account was ceded or sold (DU-02)."""
    PAYMENT_PENDING = "payment_pending"
    """A payment of this file is being verified, or waits for a decision: nobody is led to pay again."""
    ALREADY_PAID = "already_paid"
    """The fee of this file is paid."""
    PAYMENT_EXPIRED = "payment_expired"
    """The days to pay are over, or nothing is due for this file."""
    NOT_READY = "not_ready"
    """The installation is not ready for this act, and nobody went past that with a reason."""
    SECOND_PERSON_NEEDED = "second_person_needed"
    """A dangerous act takes two different people (P17)."""
    RETYPED_DIFFERENTLY = "retyped_differently"
    """What was typed again is not what was announced."""
    NO_RELEASED_PLACES = "no_released_places"
    """The programme keeps the places of unpaid applications closed, or so many are not left to offer again."""
    CHANGED_MEANWHILE = "changed_meanwhile"
    """Somebody else has changed it since it was read."""
    NOT_FOUND = "not_found"
    """There is no such thing, or not for this person."""
    BAD_REQUEST = "bad_request"
    """Not a request that anything can be made of."""
    MISDIRECTED = "misdirected"
    """Asked for another host than this service's."""
    INVALID = "invalid"
    """Some fields are wrong; the answer names them."""
    TOO_LARGE = "too_large"
    """The body is over the limit."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """Not with this method."""
    RATE_LIMITED = "rate_limited"
    """Too many in a short time; the answer says when to come back."""
    UNAVAILABLE = "unavailable"
    """Something we stand on does not answer; nothing was lost."""


class RefusalCause(StrEnum):
    """Why this refusal, where its code has several reasons with words of their own: the field `cause`."""

    SESSION_OF_ANOTHER = "session_of_another"
    """The account that is signed in in this browser is not the one that the token belongs to."""
    SUBMITTED_BY_ANOTHER = "submitted_by_another"
    """Another account has submitted with this token."""
    BOUND_TO_ANOTHER = "bound_to_another"
    """Another account has signed in with this token before."""


class Refusal(Exception):
    """An expected "no". `fields` go into the answer as they are; `cause` and `signed_in_as` have words of their own.

    Text, reason and remedy live in one table (`server/refusals.toml`), never here.
    """

    def __init__(self, code: Code, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


class Unavailable(Refusal):
    """A store did not answer in time. Nothing was lost; the same request may be repeated (fails closed)."""

    def __init__(self, store: str, retry_after: int = 2) -> None:
        super().__init__(Code.UNAVAILABLE, store=store, retry_after=retry_after)


class Stale(Exception):
    """The line in Redis or the period's row is of another epoch than the caller's: read again, maybe rebuild."""
