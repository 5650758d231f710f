"""What the current task works for: the id of its request."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request this task works for; on every line logged meanwhile."""
