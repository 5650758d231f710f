"""What a client sees of the service and what becomes of a journey, as enumerations.

These are the client's own: the load tests know the service by its contract only (`docs/contract.md`). A test holds
them equal to the service's.
"""

from enum import StrEnum


class PlaceState(StrEnum):
    """The state of a number, or of an entry, as a client is told it."""

    ENTERED = "entered"
    """In mode draw: an entry, until the order is drawn."""
    LATE = "late"
    """In mode draw: an entry that owed its proof when the entries were counted."""
    WAITING = "waiting"
    """In line."""
    CALLED = "called"
    """It has a token."""
    REDEEMED = "redeemed"
    """An account has signed in with the token."""
    SUBMITTED = "submitted"
    """Its submission was accepted."""
    LAPSED = "lapsed"
    """The token's time ended unused."""
    LEFT = "left"
    """Given up, or the token given back."""
    DRAINED = "drained"
    """Every place is taken, or the period has closed."""


LIVE = frozenset({PlaceState.CALLED, PlaceState.REDEEMED})
"""A token works."""


class FeedEvent(StrEnum):
    """The `type` of a frame of the live feed."""

    POSITION = "position"
    """A new position, and nothing else that is new."""
    CALLED = "called"
    """It has a token now."""
    REDEEMED = "redeemed"
    """The token is an account's."""
    SUBMITTED = "submitted"
    """The submission was accepted."""
    LAPSED = "lapsed"
    """The token's time is over."""
    LEFT = "left"
    """The number was given up."""
    NOTICE = "notice"
    """The operators' message has changed."""
    PAUSED = "paused"
    """Calls have stopped."""
    RESUMED = "resumed"
    """Calls go on."""
    DRAINED = "drained"
    """It is over."""


class RefusalCode(StrEnum):
    """Every code of a refusal that the contract names."""

    NO_TICKET = "no_ticket"
    NO_TOKEN = "no_token"
    NOT_SIGNED_IN = "not_signed_in"
    NOT_ALLOWED = "not_allowed"
    FOREIGN_ORIGIN = "foreign_origin"
    DEVICE_REFUSED = "device_refused"
    PROOF_REQUIRED = "proof_required"
    ROOM_NOT_OPEN = "room_not_open"
    PERIOD_CLOSED = "period_closed"
    QUOTA_REACHED = "quota_reached"
    SUSPENDED = "suspended"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_USED = "token_used"
    TOKEN_OTHER_BROWSER = "token_other_browser"
    ACCOUNT_HAS_LIVE_TOKEN = "account_has_live_token"
    DUPLICATE_ACCOUNT = "duplicate_account"
    DUPLICATE_PERSON = "duplicate_person"
    ACCOUNT_TOO_RECENT = "account_too_recent"
    BAD_CREDENTIALS = "bad_credentials"
    BAD_SECURITY_ANSWERS = "bad_security_answers"
    SESSION_ENDED = "session_ended"
    DRAFT_EXPIRED = "draft_expired"
    DRAFT_INCOMPLETE = "draft_incomplete"
    SIGNATURE_MISSING = "signature_missing"
    MOVE_NOT_ALLOWED = "move_not_allowed"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    MISDIRECTED = "misdirected"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class Pledge(StrEnum):
    """What a violation is of: one of the promises that a client can check, or the contract as a whole."""

    CONTRACT = "contract"
    """An answer that the contract does not know."""
    NO_PHONES = "DV-02"
    """Only a personal computer may apply."""
    P1 = "P1"
    """Numbers."""
    P2 = "P2"
    """The cap."""
    P3 = "P3"
    """What was accepted."""
    P5 = "P5"
    """A token's time."""
    P6 = "P6"
    """Places behind calls."""
    P7 = "P7"
    """The order of calls."""
    P8 = "P8"
    """Connections and losses."""
    P9 = "P9"
    """Refusals."""


class JourneyEnd(StrEnum):
    """How a journey ended."""

    SUBMITTED = "submitted"
    """Accepted, with receipt and rank."""
    LEFT = "left"
    """Gave up the place, or gave the token back."""
    LAPSED = "lapsed"
    """Let the token's time pass."""
    QUOTA_REACHED = "quota_reached"
    """Was told that it is over."""
    REFUSED = "refused"
    """Met an expected "no", with its code."""
    FAILED = "failed"
    """A promise was broken, or the service never came back; with the reason."""
    TURNED_AWAY = "turned_away"
    """A telephone that was refused, as it should be, with the code."""
    ROBOT = "robot"
    """A robot at the end of its tries."""


class StepName(StrEnum):
    """What a request is for: the name of its statistics."""

    PAGE = "page"
    """The room's page."""
    JOIN = "join"
    """A candidate's request for a number."""
    ME = "me"
    """A look at one's place."""
    LEAVE = "leave"
    """Giving up the number, or the token."""
    SIGN_IN = "sign in"
    """User name, password, answers, and the token beside them."""
    SUBMIT = "submit"
    """The submission."""
    RECEIPT = "submission"
    """A look at what became of it."""
    PHONE = "phone"
    """A telephone's request for a number."""
    ROBOT = "robot"
    """A robot's."""


class PersonaKind(StrEnum):
    """Who comes."""

    CANDIDATE = "candidate"
    """Goes the whole way, as `plan.draw` has it."""
    WATCHER = "watcher"
    """Waits like everybody, and does nothing when called."""
    PHONE = "phone"
    """Asks for a number with a telephone, and is refused."""
    ROBOT = "robot"
    """Asks for number after number as fast as it can, from an address that several share; never looks at a page."""
    FAMILY = "family"
    """Seven browsers and one account: one of them is accepted."""
    MODEM = "modem"
    """A candidate whose line carries 56 kbit/s both ways."""
