"""Who may press the kill switch while SQL is away, where sessions are: whoever was at the desk in the last minutes.

Each answer at the desk gives the browser a signed cookie, good for a quarter of an hour and for this one act, beside
the session it was given with. Any web process can read it. What it cannot know is what SQL would say now: a session
that was ended or a role that was taken away in those minutes may still stop a period, and nothing else (ADR 0023).
"""

from starlette.requests import Request
from starlette.responses import Response

from accounts import sessions
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.signing import Seal, opened
from server.cookies import cookie_of, drop_cookie, set_cookie
from waitingroom.line.stops import digest_of

COOKIE = "operator-stop"

LASTS_MS = 15 * 60_000

RENEWED_MS = 60_000
"""A pass is given anew after so long: a page that refreshes itself each two seconds does not set a cookie each time."""


class StopPasses:
    """Gives passes and reads them."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts
        self._seal = Seal((accounts.secret,), "stop-pass")

    def give(self, request: Request, response: Response, operator: Session) -> None:
        """Put a pass for this session into the browser, unless it has a young one."""
        shown = sessions.shown(request, SessionRole.OPERATOR)
        if shown is not None:
            self._give(request, response, operator, shown)

    def give_new(self, request: Request, response: Response, signed_in: sessions.SignedIn) -> None:
        """The same with the session that this answer begins."""
        self._give(request, response, signed_in.session, sessions.digest(signed_in.secret))

    def _give(self, request: Request, response: Response, operator: Session, session: str) -> None:
        now = now_ms()
        by, expires_at = digest_of(operator.username), min(now + LASTS_MS, operator.expires_at)
        held = self._read(request)
        if held is not None and held[:2] == (session, by) and held[2] > expires_at - RENEWED_MS:
            return
        text = self._seal.seal(f"{session}:{by}:{expires_at}")
        set_cookie(response, COOKIE, text, secure=self._accounts.secure, max_age=LASTS_MS // 1000)

    def by(self, request: Request) -> str | None:
        """The digest of whose pass this is (`stops.digest_of`), or None where there is none that is good now."""
        held = self._read(request)
        if held is None or held[0] != sessions.shown(request, SessionRole.OPERATOR) or held[2] <= now_ms():
            return None
        return held[1]

    def _read(self, request: Request) -> tuple[str, str, int] | None:
        """The session's digest, whose it is, and until when, of a pass that we signed."""
        text = opened(self._seal, cookie_of(request.cookies, COOKIE) or "")
        if text is None:
            return None
        session, by, expires_at = text.split(":")
        return session, by, int(expires_at)


def forget(response: Response, *, secure: bool) -> None:
    """Take the pass out of the browser, with the session."""
    drop_cookie(response, COOKIE, secure=secure)
