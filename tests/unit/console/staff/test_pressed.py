"""What a pressed button answers: on to where it was done, the page again, or what no page can show."""

from collections.abc import Container

import pytest
from starlette.responses import Response

from console.staff.pressed import answered, pressed
from foundation.errors import Code, Refusal, Unavailable


async def again(refusal: Refusal) -> Response:
    """The page, with the code as its text."""
    return Response(refusal.code, 422)


async def done() -> int:
    return 7


def refusing(refusal: Refusal) -> object:
    async def work() -> int:
        raise refusal

    return work


async def test_what_is_done_leads_on() -> None:
    """To an address that is known, or is made of what was done."""
    for then, address in (("/ici", "/ici"), (lambda made: f"/{made}", "/7")):
        answer = await pressed(done, then, again)
        assert (answer.status_code, answer.headers["location"]) == (303, address)


@pytest.mark.parametrize(
    ("code", "raised", "shown", "is_shown"),
    [
        (Code.INVALID, None, None, True),
        (Code.NOT_FOUND, None, None, False),
        (Code.NOT_FOUND, (), None, True),
        (Code.NOT_YOUR_ROLE, (Code.NOT_YOUR_ROLE,), None, False),
        (Code.INVALID, None, (Code.INVALID,), True),
        (Code.NOT_YOUR_ROLE, None, (Code.INVALID,), False),
    ],
)
async def test_a_refusal_is_shown_or_goes_on(
    code: Code, raised: Container[Code] | None, shown: Container[Code] | None, is_shown: bool
) -> None:
    """By default all but what is not there."""
    chosen = {} if raised is None else {"raised": raised}
    work = refusing(Refusal(code))
    if is_shown:
        answer = await pressed(work, "/", again, shown=shown, **chosen)  # type: ignore[arg-type]
        assert (answer.status_code, bytes(answer.body).decode()) == (422, code)
        return
    with pytest.raises(Refusal) as went_on:
        await pressed(work, "/", again, shown=shown, **chosen)  # type: ignore[arg-type]
    assert went_on.value.code == code


async def test_a_store_that_is_away_is_no_page_of_a_desk() -> None:
    """Whatever is to be shown."""
    with pytest.raises(Unavailable):
        await pressed(refusing(Unavailable("sql")), "/", again, raised=())  # type: ignore[arg-type]


async def test_what_was_asked_for_is_shown_on_a_page_of_its_own() -> None:
    """Or the page comes back; nobody is led anywhere, and a store that is away is never hidden."""

    async def page(made: int) -> Response:
        return Response(str(made), 200)

    found = await answered(done, page, again)
    assert (found.status_code, bytes(found.body)) == (200, b"7")
    refused = await answered(refusing(Refusal(Code.INVALID)), page, again)  # type: ignore[arg-type]
    assert refused.status_code == 422
    with pytest.raises(Unavailable):
        await answered(refusing(Unavailable("sql")), page, again)  # type: ignore[arg-type]
