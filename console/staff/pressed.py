"""What a pressed button of a desk's page answers: it is done and one goes on, or is shown what was asked for; or the
page comes back with why not.

The one frame of such handlers, so that none of them shows a page of a desk while the store that it reads is away
(Unavailable goes on to the page that says so), and none hides a refusal that no form can put right.
"""

from collections.abc import Awaitable, Callable, Container
from typing import TypeVar

from starlette.responses import RedirectResponse, Response

from foundation.errors import Code, Refusal, Unavailable

T = TypeVar("T")

Again = Callable[[Refusal], Awaitable[Response]]
"""The page once more: as it is now, with what was refused and what was typed."""

NOT_HERE: Container[Code] = frozenset({Code.NOT_FOUND})
"""Refusals that leave no page to show: what the address names is not there."""


async def pressed(
    work: Callable[[], Awaitable[T]],
    then: str | Callable[[T], str],
    again: Again,
    *,
    raised: Container[Code] = NOT_HERE,
    shown: Container[Code] | None = None,
) -> Response:
    """Do the work of a button, read its fields included, and go on (303) to the address `then`, or the one that it
    makes of what was done.

    A refusal is shown by `again`; those in `raised` go on as they are, and where `shown` names some, all but those.
    Raises Unavailable.
    """

    async def gone_on(made: T) -> Response:
        return RedirectResponse(then if isinstance(then, str) else then(made), 303)

    return await answered(work, gone_on, again, raised=raised, shown=shown)


async def answered(
    work: Callable[[], Awaitable[T]],
    page: Callable[[T], Awaitable[Response]],
    again: Again,
    *,
    raised: Container[Code] = NOT_HERE,
    shown: Container[Code] | None = None,
) -> Response:
    """The same where a button shows a page of what was found, such as a preview: nothing was done."""
    try:
        made = await work()
    except Unavailable:
        raise
    except Refusal as refusal:
        if refusal.code in raised or (shown is not None and refusal.code not in shown):
            raise
        return await again(refusal)
    return await page(made)
