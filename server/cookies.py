"""Cookies closed to scripts, that other sites cannot send with a form.

Behind TLS their names begin with `__Host-`: browsers take such a cookie only from this very host, so that no other site
below the same domain can plant one (RFC 6265bis, 4.1.3.2).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from starlette.responses import Response

HOST_ONLY: Final = "__Host-"


@lru_cache(64)
def attributes(secure: bool, max_age: int | None) -> str:
    """What follows name and value in `Set-Cookie`."""
    lasts = "" if max_age is None else f"; Max-Age={max_age}"
    return f"; HttpOnly{lasts}; Path=/; SameSite=lax{'; Secure' * secure}"


def full_name(name: str, secure: bool) -> str:
    """The name that a cookie has in the browser."""
    return f"{HOST_ONLY}{name}" if secure else name


def cookie_of(cookies: Mapping[str, str], name: str) -> str | None:
    """The value of a cookie of ours. Without the prefix it counts where there is none with it: it was given in plain
    http, or by a release before the prefix, and whoever holds it keeps their place."""
    return cookies.get(f"{HOST_ONLY}{name}") or cookies.get(name)


def cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> tuple[bytes, bytes]:
    """The header of a cookie whose value needs no quoting.

    `max_age` in seconds: None lasts as long as the browser runs, 0 removes the cookie.
    """
    text = f"{full_name(name, secure)}={value}{attributes(secure, max_age)}"
    return b"set-cookie", text.encode("latin-1")


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, max_age: int | None = None
) -> None:
    """The same on an answer of the framework."""
    response.raw_headers.append(cookie(name, value, secure=secure, max_age=max_age))


def drop_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Take a cookie out of the browser, also the one of before the prefix."""
    set_cookie(response, name, "", secure=secure, max_age=0)
    if secure:
        response.raw_headers.append((b"set-cookie", f"{name}={attributes(secure, 0)}".encode("latin-1")))
