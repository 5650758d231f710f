"""Cookies closed to scripts, that other sites cannot send with a form."""

from functools import lru_cache

from starlette.responses import Response


@lru_cache(64)
def attributes(secure: bool, max_age: int | None) -> str:
    """What follows name and value in `Set-Cookie`."""
    lasts = "" if max_age is None else f"; Max-Age={max_age}"
    return f"; HttpOnly{lasts}; Path=/; SameSite=lax{'; Secure' * secure}"


def cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> tuple[bytes, bytes]:
    """The header of a cookie whose value needs no quoting.

    `max_age` in seconds: None lasts as long as the browser runs, 0 removes the cookie.
    """
    return b"set-cookie", f"{name}={value}{attributes(secure, max_age)}".encode("latin-1")


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, max_age: int | None = None
) -> None:
    """The same on an answer of the framework."""
    response.raw_headers.append(cookie(name, value, secure=secure, max_age=max_age))
