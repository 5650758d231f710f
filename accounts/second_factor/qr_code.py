"""The secret as a picture that an authenticator reads: SVG with a title, drawn by segno. Pure."""

import segno

TITLE = "Code QR à lire avec votre application d’authentification"

SCALE = 4
"""Pixels a square: the whole fits into 320 pixels."""


def svg(uri: str) -> str:
    """The picture, as a part of a page: no style and no script is in it."""
    drawn: str = segno.make(uri, error="m").svg_inline(
        scale=SCALE, border=4, dark="#000", light="#fff", title=TITLE, svgclass=None, lineclass=None
    )
    return drawn
