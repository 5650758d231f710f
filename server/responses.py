"""Answers of the framework's routes."""

import msgspec
from starlette.responses import Response


def json_response(value: object, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")
